/* SPDX-License-Identifier: MIT */
/* FindSimilar: cases like one that exists or one being typed. Reads the grids within 50 m for a day before and after. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "server/domain/similar.h"
#include "server/service/audit.h"
#include "server/service/case_view.h"
#include "server/service/report_scope.h"
#include "server/service/search_methods.h"
#include "server/store/case_store.h"

enum { FOUND_DEFAULT = 5, FOUND_MAX = 20, CANDIDATES_MAX = 500, GRIDS_MAX = 32, TEXT_BYTES = (2000 + 1 + 200) * 4 + 2 };
static const char WHY[] = "find similar";

struct candidate {
    const struct case_row *row;
    struct similar_score score;
};

struct similar {
    struct rpc_call *call;
    struct directory *dir;
    struct uuid case_id;
    int max;
    int64_t grid;
    char category_code[6];
    struct similar_side side;
    struct similar_query query;
    int64_t grids[GRIDS_MAX];
};

static char *fold_both(struct arena *a, const char *description, const char *address)
{
    size_t n = strlen(description), m = address ? strlen(address) : 0;
    char *out = arena_alloc(a, n + m + 3);
    if (!out)
        return NULL;
    size_t len = search_fold(description, out);
    if (m) {
        out[len++] = ' ';
        (void)search_fold(address, out + len);
    }
    return out;
}

/* As the caller may read it: what is masked to him is not compared either, or shared words and scores would tell it. */
static char *fold_shown(const struct similar *s, const struct case_row *row)
{
    struct arena *a = rpc_arena(s->call);
    const struct view_lens lens =
        view_lens_of(&service_caller(s->call)->actor, case_has(&row->snap, CASE_CONFIDENTIAL), &row->snap.reporter);
    const char *description = view_text(a, &lens, row->description);
    const char *address = view_text(a, &lens, row->address);
    return description && address ? fold_both(a, description, address) : NULL;
}

static int by_score(const void *x, const void *y)
{
    const struct candidate *a = x, *b = y;
    if (a->score.score != b->score.score)
        return a->score.score > b->score.score ? -1 : 1;
    return a->row->snap.reported_at > b->row->snap.reported_at ? -1 : a->row->snap.reported_at < b->row->snap.reported_at;
}

static Wangge__V1__SimilarCase *view(struct similar *s, const struct candidate *c)
{
    struct arena *a = rpc_arena(s->call);
    Wangge__V1__SimilarCase *v = arena_alloc(a, sizeof *v);
    char **words = arena_alloc(a, SIMILAR_WORDS_MAX * sizeof *words);
    if (!v || !words)
        return NULL;
    wangge__v1__similar_case__init(v);
    v->case_ = view_case(a, service_ctx_of(s->call), s->dir, &service_caller(s->call)->actor, c->row, false);
    v->score = round(c->score.score * 1000) / 1000;
    v->distance_m = c->score.distance_m < 0 ? -1 : round(c->score.distance_m * 10) / 10;
    v->hours = round(c->score.hours * 100) / 100;
    v->words = words;
    for (int i = 0; i < c->score.n_words; i++) {
        words[i] = arena_strdup(a, c->score.words[i]);
        if (!words[i])
            return NULL;
        v->n_words++;
    }
    return v->case_ ? v : NULL;
}

static void on_rows(void *arg, const struct case_row *rows, int n, const struct err *e)
{
    struct similar *s = arg;
    struct arena *a = rpc_arena(s->call);
    struct err failed = *e;
    Wangge__V1__FindSimilarResponse response = WANGGE__V1__FIND_SIMILAR_RESPONSE__INIT;
    struct search_terms *scratch = arena_alloc(a, 2 * sizeof *scratch);
    struct candidate *found = arena_alloc(a, ((size_t)n + 1) * sizeof *found);
    int n_found = 0;
    if (!failed.code && (!scratch || !found))
        (void)err_set(&failed, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    for (int i = 0; !failed.code && i < n; i++) {
        struct similar_side other = {
            .text = fold_shown(s, &rows[i]),
            .has_place = rows[i].has_location,
            .place = {.lat = rows[i].latitude, .lon = rows[i].longitude},
            .at = rows[i].snap.reported_at,
        };
        if (!other.text) {
            (void)err_set(&failed, ERR_NOMEM, "The server is out of memory for this call. Try again.");
            break;
        }
        /* Without a place on one side only the same grid is near enough. */
        if (!(s->side.has_place && other.has_place) && rows[i].snap.grid != s->grid)
            continue;
        found[n_found].row = &rows[i];
        similar_compare(&s->side, &other, scratch, &found[n_found].score);
        n_found += found[n_found].score.score > 0;
    }
    if (!failed.code) {
        qsort(found, (size_t)n_found, sizeof *found, by_score);
        response.cases = arena_alloc(a, FOUND_MAX * sizeof *response.cases);
        for (int i = 0; response.cases && i < n_found && i < s->max; i++) {
            Wangge__V1__SimilarCase *v = view(s, &found[i]);
            if (!v) {
                (void)err_set(&failed, ERR_NOMEM, "The answer is too large. Ask for less.");
                break;
            }
            response.cases[response.n_cases++] = v;
        }
    }
    if (failed.code)
        rpc_fail(s->call, &failed);
    else
        rpc_reply(s->call, &response.base);
    rpc_call_unref(s->call, WHY);
}

static void add_grid(struct similar *s, int64_t code)
{
    for (int i = 0; i < s->query.n_grids; i++) {
        if (s->grids[i] == code)
            return;
    }
    if (s->query.n_grids < GRIDS_MAX)
        s->grids[s->query.n_grids++] = code;
}

/* The grids that 50 m reach into: those at the place and at eight points around it, each with its neighbours at the border. */
static void find_grids(struct similar *s)
{
    static const double around[9][2] = {{0, 0},  {1, 0},       {0.7, 0.7}, {0, 1},     {-0.7, 0.7},
                                        {-1, 0}, {-0.7, -0.7}, {0, -1},    {0.7, -0.7}};
    int32_t day = clock_local_day(s->side.at, BUSINESS_UTC_OFFSET_S);
    s->query.grids = s->grids;
    if (s->grid)
        add_grid(s, s->grid);
    for (int i = 0; s->side.has_place && i < 9; i++) {
        struct dir_candidate at[DIRECTORY_MAX_CANDIDATES];
        double metre = 1 / 111195.0;
        struct dir_point p = {
            .lat = s->side.place.lat + around[i][0] * SIMILAR_METRES * metre,
            .lon = s->side.place.lon +
                   around[i][1] * SIMILAR_METRES * metre / fmax(cos(s->side.place.lat * 0.017453292519943295), 0.01),
        };
        size_t n = directory_locate(s->dir, p, day, at, DIRECTORY_MAX_CANDIDATES);
        for (size_t j = 0; j < n; j++)
            add_grid(s, at[j].grid->code);
        if (i == 0 && s->grid == 0 && n > 0)
            s->grid = at[0].grid->code;
    }
}

static int start(struct similar *s, struct err *e)
{
    struct arena *a = rpc_arena(s->call);
    char family[4] = "";
    memcpy(family, s->category_code, 3); /* letter and two digits */
    int rc = scope_categories(a, s->dir, family, "category_code", &s->query.category_ids, &s->query.n_categories, e);
    if (rc)
        return rc;
    find_grids(s);
    if (s->query.n_grids == 0)
        return err_field(e, ERR_INVALID, "grid_code", "Give grid_code, or a location within a grid.");
    s->query.from = s->side.at - 24 * 3600 * USEC_PER_SEC;
    s->query.to = s->side.at + 24 * 3600 * USEC_PER_SEC;
    s->query.from_day = clock_local_day(s->query.from, BUSINESS_UTC_OFFSET_S);
    s->query.to_day = clock_local_day(s->query.to, BUSINESS_UTC_OFFSET_S);
    s->query.limit = CANDIDATES_MAX;
    return search_store_similar(service_ctx_of(s->call)->db, &s->query, a, rpc_deadline(s->call), on_rows, s, e);
}

static void on_case(void *arg, const struct case_row *row, const struct err *e)
{
    struct similar *s = arg;
    struct policy_view view;
    struct err failed = *e;
    policy_view_of(&service_caller(s->call)->actor, &view);
    if (!failed.code && (!row || !policy_sees(&view, &row->snap))) {
        audit_hidden(s->call, &s->case_id);
        (void)err_set(&failed, ERR_NOT_FOUND, "There is no such case, or it is not yours to see.");
    }
    const struct dir_category *c = failed.code ? NULL : directory_category_by_id(s->dir, row->snap.category_id);
    if (!failed.code && !c)
        (void)err_set(&failed, ERR_INTERNAL, "The case has no category.");
    if (!failed.code) {
        (void)text_copy(s->category_code, sizeof s->category_code, c->code);
        s->grid = row->snap.grid;
        s->query.except = row->snap.id;
        s->side = (struct similar_side){
            .text = fold_shown(s, row),
            .has_place = row->has_location,
            .place = {.lat = row->latitude, .lon = row->longitude},
            .at = row->snap.reported_at,
        };
        if (!s->side.text)
            (void)err_set(&failed, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    }
    if (failed.code || start(s, &failed))
        service_fail_unref(s->call, &failed, WHY);
}

static int decode(struct similar *s, const Wangge__V1__FindSimilarRequest *req, struct err *e)
{
    const struct service_ctx *ctx = service_ctx_of(s->call);
    if (req->max < 0 || req->max > FOUND_MAX)
        return err_field(e, ERR_INVALID, "max", "max must be 0 to %d.", FOUND_MAX);
    s->max = req->max ? req->max : FOUND_DEFAULT;
    int rc = search_scope_of(&service_caller(s->call)->actor, "", &s->query.scope, e);
    if (rc)
        return rc;
    if (*req->case_id) {
        if (!uuid_parse(req->case_id, &s->case_id))
            return err_field(e, ERR_INVALID, "case_id", "case_id must be a UUID.");
        return case_store_get(ctx->db, service_scope(s->call), &s->case_id, rpc_arena(s->call), rpc_deadline(s->call), on_case,
                              s, e);
    }
    if (!*req->category_code)
        return err_field(e, ERR_INVALID, "category_code", "Give case_id, or the category of the case being typed.");
    if (!directory_category_by_code(s->dir, req->category_code))
        return err_field(e, ERR_INVALID, "category_code", "There is no category %.5s.", req->category_code);
    (void)text_copy(s->category_code, sizeof s->category_code, req->category_code);
    if (*req->grid_code) {
        struct err why;
        if (region_parse(req->grid_code, &s->grid, &why) || region_level_of(s->grid) != LEVEL_GRID)
            return err_field(e, ERR_INVALID, "grid_code", "grid_code must have 15 digits.");
    }
    if (text_chars(req->description, strlen(req->description)) > 2000)
        return err_field(e, ERR_INVALID, "description", "description has at most 2000 characters.");
    if (text_chars(req->address, strlen(req->address)) > 200)
        return err_field(e, ERR_INVALID, "address", "address has at most 200 characters.");
    if (!view_parse_time(req->happened_at, &s->side.at))
        return err_field(e, ERR_INVALID, "happened_at", "happened_at is not a valid time.");
    if (s->side.at == USEC_NONE)
        s->side.at = ctx->clock->now(ctx->clock);
    if (req->location) {
        const Wangge__V1__Point *p = req->location;
        if (!(p->latitude >= -90 && p->latitude <= 90 && p->longitude >= -180 && p->longitude <= 180))
            return err_field(e, ERR_INVALID, "location", "location must be degrees of WGS 84.");
        s->side.has_place = true;
        s->side.place = (struct dir_point){.lat = p->latitude, .lon = p->longitude};
    }
    s->side.text = fold_both(rpc_arena(s->call), req->description, req->address);
    if (!s->side.text)
        return err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    return start(s, e);
}

void search_similar(struct rpc_call *call, const ProtobufCMessage *msg)
{
    struct err e = {0};
    if (service_require(call, PERM_SEARCH))
        return;
    struct directory *dir = service_hold_directory(call);
    struct similar *s = dir ? service_alloc(call, sizeof *s) : NULL;
    if (!s)
        return;
    s->call = rpc_call_ref(call, WHY);
    s->dir = dir;
    if (decode(s, (const Wangge__V1__FindSimilarRequest *)msg, &e))
        service_fail_unref(call, &e, WHY);
}

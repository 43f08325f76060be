/* SPDX-License-Identifier: MIT */
#include "server/service/case_request.h"

#include <sodium.h>
#include <string.h>

#include "common/base/text.h"
#include "server/service/case_view.h"
#include "server/service/people_view.h"
#include "server/store/account_store.h"

#define E_NOMEM(e) err_set((e), ERR_NOMEM, "The request is too large. Send it in smaller parts.")

int request_parse_id(const char *s, const char *field, struct uuid *ret, struct err *e)
{
    if (!uuid_parse(s, ret) || uuid_version(ret) != 7)
        return err_field(e, ERR_INVALID, field, "%s must be a UUID of version 7 in its canonical form.", field);
    return 0;
}

/* Copies a text of min..max characters; *ret is NULL when it is empty and may be. */
static int copy_text(struct arena *a, const char *s, size_t min, size_t max, const char *field, const char **ret, struct err *e)
{
    size_t len = strlen(s);
    size_t chars = text_chars(s, len);
    if (min > 0 && text_visible_chars(s) < min)
        return err_field(e, ERR_INVALID, field, "%s is required.", field);
    if (chars > max)
        return err_field(e, ERR_INVALID, field, "%s has %zu characters; at most %zu are allowed.", field, chars, max);
    *ret = NULL;
    if (len == 0)
        return 0;
    *ret = arena_strndup(a, s, len);
    return *ret ? 0 : E_NOMEM(e);
}

static int parse_time(const Google__Protobuf__Timestamp *t, const char *field, usec_t *ret, struct err *e)
{
    if (!view_parse_time(t, ret))
        return err_field(e, ERR_INVALID, field, "%s is not a valid time.", field);
    return 0;
}

static int parse_category(const struct directory *dir, const char *code, int16_t *ret, struct err *e)
{
    const struct dir_category *c = directory_category_by_code(dir, code);
    if (!c)
        return err_field(e, ERR_NOT_FOUND, "category_code", "There is no category %.16s. List them to choose one.", code);
    *ret = c->id;
    return 0;
}

static int parse_organ(const struct directory *dir, const char *code, const char *field, int32_t *ret, struct err *e)
{
    const struct dir_organ *o = directory_organ_by_code(dir, code);
    if (!o)
        return err_field(e, ERR_NOT_FOUND, field, "There is no organ %.32s. List them to choose one.", code);
    *ret = o->id;
    return 0;
}

/* The grid a point lies in, if it is exactly one. */
static int locate(const struct service_ctx *ctx, const struct directory *dir, const Wangge__V1__Point *p, usec_t happened_at,
                  int64_t *ret, struct err *e)
{
    struct dir_candidate found[DIRECTORY_MAX_CANDIDATES];
    usec_t at = happened_at == USEC_NONE ? ctx->clock->now(ctx->clock) : happened_at;
    struct dir_point point = {.lat = p->latitude, .lon = p->longitude};
    size_t n = directory_locate(dir, point, clock_local_day(at, BUSINESS_UTC_OFFSET_S), found, DIRECTORY_MAX_CANDIDATES);
    if (n == 0)
        return err_field(e, ERR_NOT_FOUND, "location", "No grid holds this point. Give the grid's code.");
    if (n > 1) {
        char first[REGION_TEXT_SIZE];
        char second[REGION_TEXT_SIZE];
        region_format(found[0].grid->code, first);
        region_format(found[1].grid->code, second);
        return err_field(e, ERR_INVALID, "grid_code", "The point lies near a border (%s or %s). Give the grid's code.", first,
                         second);
    }
    *ret = found[0].grid->code;
    return 0;
}

static int decode_place(const struct service_ctx *ctx, const struct directory *dir, const Wangge__V1__SubmitCaseRequest *req,
                        struct intake *ret, struct err *e)
{
    const Wangge__V1__Point *p = req->location;
    if (p) {
        /* Written so that NaN is refused too. */
        if (!(p->latitude >= -90 && p->latitude <= 90 && p->longitude >= -180 && p->longitude <= 180))
            return err_field(e, ERR_INVALID, "location", "Latitude must be -90 to 90, longitude -180 to 180.");
        ret->has_location = true;
        ret->latitude = p->latitude;
        ret->longitude = p->longitude;
    }
    if (!*req->grid_code) {
        if (!p)
            return err_field(e, ERR_INVALID, "grid_code", "grid_code is required unless location is given.");
        return locate(ctx, dir, p, ret->act.happened_at, &ret->act.grid, e);
    }
    struct err why;
    if (region_parse(req->grid_code, &ret->act.grid, &why) || region_level_of(ret->act.grid) != LEVEL_GRID)
        return err_field(e, ERR_INVALID, "grid_code", "grid_code must be a grid's 15 digits.");
    if (!directory_region(dir, ret->act.grid))
        return err_field(e, ERR_NOT_FOUND, "grid_code", "There is no grid %s.", req->grid_code);
    return 0;
}

static int decode_evidence(char *const *ids, size_t n, struct evidence *ret, struct err *e)
{
    if (n > REQUEST_ATTACHMENTS_MAX)
        return err_field(e, ERR_INVALID, "attachment_ids", "At most %d files can be the evidence of a step.",
                         REQUEST_ATTACHMENTS_MAX);
    for (size_t i = 0; i < n; i++) {
        int rc = request_parse_id(ids[i], "attachment_ids", &ret->ids[i], e);
        if (rc)
            return rc;
    }
    ret->n = (int)n;
    return 0;
}

int request_check_claim(const struct evidence *v, int claimed, struct err *e)
{
    if (claimed == v->n)
        return 0;
    return err_field(e, ERR_NOT_FOUND, "attachment_ids",
                     "Only %d of the %d files are whole, of this case and not the evidence of another step. Upload the others.",
                     claimed, v->n);
}

int request_decode_intake(const struct service_ctx *ctx, const struct directory *dir, struct arena *a,
                          const Wangge__V1__SubmitCaseRequest *req, bool import, struct intake *ret, struct err *e)
{
    memset(ret, 0, sizeof *ret);
    act_init(&ret->act, *req->settle_text ? ACT_SETTLE : ACT_SUBMIT);
    int rc = request_parse_id(req->request_id, "request_id", &ret->request_id, e);
    if (!rc)
        rc = request_parse_id(req->case_id, "case_id", &ret->act.case_id, e);
    if (!rc)
        rc = parse_time(req->happened_at, "happened_at", &ret->act.happened_at, e);
    if (!rc && import && ret->act.happened_at == USEC_NONE)
        rc = err_field(e, ERR_INVALID, "happened_at", "happened_at is required in an import.");
    if (!rc)
        rc = copy_text(a, req->description, 1, REQUEST_TEXT_MAX, "description", &ret->description, e);
    if (!rc)
        rc = copy_text(a, req->address, 0, REQUEST_ADDRESS_MAX, "address", &ret->address, e);
    if (!rc)
        rc = copy_text(a, req->settle_text, 0, REQUEST_TEXT_MAX, "settle_text", &ret->act.text, e);
    /* What a report says is its description. */
    if (!rc && !ret->act.text)
        ret->act.text = ret->description;
    if (!rc)
        rc = parse_category(dir, req->category_code, &ret->act.category_id, e);
    if (!rc)
        rc = decode_place(ctx, dir, req, ret, e);
    if (rc)
        return rc;
    if ((unsigned)req->urgency >= URGENCY_COUNT)
        return err_field(e, ERR_INVALID, "urgency", "There is no urgency %d.", (int)req->urgency);
    if ((unsigned)req->channel >= CHANNEL_COUNT)
        return err_field(e, ERR_INVALID, "channel", "There is no channel %d.", (int)req->channel);
    ret->act.urgency = (enum urgency)req->urgency;
    ret->act.channel = (enum channel)req->channel;
    ret->act.confidential = req->confidential;
    rc = decode_evidence(req->attachment_ids, req->n_attachment_ids, &ret->evidence, e);
    if (rc)
        return rc;
    ret->n_people = (int)req->n_people;
    return people_decode(ctx, a, &ret->act.case_id, req->confidential, req->people, req->n_people, &ret->people, e);
}

/* What only some actions take; the gate says whether this one does. */
static int decode_decision(struct arena *a, const Wangge__V1__ActRequest *req, struct act *act, struct err *e)
{
    if ((unsigned)req->approval >= APPROVAL_COUNT)
        return err_field(e, ERR_INVALID, "approval", "There is no kind of approval %d.", (int)req->approval);
    if ((unsigned)req->card >= CARD_COUNT)
        return err_field(e, ERR_INVALID, "card", "There is no card %d.", (int)req->card);
    act->approval = (enum approval_kind)req->approval;
    act->card = (enum card)req->card;
    act->level = req->level;
    return copy_text(a, req->outside_number, 0, REQUEST_OUTSIDE_MAX, "outside_number", &act->outside_number, e);
}

int request_decode_act(const struct directory *dir, struct arena *a, const Wangge__V1__ActRequest *req, bool import,
                       struct act_request *ret, struct err *e)
{
    memset(ret, 0, sizeof *ret);
    if ((int)req->action <= ACT_NONE || (int)req->action >= ACT_COUNT)
        return err_field(e, ERR_INVALID, "action", "There is no action %d.", (int)req->action);
    struct act *act = &ret->act;
    act_init(act, (enum action)req->action);
    int rc = request_parse_id(req->request_id, "request_id", &ret->request_id, e);
    if (!rc && !import)
        rc = request_parse_id(req->case_id, "case_id", &ret->case_id, e);
    if (rc)
        return rc;
    if (req->expected_version < 0)
        return err_field(e, ERR_INVALID, "expected_version", "expected_version must not be negative.");
    if (req->expected_version > INT32_MAX)
        return err_field(e, ERR_INVALID, "expected_version",
                         "expected_version is higher than any version; look at the case again.");
    act->expected_version = req->expected_version;
    rc = copy_text(a, req->text, 0, REQUEST_TEXT_MAX, "text", &act->text, e);
    if (!rc)
        rc = copy_text(a, req->reason_code, 0, REQUEST_REASON_MAX, "reason_code", &act->reason_code, e);
    if (!rc && *req->organ_code)
        rc = parse_organ(dir, req->organ_code, "organ_code", &act->organ_id, e);
    if (!rc && *req->category_code)
        rc = parse_category(dir, req->category_code, &act->category_id, e);
    if (!rc)
        rc = parse_time(req->happened_at, "happened_at", &act->happened_at, e);
    if (!rc && import && act->happened_at == USEC_NONE)
        rc = err_field(e, ERR_INVALID, "happened_at", "happened_at is required in an import.");
    if (!rc)
        rc = parse_time(req->until, "until", &act->until, e);
    if (!rc && *req->target_case_id)
        rc = request_parse_id(req->target_case_id, "target_case_id", &ret->target_id, e);
    if (rc)
        return rc;
    if (req->n_co_organ_codes > CASE_MAX_CO_ORGANS)
        return err_field(e, ERR_INVALID, "co_organ_codes", "At most %d organs can help.", CASE_MAX_CO_ORGANS);
    for (size_t i = 0; i < req->n_co_organ_codes; i++) {
        rc = parse_organ(dir, req->co_organ_codes[i], "co_organ_codes", &act->co_organ_ids[i], e);
        if (rc)
            return rc;
    }
    act->n_co = (int)req->n_co_organ_codes;
    if ((unsigned)req->check_result >= CHECK_COUNT)
        return err_field(e, ERR_INVALID, "check_result", "There is no check result %d.", (int)req->check_result);
    act->check_result = (enum check_result)req->check_result;
    if ((unsigned)req->responded > YES_NO_NO)
        return err_field(e, ERR_INVALID, "responded", "There is no answer %d.", (int)req->responded);
    if ((unsigned)req->solved > YES_NO_NO)
        return err_field(e, ERR_INVALID, "solved", "There is no answer %d.", (int)req->solved);
    act->responded = (enum yes_no)req->responded;
    act->solved = (enum yes_no)req->solved;
    if (req->n_attachment_ids > 0 && !state_table_takes(act->action, FIELD_ATTACHMENT_IDS))
        return err_field(e, ERR_INVALID, "attachment_ids", "%s takes no evidence.", action_name(act->action));
    if (*req->assignee && (import || !state_table_takes(act->action, FIELD_ASSIGNEE)))
        return err_field(e, ERR_INVALID, "assignee", "%s takes no assignee.", action_name(act->action));
    rc = decode_evidence(req->attachment_ids, req->n_attachment_ids, &ret->evidence, e);
    if (!rc)
        rc = copy_text(a, req->assignee, 0, ACCOUNT_LOGIN_MAX, "assignee", &ret->assignee, e);
    return rc ? rc : decode_decision(a, req, act, e);
}

int request_hash(struct arena *a, const ProtobufCMessage *msg, int64_t *ret, struct err *e)
{
    size_t len = protobuf_c_message_get_packed_size(msg);
    uint8_t *bytes = arena_alloc(a, len + 1);
    if (!bytes)
        return E_NOMEM(e);
    (void)protobuf_c_message_pack(msg, bytes);
    unsigned char digest[crypto_generichash_BYTES];
    (void)crypto_generichash(digest, sizeof digest, bytes, len, NULL, 0);
    uint64_t v = 0;
    for (int i = 0; i < 8; i++)
        v = v << 8 | digest[i];
    *ret = (int64_t)v;
    return 0;
}

int request_hash_of_intake(const struct service_ctx *ctx, struct arena *a, const ProtobufCMessage *msg, bool with_people,
                           int64_t *ret, struct err *e)
{
    return with_people && ctx->secret ? person_request_hash(ctx->secret, a, msg, ret, e) : request_hash(a, msg, ret, e);
}

void request_refusal_err(const struct gate_refusal *why, struct err *e)
{
    if (why->field && *why->field)
        (void)err_field(e, why->code, why->field, "%s", why->text);
    else
        (void)err_set(e, why->code, "%s", why->text);
    err_detail(e, "rule %s", why->rule);
}

struct uuid request_person_id(const struct uuid *source, const char *name)
{
    unsigned char digest[16];
    crypto_generichash_state state;
    (void)crypto_generichash_init(&state, NULL, 0, sizeof digest);
    (void)crypto_generichash_update(&state, source->bytes, sizeof source->bytes);
    (void)crypto_generichash_update(&state, (const unsigned char *)name, strlen(name));
    (void)crypto_generichash_final(&state, digest, sizeof digest);
    return uuid_from_hash(digest);
}

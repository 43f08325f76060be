/* SPDX-License-Identifier: MIT */
#include "server/search_verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/db/result.h"
#include "server/domain/posting.h"
#include "server/domain/search_terms.h"

enum { CO_ORGANS_MAX = 64, TERM_TEXT = 12 };

static int fail(PGconn *pg, struct err *e)
{
    (void)err_set(e, ERR_UNAVAILABLE, "The search index could not be read. Nothing was verified.");
    err_detail(e, "%s", PQerrorMessage(pg));
    return e->code;
}

/* Every case folded has a place; nothing else has. */
static int count_places(PGconn *pg, struct err *e)
{
    int found = 0;
    PGresult *res =
        PQexec(pg, "select (select count(*) from search_slot), (select sum(slots) from search_segment), (select count(*)"
                   " from case_event v, search_position p where v.version = 1"
                   " and (v.feed_xid, v.seq) <= (p.feed_xid, p.seq))");
    if (PQresultStatus(res) != PGRES_TUPLES_OK) {
        found = fail(pg, e);
    } else {
        int64_t slots = strtoll(PQgetvalue(res, 0, 0), NULL, 10), places = strtoll(PQgetvalue(res, 0, 1), NULL, 10),
                cases = strtoll(PQgetvalue(res, 0, 2), NULL, 10);
        if (slots != cases || places != cases) {
            found = 1;
            printf("search: %" PRId64 " cases were folded, %" PRId64 " have a place, segments count %" PRId64 "\n", cases,
                   slots, places);
        }
    }
    PQclear(res);
    return found;
}

/* How many of the terms the case's place does not have. */
static int missing(PGconn *pg, const struct search_terms *t, const char *segment, int slot, struct err *e)
{
    char list[SEARCH_TERMS_MAX * TERM_TEXT + 3];
    const char *values[] = {list, segment};
    size_t len = 0;
    int held = 0;
    for (int i = 0; i < t->n; i++)
        len += (size_t)snprintf(list + len, sizeof list - len, "%c%" PRId32, i ? ',' : '{', t->items[i]);
    (void)snprintf(list + len, sizeof list - len, "}");
    PGresult *res =
        PQexecParams(pg, "select hits from search_posting where term = any ($1::integer[]) and segment = $2::integer", 2, NULL,
                     values, NULL, NULL, 1);
    if (PQresultStatus(res) != PGRES_TUPLES_OK) {
        PQclear(res);
        return fail(pg, e);
    }
    for (int i = 0; i < PQntuples(res); i++) {
        struct posting p;
        posting_clear(&p);
        if (posting_decode(&p, (const unsigned char *)PQgetvalue(res, i, 0), (size_t)PQgetlength(res, i, 0)) == 0)
            held += posting_has(&p, slot);
    }
    PQclear(res);
    return t->n - held;
}

/* Terms of row i; NULL without memory. */
static struct search_terms *terms_of(const PGresult *res, int i)
{
    int32_t helpers[CO_ORGANS_MAX];
    struct search_case c = {
        .number = strtoll(PQgetvalue(res, i, 1), NULL, 10),
        .grid = strtoll(PQgetvalue(res, i, 2), NULL, 10),
        .category_id = (int16_t)strtol(PQgetvalue(res, i, 3), NULL, 10),
        .organ_id = (int32_t)strtol(PQgetvalue(res, i, 4), NULL, 10),
        .co_organ_ids = helpers,
        .n_co = db_get_i32_list(res, i, 5, helpers, CO_ORGANS_MAX),
        .open = PQgetvalue(res, i, 6)[0] == 't',
        .description = PQgetvalue(res, i, 7),
        .address = PQgetvalue(res, i, 8),
    };
    char *buf = malloc(strlen(c.description) + strlen(c.address) + 1);
    struct search_terms *t = buf ? malloc(sizeof *t) : NULL;
    if (t)
        search_terms_of_case(t, &c, buf);
    free(buf);
    return t;
}

/* Cases with events behind the position are not in it as they are now: they are left out. */
static int look_up(PGconn *pg, int max, struct err *e)
{
    int found = 0;
    PGresult *res = PQexec(
        pg,
        "select c.id, c.number, c.grid_code, c.category_id, coalesce(c.organ_id, 0), coalesce(array_to_string(c.co_organ_ids, "
        "','), ''),"
        " c.state <= 9, c.description, coalesce(c.address, ''), s.segment, s.slot"
        " from search_slot s tablesample system ((select least(100, greatest(0.01, 2e6 / greatest(reltuples, 1))) from pg_class"
        "  where oid = 'search_slot'::regclass)) join case_file c on c.id = s.case_id"
        " where not exists (select from case_event v, search_position p"
        "  where v.case_id = c.id and (v.feed_xid, v.seq) > (p.feed_xid, p.seq))"
        " limit 200");
    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        found = fail(pg, e);
    for (int i = 0; found >= 0 && found < max && i < PQntuples(res); i++) {
        struct search_terms *t = terms_of(res, i);
        int n = t ? missing(pg, t, PQgetvalue(res, i, 9), (int)strtol(PQgetvalue(res, i, 10), NULL, 10), e)
                  : err_set(e, ERR_NOMEM, "Out of memory.");
        free(t);
        if (n < 0) {
            found = n;
        } else if (n > 0) {
            found++;
            printf("search: case %s cannot be found by %d of its terms\n", PQgetvalue(res, i, 0), n);
        }
    }
    PQclear(res);
    return found;
}

int search_verify(PGconn *pg, int max, struct err *e)
{
    int places = count_places(pg, e);
    int terms = places < 0 ? places : look_up(pg, max, e);
    return terms < 0 ? terms : places + terms;
}

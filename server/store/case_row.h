/* SPDX-License-Identifier: MIT */
/*
 * Rows of case_file and case_event as structs, and the part of a case that only the gate reads as bytes. Used by the case and
 * report stores; every statement that returns a case selects its columns in the order read here.
 */
#ifndef WG_STORE_CASE_ROW_H
#define WG_STORE_CASE_ROW_H

#include <libpq-fe.h>

#include "common/base/arena.h"
#include "server/domain/case_snap.h"

/* A case with its texts. Strings live in the arena it was read into; address, handler_name and assignee_name may be NULL. */
struct case_row {
    struct case_snap snap;
    usec_t arrived_at;
    int32_t cohort_day;
    bool has_location;
    double latitude;
    double longitude;
    const char *reporter_name;
    const char *handler_name;
    const char *assignee_name;
    const char *address;
    const char *description;
    bool unreadable; /* what the gate keeps of it (clocks, helping organs, requests) could not be decoded; the columns are good
                      */
};
enum { CASE_ROW_COLUMNS = 41 };

/* Keeps handler_name at the handler's through the step from before to after, which who_name did: nobody signs for somebody
 * else. The name is borrowed. */
void case_row_set_handler(struct case_row *row, const struct case_snap *before, const struct case_snap *after,
                          const char *who_name);

/* A step. Strings live in the arena; text, reason_code and receiver may be NULL. */
struct event_row {
    struct uuid case_id;
    int64_t version;
    struct uuid request_id;
    usec_t happened_at;
    usec_t arrived_at;
    enum action action;
    enum case_state from_state;
    enum case_state to_state;
    enum check_result check_result;
    enum role actor_role;
    bool imported;
    struct uuid actor_id;
    int32_t actor_organ_id; /* 0: none */
    const char *actor_name;
    const char *text;
    const char *reason_code;
    const char *receiver;
    enum approval_kind approval; /* asked for, endorsed, declined or granted */
    enum card card;
    int level;    /* that holds the case after it; 0: not recorded */
    usec_t until; /* the time it set; USEC_NONE */
    struct uuid target_id;
    const char *outside_number; /* may be NULL */
    int n_co;                   /* of a dispatch: the organs it named to help */
    int32_t co_organ_ids[CASE_MAX_CO_ORGANS];
    enum yes_no responded; /* of a revisit */
    enum yes_no solved;
};
enum { EVENT_ROW_COLUMNS = 25 };

/* Reads one row, copying texts into a. ERR_NOMEM at the arena's limit, ERR_INTERNAL if gate_data is not ours. */
int case_row_read(const PGresult *res, int row, struct arena *a, struct case_row *ret, struct err *e) MUST_CHECK;
int event_row_read(const PGresult *res, int row, struct arena *a, struct event_row *ret, struct err *e) MUST_CHECK;

/*
 * The gate's own data (clocks, co-organs' replies, counters, pending requests, urges) as bytes: version 2, big-endian; version
 * 1, which knew neither requests nor urges nor the overall clock, is read too. Returns the length, at most CASE_GATE_DATA_MAX;
 * 0 if everything is at its default, which is stored as null.
 */
enum { CASE_GATE_DATA_MAX = 1024 };
size_t case_gate_data_encode(const struct case_snap *s, unsigned char out[CASE_GATE_DATA_MAX]);
/* data may be NULL (defaults). co-organ ids are replaced by those inside. ERR_INTERNAL for bytes that are not ours. */
int case_gate_data_decode(const unsigned char *data, size_t len, struct case_snap *s) MUST_CHECK;

#endif

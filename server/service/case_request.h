/* SPDX-License-Identifier: MIT */
/* Requests of the case service, checked and looked up: what the gate can decide on. Errors name the field as the API spells it.
 */
#ifndef WG_SERVICE_CASE_REQUEST_H
#define WG_SERVICE_CASE_REQUEST_H

#include "server/service/service.h"
#include "server/store/case_row.h"
#include "server/store/people_store.h"
#include "wangge/v1/case.pb-c.h"

enum {
    REQUEST_TEXT_MAX = 2000,
    REQUEST_ADDRESS_MAX = 200,
    REQUEST_REASON_MAX = 32,
    REQUEST_NAME_MAX = 40,
    REQUEST_OUTSIDE_MAX = 64,
    REQUEST_ATTACHMENTS_MAX = 16,
};

/* Files that are the evidence of a step, by the ids they were uploaded under. */
struct evidence {
    int n;
    struct uuid ids[REQUEST_ATTACHMENTS_MAX];
};

/* A new case as asked for. Strings live in the arena. */
struct intake {
    struct act act; /* SUBMIT or SETTLE */
    struct uuid request_id;
    const char *description;
    const char *address; /* NULL: none */
    bool has_location;
    double latitude;
    double longitude;
    struct person_row *people; /* sealed; NULL: none */
    int n_people;
    struct evidence evidence;
};

/* An action as asked for. */
struct act_request {
    struct act act;
    struct uuid request_id;
    struct uuid case_id;
    struct uuid target_id; /* nil: none; act.target is for the caller to read */
    struct evidence evidence;
    const char *assignee; /* login; NULL: absent. Looked up by who takes it: one case at a time only */
};

/* Key of a write: a UUIDv7. ERR_INVALID naming field otherwise. */
int request_parse_id(const char *s, const char *field, struct uuid *ret, struct err *e) MUST_CHECK;
/* ERR_INVALID (a field), ERR_NOT_FOUND (grid, category). With import, happened_at is required and limits of age are left to the
 * gate. */
int request_decode_intake(const struct service_ctx *ctx, const struct directory *dir, struct arena *a,
                          const Wangge__V1__SubmitCaseRequest *req, bool import, struct intake *ret, struct err *e) MUST_CHECK;
/* As above for an action; with import, case_id and expected_version may be absent. */
int request_decode_act(const struct directory *dir, struct arena *a, const Wangge__V1__ActRequest *req, bool import,
                       struct act_request *ret, struct err *e) MUST_CHECK;
/* The first 64 bits of the BLAKE2b-256 of a message's bytes: what makes "the same request". ERR_NOMEM. */
int request_hash(struct arena *a, const ProtobufCMessage *msg, int64_t *ret, struct err *e) MUST_CHECK;
/* The same with a key of ours where the message has people: the hash is kept, and must not be something to try numbers against.
 */
int request_hash_of_intake(const struct service_ctx *ctx, struct arena *a, const ProtobufCMessage *msg, bool with_people,
                           int64_t *ret, struct err *e) MUST_CHECK;
/* What a claim of evidence came to: 0, or ERR_NOT_FOUND if not all of it could be claimed. */
int request_check_claim(const struct evidence *v, int claimed, struct err *e) MUST_CHECK;
/* An error from a refusal, for rpc_fail. */
void request_refusal_err(const struct gate_refusal *why, struct err *e);
/* An id for a person who has no account: the same source and name give the same id. */
struct uuid request_person_id(const struct uuid *source, const char *name);

#endif

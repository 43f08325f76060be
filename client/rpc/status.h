/* SPDX-License-Identifier: MIT */
/*
 * What a server's refusal says, taken apart: message, wrong fields, the conflict with what is allowed now, when to come back.
 * And a call that waits for its answer, for programs that do one thing at a time.
 */
#ifndef WG_CLIENT_RPC_STATUS_H
#define WG_CLIENT_RPC_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/rpc/channel.h"
#include "common/base/arena.h"
#include "wangge/v1/case.pb-c.h"

enum { STATUS_VIOLATIONS_MAX = 16 };

struct status_info {
    int code; /* gRPC code */
    char message[512];
    bool never_sent;
    size_t n_violations;
    struct {
        char field[96];
        char text[256];
    } violations[STATUS_VIOLATIONS_MAX];
    const Wangge__V1__CaseConflict *conflict; /* NULL if none; lives as long as this struct */
    int64_t retry_after_ms;                   /* -1: the server said nothing */
    char reason[64];                          /* ErrorInfo.reason, "" if none */
    struct arena *_arena;
};

/* Takes a status apart; details that do not decode are left out. Always succeeds, undo with status_fini. */
void status_decode(const struct channel_status *st, struct status_info *ret);
/* As status_decode for a packed google.rpc.Status (an item of a bulk answer, an entry of the outbox). */
void status_decode_packed(int code, const char *message, const void *details, size_t len, struct status_info *ret);
/* Accepts a zeroed struct. */
void status_fini(struct status_info *s);
/* True if the server did not decide: the same request may be sent again with the same key. */
bool status_is_transient(int code);
/* Says in one line, translated, what a status means where the server's own words are missing. Static. */
const char *status_hint(int code);

/* An answer, or why there is none. */
struct channel_result {
    const ProtobufCMessage *resp; /* NULL unless status.code is 0; lives as long as this struct */
    struct status_info status;
    bool interrupted; /* the person pressed Ctrl-C; status.code is CANCELLED */
    struct arena *_arena;
};

/* Starts a unary call and runs the loop until it ended, or until SIGINT cancelled it. Undo with channel_result_fini. */
void channel_call_wait(struct event_base *base, struct channel *ch, const struct channel_method *m, const ProtobufCMessage *req,
                       int timeout_ms, struct channel_result *ret);
void channel_result_fini(struct channel_result *r);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * A channel without a network: the same functions as client/rpc/channel.h, linked in its place, answered by the test. Every
 * answer comes from the event loop, as the real ones do.
 */
#ifndef WG_TESTS_TUI_FAKE_CHANNEL_H
#define WG_TESTS_TUI_FAKE_CHANNEL_H

#include "client/rpc/channel.h"

enum fake_verdict {
    FAKE_REPLY,  /* answer->resp (allocated by protobuf-c; freed by the channel), or answer->code */
    FAKE_SILENT, /* never answer; cancelling ends it */
};

struct fake_answer {
    ProtobufCMessage *resp;
    ProtobufCMessage **stream; /* malloc'ed list of n_stream more messages of a stream, after which it ends with code */
    size_t n_stream;
    int code; /* gRPC */
    const char *message;
    unsigned char *details; /* malloc'ed packed google.rpc.Status, or NULL */
    size_t details_len;
};

/* Called when a call has its request; path is like "/wangge.v1.CaseService/ListCases". */
typedef enum fake_verdict (*fake_server_fn)(void *arg, const char *path, const ProtobufCMessage *req,
                                            struct fake_answer *answer);

struct channel *fake_channel_create(struct event_base *base, fake_server_fn fn, void *arg);
void fake_channel_set_state(struct channel *ch, enum channel_state state);
/* Sends a message on the newest open stream of a method; false if there is none. */
bool fake_channel_push(struct channel *ch, const char *path, const ProtobufCMessage *msg);
const char *fake_channel_token(const struct channel *ch);
/* How many calls of a method came in. */
int fake_channel_count(const struct channel *ch, const char *path);

#endif

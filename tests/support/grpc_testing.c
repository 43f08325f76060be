/* SPDX-License-Identifier: MIT */
#include "tests/support/grpc_testing.h"

#include <stdlib.h>
#include <string.h>

#include "grpc/testing/empty.pb-c.h"
#include "grpc/testing/messages.pb-c.h"

#include "common/h2/grpc.h"

enum { MAX_BODY = 2 * 1024 * 1024, DEADLINE_MS = 30000 };

static void echo_metadata(struct rpc_call *call)
{
    const char *initial = rpc_header(call, "x-grpc-test-echo-initial");
    const char *trailing = rpc_header(call, "x-grpc-test-echo-trailing-bin");
    if ((initial && rpc_add_header(call, "x-grpc-test-echo-initial", initial)) ||
        (trailing && rpc_add_trailer(call, "x-grpc-test-echo-trailing-bin", trailing)))
        rpc_end(call, GRPC_INTERNAL, "The metadata cannot be echoed.");
}

static void on_empty_call(struct rpc_call *call, const ProtobufCMessage *req)
{
    (void)req;
    Grpc__Testing__Empty resp = GRPC__TESTING__EMPTY__INIT;
    echo_metadata(call);
    rpc_reply(call, &resp.base);
}

/* Ends the call if the request's wish about its compression is not fulfilled. */
static void check_compression(struct rpc_call *call, const Grpc__Testing__BoolValue *expected)
{
    if (expected && expected->value && !rpc_was_compressed(call))
        rpc_end(call, GRPC_INVALID_ARGUMENT, "The message was expected to be compressed.");
}

static void end_with(struct rpc_call *call, const Grpc__Testing__EchoStatus *status)
{
    if (status && status->code)
        rpc_end(call, status->code, status->message);
}

/* size zeros from the arena. False and the call ended if that is too much. */
static bool make_payload(struct rpc_call *call, Grpc__Testing__Payload *p, int32_t size)
{
    grpc__testing__payload__init(p);
    uint8_t *body = size >= 0 && size <= MAX_BODY ? calloc(1, size ? (size_t)size : 1) : NULL;
    if (!body) {
        rpc_end(call, GRPC_INVALID_ARGUMENT, "The response size is out of range.");
        return false;
    }
    p->body.len = (size_t)size;
    p->body.data = body;
    return true;
}

static void on_unary_call(struct rpc_call *call, const ProtobufCMessage *msg)
{
    const Grpc__Testing__SimpleRequest *req = (const void *)msg;
    Grpc__Testing__SimpleResponse resp = GRPC__TESTING__SIMPLE_RESPONSE__INIT;
    Grpc__Testing__Payload payload;
    echo_metadata(call);
    check_compression(call, req->expect_compressed);
    end_with(call, req->response_status);
    if (rpc_call_is_done(call) || !make_payload(call, &payload, req->response_size))
        return;
    resp.payload = &payload;
    rpc_reply(call, &resp.base);
    free(payload.body.data);
}

static void send_outputs(struct rpc_call *call, const Grpc__Testing__StreamingOutputCallRequest *req)
{
    for (size_t i = 0; i < req->n_response_parameters && !rpc_call_is_done(call); i++) {
        Grpc__Testing__StreamingOutputCallResponse resp = GRPC__TESTING__STREAMING_OUTPUT_CALL_RESPONSE__INIT;
        Grpc__Testing__Payload payload;
        if (!make_payload(call, &payload, req->response_parameters[i]->size))
            return;
        resp.payload = &payload;
        if (!rpc_send(call, &resp.base))
            rpc_pause(call);
        free(payload.body.data);
    }
    end_with(call, req->response_status);
}

static void on_streaming_output_call(struct rpc_call *call, const ProtobufCMessage *msg)
{
    echo_metadata(call);
    send_outputs(call, (const void *)msg);
    rpc_finish(call);
}

static void on_streaming_input_start(struct rpc_call *call)
{
    echo_metadata(call);
    rpc_call_set_data(call, arena_zalloc(rpc_arena(call), sizeof(size_t)));
}

static void on_streaming_input(struct rpc_call *call, const ProtobufCMessage *msg)
{
    const Grpc__Testing__StreamingInputCallRequest *req = (const void *)msg;
    size_t *sum = rpc_call_data(call);
    check_compression(call, req->expect_compressed);
    *sum += req->payload ? req->payload->body.len : 0;
}

static void on_streaming_input_end(struct rpc_call *call)
{
    const size_t *sum = rpc_call_data(call);
    Grpc__Testing__StreamingInputCallResponse resp = GRPC__TESTING__STREAMING_INPUT_CALL_RESPONSE__INIT;
    resp.aggregated_payload_size = (int32_t)*sum;
    rpc_reply(call, &resp.base);
}

static void on_duplex(struct rpc_call *call, const ProtobufCMessage *msg)
{
    send_outputs(call, (const void *)msg);
}

static void on_duplex_end(struct rpc_call *call)
{
    rpc_finish(call);
}

static void on_duplex_writable(struct rpc_call *call)
{
    rpc_resume(call);
}

static const struct rpc_method methods[] = {
    {
        .path = "/grpc.testing.TestService/EmptyCall",
        .kind = RPC_UNARY,
        .request = &grpc__testing__empty__descriptor,
        .response = &grpc__testing__empty__descriptor,
        .default_deadline_ms = DEADLINE_MS,
        .on_message = on_empty_call,
    },
    {
        .path = "/grpc.testing.TestService/UnaryCall",
        .kind = RPC_UNARY,
        .request = &grpc__testing__simple_request__descriptor,
        .response = &grpc__testing__simple_response__descriptor,
        .default_deadline_ms = DEADLINE_MS,
        .on_message = on_unary_call,
    },
    {
        .path = "/grpc.testing.TestService/StreamingOutputCall",
        .kind = RPC_SERVER_STREAM,
        .request = &grpc__testing__streaming_output_call_request__descriptor,
        .response = &grpc__testing__streaming_output_call_response__descriptor,
        .on_message = on_streaming_output_call,
    },
    {
        .path = "/grpc.testing.TestService/StreamingInputCall",
        .kind = RPC_CLIENT_STREAM,
        .request = &grpc__testing__streaming_input_call_request__descriptor,
        .response = &grpc__testing__streaming_input_call_response__descriptor,
        .on_start = on_streaming_input_start,
        .on_message = on_streaming_input,
        .on_half_close = on_streaming_input_end,
    },
    {
        .path = "/grpc.testing.TestService/FullDuplexCall",
        .kind = RPC_BIDI,
        .request = &grpc__testing__streaming_output_call_request__descriptor,
        .response = &grpc__testing__streaming_output_call_response__descriptor,
        .on_start = echo_metadata,
        .on_message = on_duplex,
        .on_half_close = on_duplex_end,
        .on_writable = on_duplex_writable,
    },
};

const struct rpc_method *grpc_testing_methods(size_t *ret_n)
{
    *ret_n = sizeof methods / sizeof methods[0];
    return methods;
}

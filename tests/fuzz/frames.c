/* SPDX-License-Identifier: MIT */
/*
 * Arbitrary bytes to a server session, after a good preface if the first bit says so, fed in pieces of the size in the first
 * byte. Whatever comes, the session must stay within its rules and leave no call behind.
 */
#include <stdint.h>
#include <stdlib.h>
#include <nghttp2/nghttp2.h>

#include "server/net/session.h"
#include "tests/support/grpc_testing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_output(void *arg)
{
    (void)arg;
}

static int feed(struct net_session *s, const uint8_t *data, size_t len)
{
    struct buf out;
    buf_init(&out, (size_t)8 << 20);
    int rc = net_session_recv(s, data, len);
    if (!rc)
        rc = net_session_send(s, &out, 65536);
    buf_fini(&out);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct event_base *base;
    static struct rpc_server *rpc;
    static struct net_session_env *env;
    static const uint8_t settings[9] = {0, 0, 0, NGHTTP2_SETTINGS};
    if (!base) {
        size_t n;
        struct err e;
        const struct rpc_method *methods = grpc_testing_methods(&n);
        const struct rpc_server_config cfg = {.clock = clock_system(),
                                              .methods = methods,
                                              .n_methods = n,
                                              .descriptor_set = grpc_testing_protoset,
                                              .descriptor_set_len = grpc_testing_protoset_len};
        base = event_base_new();
        rpc = rpc_server_create(base, &cfg, &e);
        env = net_session_env_create(rpc, 100);
    }
    if (size < 2)
        return 0;
    struct net_session *s = net_session_create(env, "fuzz", on_output, NULL);
    int rc = 0;
    if (data[0] & 1) {
        rc = feed(s, (const uint8_t *)NGHTTP2_CLIENT_MAGIC, NGHTTP2_CLIENT_MAGIC_LEN);
        if (!rc)
            rc = feed(s, settings, sizeof settings);
    }
    size_t piece = data[0] / 2 + 1u;
    for (size_t at = 1; at < size && rc == 0; at += piece)
        rc = feed(s, data + at, size - at < piece ? size - at : piece);
    net_session_destroy(s);
    if (rpc_server_live_calls(rpc) != 0)
        abort();
    return 0;
}

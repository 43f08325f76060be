/* SPDX-License-Identifier: MIT */
/* The server object: its method table, and the table of status codes. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "google/protobuf/timestamp.pb-c.h"
#include "google/rpc/status.pb-c.h"

#include "common/h2/grpc.h"
#include "server/rpc/call_impl.h"

static struct event_base *base;

static struct rpc_server *create(const struct rpc_method *methods, size_t n, const char *set, size_t len, struct err *e)
{
    const struct rpc_server_config cfg = {.clock = clock_system(),
                                          .methods = methods,
                                          .n_methods = n,
                                          .descriptor_set = (const unsigned char *)set,
                                          .descriptor_set_len = len};
    return rpc_server_create(base, &cfg, e);
}

static void setup(void)
{
    base = event_base_new();
}

static void teardown(void)
{
    event_base_free(base);
}

START_TEST(finds_every_method)
{
    enum { N = 300 };
    static char paths[N][32];
    struct rpc_method methods[N];
    struct err e = {0};
    for (int i = 0; i < N; i++) {
        (void)snprintf(paths[i], sizeof paths[i], "/a.B%d/M%d", i % 7, i);
        methods[i] = (struct rpc_method){.path = paths[i],
                                         .request = &google__protobuf__timestamp__descriptor,
                                         .response = &google__protobuf__timestamp__descriptor};
    }
    struct rpc_server *srv = create(methods, N, NULL, 0, &e);
    ck_assert_msg(srv != NULL, "%s", e.text);
    for (int i = 0; i < N; i++) {
        const struct rpc_method *m = rpc_server_find(srv, paths[i], strlen(paths[i]));
        ck_assert_ptr_nonnull(m);
        ck_assert_str_eq(m->path, paths[i]);
    }
    ck_assert_ptr_nonnull(rpc_server_find(srv, "/grpc.health.v1.Health/Check", 28));
    ck_assert_ptr_null(rpc_server_find(srv, "/grpc.health.v1.Health/Chec", 27));
    ck_assert_ptr_null(rpc_server_find(srv, "", 0));
    ck_assert_ptr_null(rpc_server_find(srv, "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", 57));
    rpc_server_destroy(srv);
}
END_TEST

START_TEST(refuses_bad_tables)
{
    const struct rpc_method twice[] = {{.path = "/a.B/C"}, {.path = "/a.B/C"}};
    struct err e = {0};
    ck_assert_ptr_null(create(twice, 2, NULL, 0, &e));
    ck_assert_int_eq(e.code, ERR_INVALID);
    ck_assert_ptr_nonnull(strstr(e.text, "/a.B/C"));
    ck_assert_ptr_null(create(twice, 1,
                              "\x0a\x05"
                              "abc",
                              5, &e));
    ck_assert_int_eq(e.code, ERR_INVALID);
    ck_assert_ptr_null(create(twice, 1, "\x12\x00", 2, &e));
    struct rpc_server *empty = create(NULL, 0, "", 0, &e);
    ck_assert_ptr_nonnull(empty);
    rpc_server_destroy(empty);
    rpc_server_destroy(NULL);
}
END_TEST

START_TEST(status_codes)
{
    static const struct {
        int err, status;
    } rows[] = {
        {ERR_OK, GRPC_OK},
        {ERR_INVALID, GRPC_INVALID_ARGUMENT},
        {ERR_NOT_FOUND, GRPC_NOT_FOUND},
        {ERR_EXISTS, GRPC_ALREADY_EXISTS},
        {ERR_DENIED, GRPC_PERMISSION_DENIED},
        {ERR_UNAUTHENTICATED, GRPC_UNAUTHENTICATED},
        {ERR_PRECONDITION, GRPC_FAILED_PRECONDITION},
        {ERR_CONFLICT, GRPC_ABORTED},
        {ERR_EXHAUSTED, GRPC_RESOURCE_EXHAUSTED},
        {ERR_UNAVAILABLE, GRPC_UNAVAILABLE},
        {ERR_DEADLINE, GRPC_DEADLINE_EXCEEDED},
        {ERR_CANCELLED, GRPC_CANCELLED},
        {ERR_UNIMPLEMENTED, GRPC_UNIMPLEMENTED},
        {ERR_INTERNAL, GRPC_INTERNAL},
        {ERR_NOMEM, GRPC_RESOURCE_EXHAUSTED},
        {ERR_IO, GRPC_INTERNAL},
        {ERR_PROTOCOL, GRPC_INTERNAL},
        {ERR_UNKNOWN_OUTCOME, GRPC_UNAVAILABLE},
        {-999, GRPC_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        ck_assert_int_eq(rpc_status_of(rows[i].err), rows[i].status);
    ck_assert_str_eq(grpc_status_name(GRPC_UNAUTHENTICATED), "UNAUTHENTICATED");
    ck_assert_str_eq(grpc_status_name(99), "UNKNOWN");
}
END_TEST

/* A detail that would burst the client's headers is left out; the others stay. */
START_TEST(details_fit_into_headers)
{
    struct arena *a = arena_create(1 << 20);
    struct err e = {0};
    err_field(&e, ERR_INVALID, "f", "wrong");
    const char *without = rpc_status_details(a, &e, 3, NULL);
    Google__Protobuf__Timestamp small = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    small.seconds = 5;
    const char *with = rpc_status_details(a, &e, 3, &small.base);
    ck_assert_uint_gt(strlen(with), strlen(without));
    ck_assert_uint_lt(strlen(with), 8192);
    ck_assert_ptr_null(strchr(with, '='));
    Google__Rpc__Status big = GOOGLE__RPC__STATUS__INIT;
    big.message = calloc(1, 6001);
    memset(big.message, 'x', 6000);
    ck_assert_str_eq(rpc_status_details(a, &e, 3, &big.base), without);
    free(big.message);
    arena_destroy(a);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("rpc_server");
    TCase *t = tcase_create("all");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, finds_every_method);
    tcase_add_test(t, refuses_bad_tables);
    tcase_add_test(t, status_codes);
    tcase_add_test(t, details_fit_into_headers);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

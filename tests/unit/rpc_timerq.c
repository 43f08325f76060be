/* SPDX-License-Identifier: MIT */
/* Many timers on one event, against a sorted list. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "server/rpc/timerq.h"

enum { N = 500 };

struct timer {
    struct timerq_node node;
    usec_t at;
    int fired;
};

static struct timer timers[N];
static int order[4 * N], n_fired;
static struct timerq *q;
static bool again;

static void on_timer(struct timerq_node *node)
{
    struct timer *t = (struct timer *)(void *)node;
    t->fired++;
    ck_assert_int_lt(n_fired, 4 * N);
    order[n_fired++] = (int)(t - timers);
    if (again && t->fired == 1)
        ck_assert_int_eq(timerq_set(q, node, t->at + 1000000), 0);
}

START_TEST(fires_in_order_and_once)
{
    struct event_base *base = event_base_new();
    struct clock_fake clock;
    unsigned seed = (unsigned)_i + 1;
    clock_fake_init(&clock, 0);
    memset(timers, 0, sizeof timers);
    n_fired = 0;
    again = false;
    q = timerq_create(base, &clock.clock);
    for (int i = 0; i < N; i++) {
        timers[i].node.fn = on_timer;
        timers[i].at = clock.mono_us + 1 + rand_r(&seed) % 1000;
        ck_assert_int_eq(timerq_set(q, &timers[i].node, timers[i].at), 0);
    }
    /* A third is moved, a third is cleared. */
    for (int i = 0; i < N; i++) {
        if (i % 3 == 1) {
            timers[i].at = clock.mono_us + 1 + rand_r(&seed) % 1000;
            ck_assert_int_eq(timerq_set(q, &timers[i].node, timers[i].at), 0);
        } else if (i % 3 == 2) {
            timerq_clear(q, &timers[i].node);
            timerq_clear(q, &timers[i].node);
            ck_assert(!timerq_is_set(&timers[i].node));
        }
    }
    for (int step = 0; step < 100; step++) {
        clock_fake_advance(&clock, 10);
        timerq_run(q);
        for (int i = 0; i < N; i++)
            ck_assert_int_eq(timers[i].fired, i % 3 != 2 && timers[i].at <= clock.mono_us);
    }
    for (int i = 1; i < n_fired; i++)
        ck_assert_int_le(timers[order[i - 1]].at, timers[order[i]].at);
    timerq_destroy(q);
    event_base_free(base);
}
END_TEST

START_TEST(set_again_inside)
{
    struct event_base *base = event_base_new();
    struct clock_fake clock;
    clock_fake_init(&clock, 0);
    memset(timers, 0, sizeof timers);
    n_fired = 0;
    again = true;
    q = timerq_create(base, &clock.clock);
    for (int i = 0; i < 10; i++) {
        timers[i].node.fn = on_timer;
        timers[i].at = clock.mono_us + i;
        ck_assert_int_eq(timerq_set(q, &timers[i].node, timers[i].at), 0);
    }
    clock_fake_advance(&clock, 100);
    timerq_run(q);
    ck_assert_int_eq(n_fired, 10);
    clock_fake_advance(&clock, 1000000);
    timerq_run(q);
    ck_assert_int_eq(n_fired, 20);
    timerq_destroy(q);
    event_base_free(base);
}
END_TEST

/* The loop's event runs what is due, on the system's clock. */
START_TEST(the_loop_runs_it)
{
    struct event_base *base = event_base_new();
    const struct clock *clock = clock_system();
    memset(timers, 0, sizeof timers);
    n_fired = 0;
    again = false;
    q = timerq_create(base, clock);
    for (int i = 0; i < 3; i++) {
        timers[i].node.fn = on_timer;
        timers[i].at = clock->monotonic(clock) + 3000 - i * 1000;
        ck_assert_int_eq(timerq_set(q, &timers[i].node, timers[i].at), 0);
    }
    while (n_fired < 3)
        (void)event_base_loop(base, EVLOOP_ONCE);
    ck_assert_int_eq(order[0], 2);
    ck_assert_int_eq(order[2], 0);
    timerq_destroy(q);
    event_base_free(base);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("rpc_timerq");
    TCase *t = tcase_create("all");
    tcase_add_loop_test(t, fires_in_order_and_once, 0, 10);
    tcase_add_test(t, set_again_inside);
    tcase_add_test(t, the_loop_runs_it);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

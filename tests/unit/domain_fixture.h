/* SPDX-License-Identifier: MIT */
/*
 * A small city and a case in it, for the tests of the domain: every role has an account, every action can be prepared with all
 * its fields. Owned by the test; fx_init/fx_fini.
 */
#ifndef WG_TESTS_DOMAIN_FIXTURE_H
#define WG_TESTS_DOMAIN_FIXTURE_H

#include <stdlib.h>
#include <check.h>

#include "server/domain/approval.h"
#include "server/domain/gate.h"
#include "server/domain/measure.h"

#define GRID_1     INT64_C(230604001001001) /* 让胡路区 / 庆新街道 / 庆新社区 / 第一网格 */
#define GRID_2     INT64_C(230604001001002)
#define GRID_OLD   INT64_C(230604001001003) /* valid until 2020-12-31 */
#define GRID_OTHER INT64_C(230602001001001) /* another county */

enum { CAT_SETTLE = 1, CAT_PLAIN = 2, CAT_RECORD = 3, CAT_RETIRED = 4, CAT_WAIVED = 5, CAT_EVIDENCE = 6 };
enum { ORGAN_CITY = 1, ORGAN_URBAN = 2, ORGAN_WATER = 3, ORGAN_RETIRED = 4, ORGAN_ELSEWHERE = 5 };

/* Accounts; WHO_LEAD and WHO_HANDLER belong to ORGAN_URBAN, WHO_WATER leads ORGAN_WATER. */
enum who {
    WHO_WORKER,
    WHO_WORKER_2,
    WHO_COMMUNITY,
    WHO_ACCEPTOR, /* of the county */
    WHO_ACCEPTOR_TOWN,
    WHO_DISPATCHER,
    WHO_HANDLER,
    WHO_LEAD,
    WHO_WATER,
    WHO_CHIEF,
    WHO_SUPERVISOR,
    WHO_MEDIATOR,
    WHO_EXPERT,
    WHO_INTEGRATION,
    WHO_SYSTEM_ADMIN,
    WHO_SECURITY_ADMIN,
    WHO_AUDITOR,
    WHO_SERVER,
    WHO_STRANGER, /* an acceptor of the other county */
    WHO_COUNT,
};

struct fx {
    struct directory *dir;
    struct gate_env env;
    struct actor who[WHO_COUNT];
    struct case_snap snap; /* the case */
    bool exists;
    struct case_snap before; /* before the last accepted step */
    struct case_snap lead;   /* an open case to merge into */
    struct act act;          /* the next request */
    struct gate_refusal why;
    int64_t cells[MEASURE_COUNT]; /* the sum of all deltas */
};

/* 2021-09-17 (a Friday) hh:mm in Asia/Shanghai. */
usec_t fx_friday(int hour, int minute);
usec_t fx_time(int year, int month, int day, int hour, int minute);
/* The holiday lists as overrides; *ret is malloc'ed, names included in *ret_text. Fails the test if the file is not as
 * expected. */
size_t fx_holidays(struct calendar_override **ret, char **ret_text);
void fx_init(struct fx *f);
/* The same in a city with more: calendars of regions, limits. */
void fx_init_with(struct fx *f, void (*more)(struct directory_builder *b));
void fx_fini(struct fx *f);
/* Forgets the case; the clock stands at t. */
void fx_reset(struct fx *f, usec_t t);
/* Prepares a request with every field its rows may need, for the case as it stands. */
void fx_prepare(struct fx *f, enum action a);
/* Sends f->act. On success f->snap is the case after it. */
int fx_send(struct fx *f, enum who who);
/* Moves the clock by a minute, prepares and sends. */
int fx_do(struct fx *f, enum action a, enum who who);
/* The same, must succeed. */
void fx_must(struct fx *f, enum action a, enum who who);
/* Brings a new case of CAT_SETTLE to the state by the usual way. */
void fx_bring_to(struct fx *f, enum case_state s);

/* That rc is a refusal with this code and rule. For files whose fixture is a struct fx f. */
#define ck_refused(rc, wanted_code, wanted_rule, name)                                                                         \
    do {                                                                                                                       \
        int got_ = (rc);                                                                                                       \
        ck_assert_msg(got_ != 0, "%s: was allowed", (name));                                                                   \
        ck_assert_msg(strcmp(f.why.rule, (wanted_rule)) == 0, "%s: refused by %s (%s), want %s", (name), f.why.rule,           \
                      f.why.text, (wanted_rule));                                                                              \
        ck_assert_msg(got_ == (wanted_code), "%s: %s, want %s", (name), err_name(got_), err_name(wanted_code));                \
    } while (0)

/* For functions that return the first thing that must not be, in words, or NULL. */
#define HOLDS(what)                                                                                                            \
    do {                                                                                                                       \
        if (!(what))                                                                                                           \
            return #what;                                                                                                      \
    } while (0)

struct clock_step;
/* Compares a case's clocks with what its steps say of them, counted again: what differs first, or NULL. At most 1,000 steps. */
const char *fx_broken_clock_runs(const struct fx *f, const struct case_snap *c, const struct clock_step *steps, size_t n);

#endif

/* SPDX-License-Identifier: MIT */
#include "client/demo/demo_walk.h"

#include <assert.h>

#define ACTION(x) WANGGE__V1__ACTION__ACTION_##x
#define ROLE(x)   WANGGE__V1__ROLE__ROLE_##x
#define CHECK(x)  WANGGE__V1__CHECK_RESULT__CHECK_RESULT_##x

enum {
    STREAM_WALK = 0x77616c6b,
    /* Blocks of people. */
    FIRST_COMMUNITY = 4000,
    FIRST_COUNTY = 8000,
    COUNTY_STAFF = 40,
    FIRST_SUPERVISOR = 9000,
    FIRST_CLERK = 9100,
    FIRST_ORGAN = 10000,
    ORGAN_STAFF = 12,
    MINUTE = 60,
    HOUR = 3600,
};

/* Where an open case stopped. */
enum stop {
    STOP_NEVER,
    STOP_ACCEPTED,
    STOP_DISPATCHED,
    STOP_HANDLING,
    STOP_SUSPENDED,
    STOP_REFERRED,
    STOP_FEEDBACK,
    STOP_CHECK
};

struct maker {
    struct demo_walk *w;
    const struct demo_city *city;
    const struct demo_slot *slot;
    const struct demo_category *category;
    struct prng p;
    int county;
    usec_t t; /* nothing happens earlier */
    enum stop stop;
    uint32_t acceptor;
    uint32_t dispatcher;
    uint32_t chief;
    int centre; /* organ of the three above */
    int organ;  /* lead organ */
    uint32_t handler;
};

uint32_t demo_person_worker(int grid)
{
    return (uint32_t)grid;
}

uint32_t demo_person_clerk(int i)
{
    return FIRST_CLERK + (uint32_t)i;
}

static uint32_t county_person(struct maker *m, int first, int n)
{
    return FIRST_COUNTY + (uint32_t)m->county * COUNTY_STAFF + (uint32_t)first + prng_below(&m->p, (uint32_t)n);
}

static uint32_t organ_person(int organ, uint32_t i)
{
    return FIRST_ORGAN + (uint32_t)organ * ORGAN_STAFF + i;
}

/* Lets time go by: office hours, or the clock round where things are pressing. */
static void pass(struct maker *m, int32_t lo_s, int32_t hi_s)
{
    int32_t s = prng_skewed(&m->p, lo_s, hi_s, 1);
    if (m->slot->urgency == WANGGE__V1__URGENCY__URGENCY_CRITICAL)
        m->t += s * USEC_PER_SEC;
    else
        m->t = demo_calendar_add(&m->city->calendar, m->t, s);
}

static struct demo_step *step(struct maker *m, Wangge__V1__Action action, Wangge__V1__Role role, uint32_t person,
                              int actor_organ, int remark)
{
    assert(m->w->nsteps < DEMO_MAX_STEPS);
    struct demo_step *s = &m->w->steps[m->w->nsteps++];
    *s = (struct demo_step){
        .action = action,
        .role = role,
        .person = person,
        .actor_organ = actor_organ,
        .organ = -1,
        .co_organ = -1,
        .remark = remark,
        .reason = "",
        .until = USEC_NONE,
        .happened = m->t,
        .arrived = m->t,
    };
    /* Those who walk about are now and then without a network. */
    if (role == ROLE(GRID_WORKER) && prng_permille(&m->p, 120))
        s->arrived += (usec_t)prng_skewed(&m->p, 3 * MINUTE, 5 * HOUR, 2) * USEC_PER_SEC;
    m->w->ended = s->arrived;
    m->t = s->arrived + USEC_PER_SEC;
    return s;
}

static void by_acceptor(struct maker *m, Wangge__V1__Action action, int remark)
{
    (void)step(m, action, ROLE(ACCEPTOR), m->acceptor, m->centre, remark);
}

static struct demo_step *by_dispatcher(struct maker *m, Wangge__V1__Action action, int remark)
{
    return step(m, action, ROLE(DISPATCHER), m->dispatcher, m->centre, remark);
}

static struct demo_step *by_supervisor(struct maker *m, Wangge__V1__Action action, int remark)
{
    return step(m, action, ROLE(SUPERVISOR), FIRST_SUPERVISOR + prng_below(&m->p, 4),
                m->city->office_organ[OFFICE_ZX][m->county], remark);
}

static struct demo_step *by_worker(struct maker *m, Wangge__V1__Action action, int remark)
{
    return step(m, action, ROLE(GRID_WORKER), demo_person_worker(m->slot->grid), -1, remark);
}

static void accept_case(struct maker *m)
{
    pass(m, 1 * MINUTE, 25 * MINUTE);
    if (prng_permille(&m->p, 80)) {
        by_acceptor(m, ACTION(ORDER_FACT_CHECK), REMARK_FACT_CHECK);
        pass(m, 10 * MINUTE, 120 * MINUTE);
        by_worker(m, ACTION(ANSWER_FACT_CHECK), REMARK_FACT_ANSWER)->check = CHECK(PASS);
        pass(m, 1 * MINUTE, 15 * MINUTE);
    }
    bool near = m->slot->channel == WANGGE__V1__CHANNEL__CHANNEL_GRID && prng_permille(&m->p, 250);
    if (near)
        (void)step(m, ACTION(ACCEPT), ROLE(COMMUNITY), FIRST_COMMUNITY + (uint32_t)m->city->grids[m->slot->grid].community, -1,
                   REMARK_ACCEPT);
    else
        by_acceptor(m, ACTION(ACCEPT), REMARK_ACCEPT);
}

/* Somebody else in the county who can take it or help. */
static int other_organ(const struct maker *m)
{
    int centre = m->city->office_organ[OFFICE_ZX][m->county];
    return m->organ == centre ? m->city->office_organ[OFFICE_CG][m->county] : centre;
}

/* Dispatches, with a return in some cases. Returns the organ that was called in to help, or -1. */
static int dispatch_case(struct maker *m, bool may_return)
{
    pass(m, 2 * MINUTE, 20 * MINUTE);
    struct demo_step *s = by_dispatcher(m, ACTION(DISPATCH), REMARK_DISPATCH);
    s->organ = m->organ;
    if (may_return && m->stop != STOP_DISPATCHED && prng_permille(&m->p, 45)) {
        pass(m, 10 * MINUTE, 180 * MINUTE);
        s = step(m, ACTION(RETURN), ROLE(ORGAN_LEAD), organ_person(m->organ, 10), m->organ, REMARK_RETURN);
        s->reason = "NOT_OURS";
        m->organ = other_organ(m);
        pass(m, 2 * MINUTE, 30 * MINUTE);
        s = by_dispatcher(m, ACTION(DISPATCH), REMARK_DISPATCH);
        s->organ = m->organ;
    }
    if (prng_permille(&m->p, 60))
        s->co_organ = other_organ(m);
    return s->co_organ;
}

/* The handler asks, the lead of the organ agrees, the dispatcher grants. */
static void suspend(struct maker *m)
{
    static const char *const reasons[] = {"FUNDS", "SEASON", "PARTS"};
    struct demo_step *s = step(m, ACTION(REQUEST_SUSPEND), ROLE(HANDLER), m->handler, m->organ, REMARK_SUSPEND);
    s->reason = reasons[prng_below(&m->p, 3)];
    s->until = s->happened + (usec_t)prng_range(&m->p, 20, 180) * 86400 * USEC_PER_SEC;
    pass(m, 5 * MINUTE, 40 * MINUTE);
    s = step(m, ACTION(ENDORSE), ROLE(ORGAN_LEAD), organ_person(m->organ, 10), m->organ, REMARK_ENDORSE);
    s->approval = WANGGE__V1__APPROVAL_KIND__APPROVAL_KIND_SUSPEND;
    pass(m, 5 * MINUTE, 40 * MINUTE);
    (void)by_dispatcher(m, ACTION(SUSPEND), REMARK_GRANT);
}

static int32_t handling_seconds(struct maker *m)
{
    int32_t limit = m->category->limits_min[m->slot->urgency - 1] * 60;
    return prng_skewed(&m->p, limit / 20, limit / 100 * 135, 1);
}

static void feed_back(struct maker *m)
{
    (void)step(m, ACTION(FEED_BACK), ROLE(HANDLER), m->handler, m->organ, DEMO_RESULT_TEXT);
}

static void rework(struct maker *m, int32_t lo_s, int32_t hi_s)
{
    pass(m, 5 * MINUTE, 60 * MINUTE);
    by_acceptor(m, ACTION(REWORK), REMARK_REWORK);
    pass(m, lo_s, hi_s);
    feed_back(m);
}

static void field_check(struct maker *m, bool passed)
{
    pass(m, 5 * MINUTE, 60 * MINUTE);
    by_acceptor(m, ACTION(ORDER_FIELD_CHECK), REMARK_FIELD_CHECK);
    if (m->stop == STOP_CHECK)
        return;
    pass(m, 10 * MINUTE, 90 * MINUTE);
    by_worker(m, ACTION(ANSWER_FIELD_CHECK), passed ? REMARK_CHECK_PASS : REMARK_CHECK_FAIL)->check =
        passed ? CHECK(PASS) : CHECK(FAIL);
}

/* From the signature to the feedback. Returns false if the case ended or stopped on the way. */
static bool handle(struct maker *m, int co_organ, bool late_round)
{
    pass(m, 5 * MINUTE, 150 * MINUTE);
    m->handler = organ_person(m->organ, prng_below(&m->p, 8));
    (void)step(m, ACTION(SIGN), ROLE(HANDLER), m->handler, m->organ, DEMO_NO_TEXT);
    if (prng_permille(&m->p, 50)) {
        pass(m, 10 * MINUTE, 120 * MINUTE);
        (void)step(m, ACTION(NOTE), ROLE(HANDLER), m->handler, m->organ, REMARK_NOTE);
    }
    if (co_organ >= 0 && m->stop != STOP_HANDLING) {
        pass(m, 30 * MINUTE, 300 * MINUTE);
        (void)step(m, ACTION(CO_REPLY), ROLE(HANDLER), organ_person(co_organ, 9), co_organ, REMARK_CO_REPLY);
    }
    if (m->stop == STOP_HANDLING)
        return false;
    if (m->stop == STOP_SUSPENDED || m->stop == STOP_REFERRED) {
        pass(m, 30 * MINUTE, 16 * HOUR);
        if (m->stop == STOP_SUSPENDED)
            suspend(m);
        else
            by_acceptor(m, ACTION(REFER), REMARK_REFER);
        return false;
    }
    int32_t work_s = handling_seconds(m);
    pass(m, work_s, work_s + 10 * MINUTE);
    if (late_round) {
        /* It lies over the turn of the year; some of it on the shelf, some of it urged. */
        usec_t until = m->slot->year_end + (usec_t)prng_skewed(&m->p, 4, 330, 1) * 86400 * USEC_PER_SEC;
        bool shelved = prng_permille(&m->p, 300);
        if (shelved)
            suspend(m);
        if (m->t < until)
            m->t = until;
        pass(m, 1 * HOUR, 40 * HOUR);
        if (shelved)
            (void)by_dispatcher(m, ACTION(RESUME), REMARK_RESUME);
        else if (prng_permille(&m->p, 500))
            (void)by_supervisor(m, ACTION(URGE), REMARK_URGE);
        pass(m, 1 * HOUR, 20 * HOUR);
    } else if (prng_permille(&m->p, 25)) {
        (void)by_supervisor(m, ACTION(URGE), REMARK_URGE);
        pass(m, 30 * MINUTE, 8 * HOUR);
    }
    if (m->stop == STOP_NEVER && prng_permille(&m->p, 8)) {
        (void)step(m, ACTION(FORCE_CLOSE), ROLE(DUTY_CHIEF), m->chief, m->centre, REMARK_FORCE_CLOSE);
        return false;
    }
    feed_back(m);
    return true;
}

/* From the feedback to the closing. */
static void check_and_close(struct maker *m)
{
    if (prng_permille(&m->p, 30))
        rework(m, 1 * HOUR, 8 * HOUR);
    if (m->stop == STOP_FEEDBACK)
        return;
    if (m->stop == STOP_CHECK || !m->category->check_waived || prng_permille(&m->p, 300)) {
        bool passed = m->stop == STOP_CHECK || !prng_permille(&m->p, 60);
        field_check(m, passed);
        if (m->stop == STOP_CHECK)
            return;
        if (!passed) {
            rework(m, 1 * HOUR, 10 * HOUR);
            field_check(m, true);
        }
    }
    pass(m, 3 * MINUTE, 45 * MINUTE);
    by_acceptor(m, ACTION(CLOSE), REMARK_CLOSE);
}

static Wangge__V1__CheckResult opinion(struct maker *m)
{
    uint32_t v = prng_below(&m->p, 100);
    return v < 86 ? CHECK(PASS) : v < 94 ? CHECK(BASICALLY) : v < 97 ? CHECK(UNABLE) : CHECK(FAIL);
}

static void revisit(struct maker *m)
{
    pass(m, 2 * HOUR, 30 * HOUR);
    by_supervisor(m, ACTION(REVISIT), REMARK_REVISIT)->check = opinion(m);
}

static void reopen(struct maker *m)
{
    pass(m, 4 * HOUR, 60 * HOUR);
    by_supervisor(m, ACTION(REOPEN), REMARK_REOPEN)->reason = "RECURRED";
}

static enum stop draw_stop(struct prng *p)
{
    static const uint32_t sums[] = {9, 23, 75, 83, 86, 94, 100};
    return (enum stop)(STOP_ACCEPTED + (int)prng_pick(p, sums, sizeof sums / sizeof sums[0]));
}

static void carry(struct maker *m)
{
    bool late = m->slot->fate == FATE_LATE;
    enum stop stop = m->slot->fate == FATE_OPEN ? draw_stop(&m->p) : STOP_NEVER;
    /* A few of the open ones had been closed and came back. */
    bool again = prng_permille(&m->p, 14);
    m->stop = again ? STOP_NEVER : stop;
    accept_case(m);
    for (int round = 1;; round++) {
        if (m->stop == STOP_ACCEPTED)
            return;
        int co_organ = dispatch_case(m, round == 1);
        if (m->stop == STOP_DISPATCHED)
            return;
        if (handle(m, co_organ, late && round == 1))
            check_and_close(m);
        if (m->stop != STOP_NEVER)
            return;
        if (!again || round == 2)
            break;
        reopen(m);
        m->stop = stop;
    }
    if (prng_permille(&m->p, 60))
        revisit(m);
}

static void void_case(struct maker *m)
{
    if (prng_permille(&m->p, 500))
        accept_case(m);
    pass(m, 5 * MINUTE, 90 * MINUTE);
    by_acceptor(m, ACTION(REQUEST_VOID), REMARK_REQUEST_VOID);
    pass(m, 5 * MINUTE, 120 * MINUTE);
    step(m, ACTION(VOID), ROLE(DUTY_CHIEF), m->chief, m->centre, REMARK_VOID)->reason = "FALSE_REPORT";
}

static void settle(struct maker *m)
{
    /* Mostly the settling is the report itself. */
    if (prng_permille(&m->p, 12)) {
        pass(m, 15 * MINUTE, 200 * MINUTE);
        (void)by_worker(m, ACTION(SETTLE), DEMO_RESULT_TEXT);
    }
    if (prng_permille(&m->p, 25))
        revisit(m);
}

void demo_walk_make(struct demo_walk *w, const struct demo_city *c, uint64_t seed, const struct demo_slot *slot)
{
    struct maker m = {
        .w = w,
        .city = c,
        .slot = slot,
        .category = &demo_categories[slot->category],
        .county = demo_city_county_of(c, slot->grid),
    };
    prng_init(&m.p, seed ^ STREAM_WALK, slot->id);
    m.centre = c->office_organ[OFFICE_ZX][m.county];
    m.organ = c->office_organ[m.category->office][m.county];
    m.acceptor = county_person(&m, 0, 8);
    m.dispatcher = county_person(&m, 10, 6);
    m.chief = county_person(&m, 20, 3);
    w->nsteps = 0;
    bool by_foot = slot->channel == WANGGE__V1__CHANNEL__CHANNEL_GRID;
    w->reporter = by_foot ? demo_person_worker(slot->grid) : demo_person_clerk((int)prng_below(&m.p, 24));
    w->arrived = slot->reported;
    if (by_foot && prng_permille(&m.p, 90))
        w->arrived += (usec_t)prng_skewed(&m.p, 5 * MINUTE, 9 * HOUR, 2) * USEC_PER_SEC;
    w->ended = w->arrived;
    m.t = w->arrived + USEC_PER_SEC;
    switch ((enum demo_fate)slot->fate) {
    case FATE_SETTLED:
        settle(&m);
        break;
    case FATE_VOIDED:
        void_case(&m);
        break;
    case FATE_MERGED:
        if (prng_permille(&m.p, 500))
            accept_case(&m);
        pass(&m, 5 * MINUTE, 120 * MINUTE);
        by_acceptor(&m, ACTION(MERGE), REMARK_MERGE);
        break;
    case FATE_REFUSED:
        pass(&m, 5 * MINUTE, 60 * MINUTE);
        by_acceptor(&m, ACTION(REFUSE), REMARK_REFUSE);
        m.w->steps[m.w->nsteps - 1].reason = "OUT_OF_SCOPE";
        break;
    case FATE_CLOSED:
    case FATE_LATE:
    case FATE_OPEN:
    case FATE_COUNT:
        carry(&m);
        break;
    }
}

/* SPDX-License-Identifier: MIT */
#include "tests/db/fold.h"

#include "server/store/search_fold.h"

struct step {
    int events;
    bool ended;
};

static void on_fold(void *arg, int events, const struct err *e)
{
    struct step *s = arg;
    ck_assert_msg(e->code == 0, "%s %s", e->text, e->detail);
    s->events = events;
    s->ended = true;
}

static bool has_ended(void *arg)
{
    const struct step *s = arg;
    return s->ended;
}

int fold_once(struct harness *h, int min_cases)
{
    struct step s = {0};
    struct search_fold *under_way;
    struct err e;
    ck_assert_int_eq(search_fold_step(h->db, min_cases, on_fold, &s, &under_way, &e), 0);
    h_until(h, has_ended, &s, "the fold");
    return s.events;
}

void fold_all(struct harness *h)
{
    while (fold_once(h, 0) > 0)
        ;
}

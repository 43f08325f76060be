/* SPDX-License-Identifier: MIT */
/* A city small enough to be drawn whole: the answers of the server behind the fake channel. */
#ifndef WG_TESTS_TUI_CITY_H
#define WG_TESTS_TUI_CITY_H

#include "client/model/session.h"
#include "fake_channel.h"

/* 2026-11-23 09:41 in the region. */
#define CITY_NOW INT64_C(1795398060000000)

struct city {
    bool silent;                /* nothing is answered */
    int refuse;                 /* gRPC code for every call, 0: none */
    int n_cases;                /* 0: the default of 6; at most CITY_CASES_MAX */
    bool conflict;              /* Act answers ABORTED with what happened */
    bool clash;                 /* and what happened touched the same */
    const char *rule;           /* Act answers FAILED_PRECONDITION by this rule; NULL: it does not */
    bool rich;                  /* the first case has everything a case can have, the last one waits for a decision */
    bool no_figures;            /* the report has nothing after March */
    bool closed;                /* the cases are closed */
    bool helps;                 /* the server suggests, finds cases alike, has calendars and shows people */
    ProtobufCMessage *last_act; /* the last write; freed by the next */
    bool wrong_length;          /* the list behind a figure is one short */
    char last_path[80];
};

enum { CITY_CASES_MAX = 2000 };

enum fake_verdict city_serve(void *arg, const char *path, const ProtobufCMessage *req, struct fake_answer *a);
/* A session of the worker Wang Li. */
void city_session(struct session *s, const char *server);

#endif

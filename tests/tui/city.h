/* SPDX-License-Identifier: MIT */
/* A city small enough to be drawn whole: the answers of the server behind the fake channel. */
#ifndef WG_TESTS_TUI_CITY_H
#define WG_TESTS_TUI_CITY_H

#include "client/model/session.h"
#include "fake_channel.h"
#include "wangge/v1/case.pb-c.h"

enum { CITY_NOTICES = 5 };

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
    bool desk;                  /* the server explains due times, has an inbox and searches */
    bool read[CITY_NOTICES];    /* which notices were read */
    bool wrong_length;          /* the list behind a figure is one short */
    bool first_password;        /* "a first password" logs in, but must be changed */
    bool codes;                 /* the login asks for a one-time code */
    int bulk_breaks;            /* a run breaks after so many items, once; 0: never */
    int bulk_refused;           /* the first so many items of a run are refused */
    int bulk_dry, bulk_real;    /* items tried and done */
    bool no_files;              /* no case has files */
    bool pages;                 /* the inbox and the search answer two at a time */
    char last_path[80];
};

enum { CITY_CASES_MAX = 2000 };

/* A case of the list, filled; valid until the index is asked for again. */
const Wangge__V1__Case *city_case(int i);
/* Answers what is not about cases; false: it does not know the method. */
bool city_desk(struct city *city, const char *name, const ProtobufCMessage *req, struct fake_answer *a);
/* Logging in, passwords and bulk runs; false: it does not know the method. */
bool city_entry(struct city *city, const char *name, const ProtobufCMessage *req, struct fake_answer *a);
/* Gives an answer a typed detail. */
void city_details(struct fake_answer *a, const ProtobufCMessage *detail);
enum fake_verdict city_serve(void *arg, const char *path, const ProtobufCMessage *req, struct fake_answer *a);
/* A session of the worker Wang Li. */
void city_session(struct session *s, const char *server);

#endif

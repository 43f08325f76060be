/* SPDX-License-Identifier: MIT */
/*
 * An incident being logged: the draft, kept in the outbox so that neither a crash nor a lost connection costs a word, and
 * its submission. The form holds the texts; this holds what they mean.
 */
#ifndef WG_CLIENT_MODEL_INTAKE_H
#define WG_CLIENT_MODEL_INTAKE_H

#include "client/model/deliver.h"
#include "wangge/v1/case.pb-c.h"

enum {
    INTAKE_DESCRIPTION_MAX = 2000,
    INTAKE_ADDRESS_MAX = 200,
    INTAKE_SETTLE_MAX = 2000,
    INTAKE_PEOPLE_MAX = 8,
    INTAKE_NAME_MAX = 40,
    INTAKE_PHONE_MAX = 20,
    INTAKE_ID_NUMBER_MAX = 24,
};

/* A person in the incident; UTF-8 within the limits. */
struct intake_person {
    int kind; /* Wangge__V1__PersonKind */
    char name[4 * INTAKE_NAME_MAX + 1];
    char phone[4 * INTAKE_PHONE_MAX + 1];
    char id_number[4 * INTAKE_ID_NUMBER_MAX + 1];
    char address[4 * INTAKE_ADDRESS_MAX + 1];
};

/* What the form holds; texts are UTF-8 within the limits (characters). Borrowed while a function runs. */
struct intake_values {
    const char *category_code;
    const char *grid_code;
    const char *address;
    const char *description;
    const char *settle_text;
    int urgency; /* Wangge__V1__Urgency */
    bool confidential;
    char *const *attachment_ids; /* evidence of settling, uploaded for intake_prepare's case */
    size_t n_attachment_ids;
    const char *files; /* the same as typed: kept in the draft, never sent */
    const struct intake_person *people;
    size_t n_people; /* at most INTAKE_PEOPLE_MAX */
};

struct intake {
    struct deliver deliver;
    int64_t draft_id; /* 0: nothing saved */
    usec_t saved_at;  /* of the draft; USEC_NONE: never */
    struct err save_error;
    /* private */
    const struct model_env *_env;
    char _request_id[37];
    char _case_id[37];
};

int intake_init(struct intake *m, const struct model_env *env, model_changed_fn changed, void *arg) MUST_CHECK;
void intake_fini(struct intake *m);
/* Writes the draft if there is anything worth keeping. */
void intake_save_draft(struct intake *m, const struct intake_values *v);
/* Drops the draft and starts anew. */
void intake_discard(struct intake *m);
/* Finds the newest draft and calls fn with its values (borrowed until it returns). False if there is none. */
bool intake_recover(struct intake *m, void (*fn)(void *arg, const struct intake_values *v), void *arg);
/* The id the incident is going to have: files go up under it before it is submitted. Borrowed until the next incident. */
const char *intake_prepare(struct intake *m);
/* Checks, then stores and sends; m->deliver tells what becomes of it. ERR_INVALID names the field. */
int intake_submit(struct intake *m, const struct intake_values *v, struct err *e) MUST_CHECK;
/* The id of the incident that was submitted last; borrowed until the next. */
const char *intake_case_id(const struct intake *m);
/* After a delivery: a new incident. */
void intake_next(struct intake *m);

#endif

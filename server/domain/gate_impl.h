/* SPDX-License-Identifier: MIT */
/* One decision in progress, shared by gate.c (order of checks), gate_guard.c (guards) and gate_apply.c (outcome) only. */
#ifndef WG_DOMAIN_GATE_IMPL_H
#define WG_DOMAIN_GATE_IMPL_H

#include "server/domain/approval.h"
#include "server/domain/gate.h"

struct gate_ctx {
    const struct gate_env *env;
    const struct gate_rules *rules;
    const struct calendar *cal;
    const struct actor *who;
    const struct case_snap *before; /* NULL at intake */
    const struct act *act;          /* NULL while asking what is allowed: guards on input pass */
    const struct state_rule *rule;
    const struct dir_category *category; /* of the case, after a correction; NULL if the directory has it no more */
    enum approval_kind kind;             /* asked for, endorsed, declined or granted; APPROVAL_NONE of other actions */
    usec_t at;                           /* when it happens */
    struct gate_refusal *why;            /* NULL: nobody asks */
};

/* Fills why and returns code. */
int gate_refuse(const struct gate_ctx *x, enum err_code code, enum guard guard, const char *field, const char *fmt, ...)
    PRINTF_LIKE(5, 6);
/* Which kind an act is about. */
enum approval_kind gate_kind_of(const struct act *act);
/* The time a grant sets: as given with it, else as asked for. */
usec_t gate_granted_until(const struct gate_ctx *x);
/* Runs one row guard. 0 or the refusal's code. */
int gate_guard(const struct gate_ctx *x, enum guard guard);
/* Fills *after from a request that passed everything. */
void gate_apply(const struct gate_ctx *x, struct case_snap *after);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Errors as values. A fallible function returns 0 or a negative enum err_code and, where it takes a struct err, fills it on
 * failure. There is no global last error. The codes are ours; server/rpc maps them to gRPC statuses in one table.
 */
#ifndef WG_BASE_ERR_H
#define WG_BASE_ERR_H

#include <stddef.h>

#define MUST_CHECK             __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

enum err_code {
    ERR_OK = 0,
    ERR_INVALID = -1,   /* the caller's data is wrong, whatever the state */
    ERR_NOT_FOUND = -2, /* no such thing, or not visible */
    ERR_EXISTS = -3,    /* the key is used with another body */
    ERR_DENIED = -4,    /* known caller, not allowed */
    ERR_UNAUTHENTICATED = -5,
    ERR_PRECONDITION = -6, /* not in this state; retrying alone does not help */
    ERR_CONFLICT = -7,     /* somebody else was first; read again and decide */
    ERR_EXHAUSTED = -8,    /* a limit or a full queue; later may work */
    ERR_UNAVAILABLE = -9,  /* not done, or outcome unknown: retry with the same key */
    ERR_DEADLINE = -10,
    ERR_CANCELLED = -11,
    ERR_UNIMPLEMENTED = -12,
    ERR_INTERNAL = -13, /* our bug */
    ERR_NOMEM = -14,
    ERR_IO = -15,              /* the operating system said no; detail has strerror */
    ERR_PROTOCOL = -16,        /* the peer broke the wire protocol */
    ERR_UNKNOWN_OUTCOME = -17, /* a write was sent and never answered: may have committed */
    ERR_DATA_LOSS = -18,       /* what was stored is not what was stored once */
};

/* One failure. text is safe to show to the person; detail is for the log only. Plain data: copy freely. */
struct err {
    int code;           /* enum err_code */
    char text[256];     /* UTF-8, what happened, why, what to do */
    char field[96];     /* which input, as a path; empty if none */
    char detail[256];   /* for the log; may hold SQLSTATE or strerror, never personal data */
    const char *origin; /* static string "file:line" */
};

/* Fills e (may be NULL) and returns code. text is formatted and cut at a character boundary. */
int err_set_at(struct err *e, int code, const char *origin, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* As err_set, naming the input field that is wrong. */
int err_field_at(struct err *e, int code, const char *origin, const char *field, const char *fmt, ...) PRINTF_LIKE(5, 6);
/* Fills e with code ERR_IO, fmt as text and strerror(errnum) as detail. Returns ERR_IO. */
int err_errno_at(struct err *e, int errnum, const char *origin, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* Adds or replaces the detail. */
void err_detail(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Name of a code, for example "ERR_INVALID". Static. */
const char *err_name(int code);

#define ERR_STR2(x)                    #x
#define ERR_STR(x)                     ERR_STR2(x)
#define ERR_HERE                       __FILE__ ":" ERR_STR(__LINE__)
#define err_set(e, code, ...)          err_set_at((e), (code), ERR_HERE, __VA_ARGS__)
#define err_field(e, code, field, ...) err_field_at((e), (code), ERR_HERE, (field), __VA_ARGS__)
#define err_errno(e, errnum, ...)      err_errno_at((e), (errnum), ERR_HERE, __VA_ARGS__)

#endif

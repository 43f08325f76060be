/* SPDX-License-Identifier: MIT */
#include "common/base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/base/text.h"

static void fill(struct err *e, int code, const char *origin, const char *fmt, va_list ap)
{
    e->code = code;
    e->origin = origin;
    e->field[0] = '\0';
    e->detail[0] = '\0';
    (void)vsnprintf(e->text, sizeof e->text, fmt, ap);
    text_mend(e->text); /* it may quote what somebody else wrote */
}

int err_set_at(struct err *e, int code, const char *origin, const char *fmt, ...)
{
    if (e) {
        va_list ap;
        va_start(ap, fmt);
        fill(e, code, origin, fmt, ap);
        va_end(ap);
    }
    return code;
}

int err_field_at(struct err *e, int code, const char *origin, const char *field, const char *fmt, ...)
{
    if (e) {
        va_list ap;
        va_start(ap, fmt);
        fill(e, code, origin, fmt, ap);
        va_end(ap);
        (void)snprintf(e->field, sizeof e->field, "%s", field);
        text_mend(e->field);
    }
    return code;
}

int err_errno_at(struct err *e, int errnum, const char *origin, const char *fmt, ...)
{
    if (e) {
        va_list ap;
        va_start(ap, fmt);
        fill(e, ERR_IO, origin, fmt, ap);
        va_end(ap);
        err_detail(e, "%s", strerror(errnum));
    }
    return ERR_IO;
}

void err_detail(struct err *e, const char *fmt, ...)
{
    if (!e)
        return;
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(e->detail, sizeof e->detail, fmt, ap);
    va_end(ap);
    text_mend(e->detail);
}

const char *err_name(int code)
{
    static const char *const names[] = {
        "ERR_OK",
        "ERR_INVALID",
        "ERR_NOT_FOUND",
        "ERR_EXISTS",
        "ERR_DENIED",
        "ERR_UNAUTHENTICATED",
        "ERR_PRECONDITION",
        "ERR_CONFLICT",
        "ERR_EXHAUSTED",
        "ERR_UNAVAILABLE",
        "ERR_DEADLINE",
        "ERR_CANCELLED",
        "ERR_UNIMPLEMENTED",
        "ERR_INTERNAL",
        "ERR_NOMEM",
        "ERR_IO",
        "ERR_PROTOCOL",
        "ERR_UNKNOWN_OUTCOME",
        "ERR_DATA_LOSS",
    };
    size_t i = (size_t)(code <= 0 ? -code : 0x7fff);
    return i < sizeof names / sizeof names[0] ? names[i] : "ERR_?";
}

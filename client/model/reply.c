/* SPDX-License-Identifier: MIT */
/* From a gRPC status to an error of ours; see reply.h. */
#include "client/model/reply.h"

#include <string.h>

#include "client/model/i18n.h"
#include "common/base/text.h"

/* Index: gRPC code. */
static const int codes[] = {
    ERR_OK,          ERR_CANCELLED, ERR_INTERNAL,        ERR_INVALID,  ERR_DEADLINE, ERR_NOT_FOUND,     ERR_EXISTS,
    ERR_DENIED,      ERR_EXHAUSTED, ERR_PRECONDITION,    ERR_CONFLICT, ERR_INVALID,  ERR_UNIMPLEMENTED, ERR_INTERNAL,
    ERR_UNAVAILABLE, ERR_INTERNAL,  ERR_UNAUTHENTICATED,
};

static void fill(struct reply *r)
{
    const struct status_info *s = &r->info;
    size_t n = sizeof codes / sizeof *codes;
    r->err = (struct err){.code = s->code >= 0 && (size_t)s->code < n ? codes[s->code] : ERR_INTERNAL, .origin = ERR_HERE};
    if (r->err.code == 0)
        return;
    r->silent = s->never_sent || status_is_transient(s->code);
    /* Of a server that cannot be reached the channel's own words are for the log, not for the screen. */
    bool hint = !s->message[0] || r->err.code == ERR_UNAVAILABLE || r->err.code == ERR_UNAUTHENTICATED;
    text_copy(r->err.text, sizeof r->err.text, hint ? status_hint(s->code) : s->message);
    text_copy(r->err.detail, sizeof r->err.detail, s->message);
    if (s->n_violations)
        text_copy(r->err.field, sizeof r->err.field, s->violations[0].field);
}

void reply_init(struct reply *r, const struct channel_status *status)
{
    memset(r, 0, sizeof *r);
    status_decode(status, &r->info);
    fill(r);
}

void reply_init_packed(struct reply *r, int code, const char *message, const void *details, size_t len)
{
    memset(r, 0, sizeof *r);
    status_decode_packed(code, message, details, len, &r->info);
    fill(r);
}

void reply_fini(struct reply *r)
{
    status_fini(&r->info);
}

const char *reply_field(const struct reply *r, const char *name)
{
    for (size_t i = 0; i < r->info.n_violations; i++) {
        if (strcmp(r->info.violations[i].field, name) == 0)
            return r->info.violations[i].text;
    }
    return NULL;
}

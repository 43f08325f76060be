/* SPDX-License-Identifier: MIT */
/* A report as newline-delimited JSON: an object a line with one member, head, section, row or end; without an end it was cut.
 */
#include <stdlib.h>

#include "client/export/report_impl.h"
#include "client/model/i18n.h"
#include "common/pb/json.h"

enum { LINE_MAX_BYTES = 4 << 20 };

struct json {
    FILE *out;
    struct buf line;
};

static void *create(const struct report_writer_options *o, FILE *out, struct err *e)
{
    struct json *j = calloc(1, sizeof *j);
    (void)o;
    if (!j) {
        (void)err_set(e, ERR_NOMEM, "%s", _("Out of memory."));
        return NULL;
    }
    j->out = out;
    buf_init(&j->line, LINE_MAX_BYTES);
    return j;
}

static int put(struct json *j, const char *name, const ProtobufCMessage *m, struct err *e)
{
    struct pb_json_opts opts = {.with_defaults = true};
    buf_clear(&j->line);
    int rc = pb_json_write(m, &opts, &j->line, e);
    if (rc)
        return rc;
    return report_put(j->out, e, "{\"%s\":%.*s}\n", name, (int)buf_len(&j->line), (const char *)buf_data(&j->line));
}

static int head(void *self, const Wangge__V1__ReportHead *h, struct err *e)
{
    return put(self, "head", &h->base, e);
}

static int section(void *self, const Wangge__V1__ReportSection *s, struct err *e)
{
    return put(self, "section", &s->base, e);
}

static int row(void *self, const Wangge__V1__ReportSection *s, const Wangge__V1__ReportRow *r, struct err *e)
{
    (void)s;
    return put(self, "row", &r->base, e);
}

static int end(void *self, const Wangge__V1__ReportHead *h, const Wangge__V1__ReportEnd *end, struct err *e)
{
    (void)h;
    return end ? put(self, "end", &end->base, e) : 0;
}

static void destroy(void *self)
{
    struct json *j = self;
    buf_fini(&j->line);
    free(j);
}

const struct report_format report_format_json = {create, head, section, row, end, destroy};

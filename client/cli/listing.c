/* SPDX-License-Identifier: MIT */
#include "client/cli/listing.h"

#include <string.h>

#include "client/model/i18n.h"
#include "common/base/text.h"

enum { PAGE_MAX = 500, LIMIT_MAX = 10 * 1000 * 1000, TOKEN_MAX = 1024 };

/* The rows of an answer. */
static ProtobufCMessage *const *rows_of(const ProtobufCMessage *answer, size_t *ret_n)
{
    const ProtobufCMessageDescriptor *d = answer->descriptor;
    const char *at = (const char *)answer;
    for (unsigned i = 0; i < d->n_fields; i++) {
        const ProtobufCFieldDescriptor *f = &d->fields[i];
        if (f->label != PROTOBUF_C_LABEL_REPEATED || f->type != PROTOBUF_C_TYPE_MESSAGE)
            continue;
        memcpy(ret_n, at + f->quantifier_offset, sizeof *ret_n);
        ProtobufCMessage **rows;
        memcpy(&rows, at + f->offset, sizeof rows);
        return rows;
    }
    *ret_n = 0;
    return NULL;
}

static const char *next_token(const ProtobufCMessage *answer)
{
    const ProtobufCFieldDescriptor *f = protobuf_c_message_descriptor_get_field_by_name(answer->descriptor, "next_page_token");
    const char *token = "";
    if (f)
        memcpy(&token, (const char *)answer + f->offset, sizeof token);
    return token;
}

static struct table *make_table(const struct listing *l)
{
    struct table *t = table_create(l->n_columns);
    for (int i = 0; t && i < l->n_columns; i++)
        table_column(t, i, l->columns[i].title[0] ? _(l->columns[i].title) : "", l->columns[i].right, l->columns[i].shrink);
    return t;
}

/* Shows a page, to the limit; page by page, for a long list starts at once. */
static int put_page(struct cli *c, const struct listing *l, const ProtobufCMessage *answer, long limit, long *shown)
{
    size_t n;
    ProtobufCMessage *const *rows = rows_of(answer, &n);
    struct table *t = c->json ? NULL : make_table(l);
    int rc = c->json || t ? CLI_OK : CLI_FAILED;
    long before = *shown;
    for (size_t i = 0; rc == CLI_OK && i < n && (limit == 0 || *shown < limit); i++) {
        if (c->json)
            rc = out_json(c, rows[i]);
        else if (!l->row(t, rows[i]))
            rc = CLI_FAILED;
        ++*shown;
    }
    if (t && rc == CLI_OK && *shown > before)
        out_table(c, t);
    table_destroy(t);
    return rc;
}

int listing_run(struct cli *c, const struct listing *l)
{
    struct err e;
    long limit = 0, shown = 0;
    char token[TOKEN_MAX] = "";
    int rc;
    if (l->page_size && options_number(&c->opt, OPTION_LIMIT, 0, LIMIT_MAX, c->config.page_size, &limit, &e)) {
        out_error(c, "%s", e.text);
        return CLI_USAGE;
    }
    if (l->page_token)
        *l->page_token = token;
    do {
        struct channel_result r;
        if (l->page_size)
            *l->page_size = limit == 0 || limit - shown > PAGE_MAX ? PAGE_MAX : (int)(limit - shown);
        rc = cli_call(c, l->method, l->request, &r);
        if (rc == CLI_OK && !text_copy(token, sizeof token, next_token(r.resp))) {
            out_error(c, "%s", _("The server's page token is too long."));
            rc = CLI_FAILED;
        }
        if (rc == CLI_OK)
            rc = put_page(c, l, r.resp, limit, &shown);
        channel_result_fini(&r);
    } while (rc == CLI_OK && token[0] && (limit == 0 || shown < limit));
    if (l->page_token)
        *l->page_token = (char *)"";
    if (rc == CLI_OK && shown == 0)
        out_note(c, "%s", l->none);
    else if (rc == CLI_OK && token[0])
        out_note(c, _("The first %ld. --limit 0 shows all."), shown);
    return rc;
}

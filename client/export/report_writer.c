/* SPDX-License-Identifier: MIT */
#include "client/export/report_writer.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/export/report_impl.h"
#include "client/model/i18n.h"

struct report_writer {
    const struct report_format *format;
    void *self;
    FILE *out;  /* NULL of xlsx, which writes its file itself */
    char *path; /* NULL: to a stream that is not ours */
    char *part; /* path with ".part" */
    Wangge__V1__ReportHead *head;
    Wangge__V1__ReportSection *section;
    EVP_MD_CTX *digest;
    int64_t rows;
    Wangge__V1__ReportEnd *end;
    bool whole; /* the end fits what came */
};

static const char NOMEM[] = N_("Out of memory.");

static const struct {
    const char *name;
    const struct report_format *format;
} formats[] = {
    [WANGGE__V1__REPORT_FORMAT__REPORT_FORMAT_TEXT] = {"text", &report_format_text},
    [WANGGE__V1__REPORT_FORMAT__REPORT_FORMAT_CSV] = {"csv", &report_format_csv},
    [WANGGE__V1__REPORT_FORMAT__REPORT_FORMAT_JSON] = {"json", &report_format_json},
    [WANGGE__V1__REPORT_FORMAT__REPORT_FORMAT_XLSX] = {"xlsx", &report_format_xlsx},
    [WANGGE__V1__REPORT_FORMAT__REPORT_FORMAT_HTML] = {"html", &report_format_html},
};
enum { FORMATS = sizeof formats / sizeof formats[0] };

const char *report_writer_format_name(Wangge__V1__ReportFormat f)
{
    return (unsigned)f < FORMATS ? formats[f].name : NULL;
}

static int open_file(struct report_writer *w, const struct report_writer_options *o, struct err *e)
{
    size_t n = strlen(o->path) + sizeof ".part";
    w->path = strdup(o->path);
    w->part = malloc(n);
    if (!w->path || !w->part)
        return err_set(e, ERR_NOMEM, "%s", _(NOMEM));
    (void)snprintf(w->part, n, "%s.part", o->path);
    if (o->format == WANGGE__V1__REPORT_FORMAT__REPORT_FORMAT_XLSX)
        return 0;
    w->out = fopen(w->part, "wb");
    if (!w->out)
        return err_errno(e, errno, _("%s cannot be written."), w->part);
    return 0;
}

struct report_writer *report_writer_create(const struct report_writer_options *o, struct err *e)
{
    struct report_writer *w = calloc(1, sizeof *w);
    if (!w) {
        (void)err_set(e, ERR_NOMEM, "%s", _(NOMEM));
        return NULL;
    }
    struct report_writer_options inner = *o;
    int rc = 0;
    if (!report_writer_format_name(o->format))
        rc = err_set(e, ERR_INVALID, "%s", _("There is no such format."));
    else if (o->format == WANGGE__V1__REPORT_FORMAT__REPORT_FORMAT_XLSX && !o->path)
        rc = err_set(e, ERR_INVALID, "%s", _("A workbook needs a file: name one by --out."));
    else
        w->format = formats[o->format].format;
    if (!rc && o->path)
        rc = open_file(w, o, e);
    w->digest = EVP_MD_CTX_new();
    if (!rc && (!w->digest || EVP_DigestInit_ex(w->digest, EVP_sha256(), NULL) != 1))
        rc = err_set(e, ERR_NOMEM, "%s", _(NOMEM));
    inner.path = w->part;
    if (!rc) {
        w->self = w->format->create(&inner, w->out ? w->out : o->out, e);
        rc = w->self ? 0 : e->code;
    }
    if (rc) {
        report_writer_destroy(w);
        return NULL;
    }
    return w;
}

/* Over the part's bytes, length first; the head without who pulled it and when. */
static int add_digest(struct report_writer *w, const Wangge__V1__ReportPart *part, struct err *e)
{
    Wangge__V1__ReportPart plain = *part;
    Wangge__V1__ReportHead head;
    if (part->part_case == WANGGE__V1__REPORT_PART__PART_HEAD) {
        head = *part->head;
        head.pulled_at = NULL;
        head.pulled_by = (char *)"";
        plain.head = &head;
    }
    size_t n = wangge__v1__report_part__get_packed_size(&plain);
    uint8_t *bytes = malloc(n + 4);
    if (!bytes)
        return err_set(e, ERR_NOMEM, "%s", _(NOMEM));
    for (int i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(n >> (24 - 8 * i));
    wangge__v1__report_part__pack(&plain, bytes + 4);
    int ok = EVP_DigestUpdate(w->digest, bytes, n + 4);
    free(bytes);
    return ok == 1 ? 0 : err_set(e, ERR_NOMEM, "%s", _(NOMEM));
}

static ProtobufCMessage *copy(const ProtobufCMessage *m)
{
    size_t n = protobuf_c_message_get_packed_size(m);
    uint8_t *bytes = malloc(n + 1);
    if (!bytes)
        return NULL;
    protobuf_c_message_pack(m, bytes);
    ProtobufCMessage *made = protobuf_c_message_unpack(m->descriptor, NULL, n, bytes);
    free(bytes);
    return made;
}

static void forget(void *message)
{
    if (message)
        protobuf_c_message_free_unpacked(message, NULL);
}

static int out_of_order(struct err *e)
{
    return err_set(e, ERR_PROTOCOL, "%s", _("The server's report is in no order that can be read."));
}

static int take_head(struct report_writer *w, const Wangge__V1__ReportHead *h, struct err *e)
{
    if (w->head)
        return out_of_order(e);
    w->head = (Wangge__V1__ReportHead *)copy(&h->base);
    if (!w->head)
        return err_set(e, ERR_NOMEM, "%s", _(NOMEM));
    return w->format->head(w->self, w->head, e);
}

static int take_section(struct report_writer *w, const Wangge__V1__ReportSection *s, struct err *e)
{
    Wangge__V1__ReportSection *before = w->section; /* the format may still look at it to end it */
    w->section = (Wangge__V1__ReportSection *)copy(&s->base);
    int rc = w->section ? w->format->section(w->self, w->section, e) : err_set(e, ERR_NOMEM, "%s", _(NOMEM));
    forget(before);
    return rc;
}

static int take_rows(struct report_writer *w, const Wangge__V1__ReportRows *rows, struct err *e)
{
    for (size_t i = 0; i < rows->n_rows; i++) {
        if (rows->rows[i]->n_cells != w->section->n_columns)
            return out_of_order(e);
        int rc = w->format->row(w->self, w->section, rows->rows[i], e);
        if (rc)
            return rc;
        w->rows++;
    }
    return 0;
}

static int take_end(struct report_writer *w, const Wangge__V1__ReportEnd *end, struct err *e)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    char hex[2 * EVP_MAX_MD_SIZE + 1];
    unsigned n = 0;
    w->end = (Wangge__V1__ReportEnd *)copy(&end->base);
    if (!w->end || EVP_DigestFinal_ex(w->digest, hash, &n) != 1)
        return err_set(e, ERR_NOMEM, "%s", _(NOMEM));
    for (unsigned i = 0; i < n; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", hash[i]);
    w->whole = end->rows == w->rows && strcmp(end->digest, hex) == 0;
    return 0;
}

int report_writer_part(struct report_writer *w, const Wangge__V1__ReportPart *part, struct err *e)
{
    if (w->end || (!w->head && part->part_case != WANGGE__V1__REPORT_PART__PART_HEAD))
        return out_of_order(e);
    int rc = part->part_case == WANGGE__V1__REPORT_PART__PART_END ? 0 : add_digest(w, part, e);
    if (rc)
        return rc;
    switch (part->part_case) {
    case WANGGE__V1__REPORT_PART__PART_HEAD:
        return take_head(w, part->head, e);
    case WANGGE__V1__REPORT_PART__PART_SECTION:
        return take_section(w, part->section, e);
    case WANGGE__V1__REPORT_PART__PART_ROWS:
        return w->section ? take_rows(w, part->rows, e) : out_of_order(e);
    case WANGGE__V1__REPORT_PART__PART_END:
        return take_end(w, part->end, e);
    case WANGGE__V1__REPORT_PART__PART__NOT_SET:
    case _WANGGE__V1__REPORT_PART__PART__CASE_IS_INT_SIZE:
        break;
    }
    return 0; /* a part of a later version */
}

static int close_file(struct report_writer *w, struct err *e)
{
    FILE *out = w->out;
    w->out = NULL;
    if (out && (fflush(out) != 0 || fsync(fileno(out)) != 0)) {
        int failed = errno;
        (void)fclose(out);
        return err_errno(e, failed, _("%s cannot be written."), w->part);
    }
    if (out && fclose(out) != 0)
        return err_errno(e, errno, _("%s cannot be written."), w->part);
    return 0;
}

int report_writer_finish(struct report_writer *w, struct err *e)
{
    int rc = w->head ? w->format->end(w->self, w->head, w->whole ? w->end : NULL, e) : 0;
    if (!rc)
        rc = close_file(w, e);
    if (rc)
        return rc;
    if (!w->whole)
        return err_set(e, ERR_PROTOCOL, "%s",
                       w->end ? _("The report is not what its digest says. Do not use it; pull it again.")
                              : _("The report was cut off. Do not use what there is of it; pull it again."));
    if (w->path && rename(w->part, w->path) != 0)
        return err_errno(e, errno, _("%s cannot be written."), w->path);
    return 0;
}

void report_writer_destroy(struct report_writer *w)
{
    if (!w)
        return;
    if (w->self)
        w->format->destroy(w->self);
    if (w->out)
        (void)fclose(w->out);
    EVP_MD_CTX_free(w->digest);
    forget(w->head);
    forget(w->section);
    forget(w->end);
    free(w->path);
    free(w->part);
    free(w);
}

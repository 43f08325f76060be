/* SPDX-License-Identifier: MIT */
/*
 * The import of a table. Input: a byte of splits, then the file, in UTF-8 or GB18030. However the file is read, the same rows
 * come; and every request made of a row passes the server's wire pre-check, with ids that come out the same again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "client/cli/import_row.h"
#include "client/cli/import_source.h"
#include "common/base/text.h"
#include "common/base/uuid.h"
#include "common/pb/check.h"
#include "fuzz.h"

#define NOW (INT64_C(1609459200) * USEC_PER_SEC)

struct table {
    struct import_header header;
    bool has_header, refused;
    struct import_seen *seen;
    struct arena *arena;
    uint64_t hash; /* of the rows as they come */
    uint64_t ids;  /* of the ids given */
};

static void check_request(struct table *t, const Wangge__V1__SubmitCaseRequest *req)
{
    struct err e = {0};
    struct uuid id;
    size_t len = wangge__v1__submit_case_request__get_packed_size(req);
    uint8_t *bytes = malloc(len + 1);
    FUZZ_CHECK(bytes && wangge__v1__submit_case_request__pack(req, bytes) == len);
    FUZZ_CHECK(pb_check(&wangge__v1__submit_case_request__descriptor, bytes, len, NULL, &e) == 0);
    free(bytes);
    FUZZ_CHECK(uuid_parse(req->request_id, &id) && uuid_version(&id) == 7);
    FUZZ_CHECK(uuid_parse(req->case_id, &id) && uuid_version(&id) == 7);
    FUZZ_CHECK(strcmp(req->request_id, req->case_id) != 0);
    FUZZ_CHECK(!req->happened_at || (req->happened_at->nanos >= 0 && req->happened_at->nanos < 1000000000));
    t->ids = fuzz_hash(t->ids, req->request_id, strlen(req->request_id));
    t->ids = fuzz_hash(t->ids, req->case_id, strlen(req->case_id));
}

static void check_row(struct table *t, const struct csv_row *row)
{
    FUZZ_CHECK(row->line >= 1 && row->row >= 1 && row->n_fields <= CSV_FIELDS_MAX);
    FUZZ_CHECK((row->fault == CSV_FINE) == (row->n_fields > 0));
    t->hash = fuzz_hash(t->hash, &row->line, sizeof row->line);
    t->hash = fuzz_hash(t->hash, &row->fault, sizeof row->fault);
    if (row->fault) {
        FUZZ_CHECK(row->fault_column >= 1 && row->fault_line >= row->line);
        FUZZ_CHECK(csv_fault_text(row->fault)[0]);
    }
    for (int i = 0; i < row->n_fields; i++) {
        const struct csv_field *f = &row->fields[i];
        FUZZ_CHECK(strlen(f->text) == f->len && text_is_utf8(f->text, f->len) && f->len <= CSV_FIELD_BYTES_MAX);
        t->hash = fuzz_hash(t->hash, f->text, f->len + 1);
    }
}

static void check_error(const struct err *e)
{
    FUZZ_CHECK(e->text[0] && text_is_utf8(e->text, strlen(e->text)));
    FUZZ_CHECK(text_is_utf8(e->field, strlen(e->field)));
}

static int on_row(void *arg, const struct csv_row *row)
{
    struct table *t = arg;
    struct err e = {0};
    check_row(t, row);
    if (t->refused)
        return 0;
    if (!t->has_header) {
        t->refused = import_header_init(&t->header, row, &e) != 0;
        t->has_header = !t->refused;
        if (t->refused)
            check_error(&e);
        return 0;
    }
    Wangge__V1__SubmitCaseRequest *req = NULL;
    int rc = import_row_request(&t->header, row, t->seen, NOW, t->arena, &req, &e);
    if (rc)
        check_error(&e);
    else
        check_request(t, req);
    arena_reset(t->arena);
    return 0;
}

static void table_init(struct table *t)
{
    *t = (struct table){.hash = FUZZ_HASH, .ids = FUZZ_HASH, .seen = import_seen_create(), .arena = arena_create(1 << 20)};
    FUZZ_CHECK(t->seen && t->arena);
}

static void table_fini(struct table *t)
{
    if (t->has_header)
        import_header_fini(&t->header);
    import_seen_destroy(t->seen);
    arena_destroy(t->arena);
}

/* As wangge import reads it. False: it is no text file. */
static bool read_file(struct table *t, const struct fuzz_input *file, enum import_encoding *ret_encoding)
{
    struct import_source source;
    struct err e = {0};
    char path[32];
    int64_t offset = 0;
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    FUZZ_CHECK(fd >= 0 && write(fd, file->data, file->len) == (ssize_t)file->len);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int rc = import_source_open(&source, path, &e);
    close(fd);
    if (rc) {
        check_error(&e);
        return false;
    }
    struct csv_reader *r = csv_reader_create(on_row, t);
    FUZZ_CHECK(r && import_source_read(&source, r, &offset, &e) == 0 && offset == source.size);
    FUZZ_CHECK(source.size == (int64_t)file->len && strlen(source.sha256) == 64);
    *ret_encoding = source.encoding;
    csv_reader_destroy(r);
    import_source_close(&source);
    return true;
}

static void read_pieces(struct table *t, struct fuzz_input file, struct fuzz_splits *splits)
{
    struct csv_reader *r = csv_reader_create(on_row, t);
    FUZZ_CHECK(r != NULL);
    while (file.len > 0) {
        struct fuzz_input piece = fuzz_take(&file, fuzz_splits_next(splits, file.len));
        FUZZ_CHECK(csv_reader_feed(r, (const char *)piece.data, piece.len) == 0);
    }
    FUZZ_CHECK(csv_reader_end(r) == 0);
    csv_reader_destroy(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    struct fuzz_splits splits;
    struct table whole, pieces;
    enum import_encoding encoding = IMPORT_UTF8;
    fuzz_splits_init(&splits, fuzz_byte(&in), &in);
    table_init(&whole);
    bool is_text = read_file(&whole, &in, &encoding);
    if (is_text && encoding == IMPORT_UTF8) {
        if (in.len >= 3 && memcmp(in.data, "\xef\xbb\xbf", 3) == 0)
            (void)fuzz_take(&in, 3);
        table_init(&pieces);
        read_pieces(&pieces, in, &splits);
        FUZZ_CHECK(whole.hash == pieces.hash && whole.ids == pieces.ids);
        table_fini(&pieces);
    }
    table_fini(&whole);
    return 0;
}

/* SPDX-License-Identifier: MIT */
#include "client/cli/import_row.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/sha.h>

#include "client/cli/instant.h"
#include "client/model/i18n.h"
#include "client/model/labels.h"
#include "common/base/buf.h"
#include "common/base/text.h"
#include "common/base/uuid.h"

enum {
    DESCRIPTION_CHARS_MAX = 2000,
    ADDRESS_CHARS_MAX = 200,
    EXTERNAL_ID_BYTES_MAX = 200,
    ROWS_MAX = 4 * 1000 * 1000,
};

/* 2020-01-01, for ids of rows without a time. */
#define UNDATED (INT64_C(1577836800) * USEC_PER_SEC)

static const struct {
    const char *title;
    const char *zh;
    const char *both;
    bool required;
    const char *help;
} columns[IMPORT_COLUMNS] = {
#define COLUMN(title, zh) title, zh, title " " zh
    [IMPORT_CATEGORY] = {COLUMN("category_code", "类别编码"), true, N_("letter and four digits; required")},
    [IMPORT_GRID] = {COLUMN("grid_code", "网格编码"), false, N_("15 digits; required without coordinates")},
    [IMPORT_DESCRIPTION] = {COLUMN("description", "描述"), true, N_("1 to 2000 characters; required")},
    [IMPORT_ADDRESS] = {COLUMN("address", "地址"), false, N_("at most 200 characters")},
    [IMPORT_LATITUDE] = {COLUMN("latitude", "纬度"), false, N_("degrees north, WGS 84")},
    [IMPORT_LONGITUDE] = {COLUMN("longitude", "经度"), false, N_("degrees east, WGS 84")},
    [IMPORT_URGENCY] = {COLUMN("urgency", "紧急程度"), false, N_("normal 一般, urgent 紧急, critical 特急")},
    [IMPORT_CHANNEL] = {COLUMN("channel", "来源"), false, N_("grid 网格上报, hotline 群众来电, public 群众上报, ...")},
    [IMPORT_HAPPENED_AT] = {COLUMN("happened_at", "发生时间"), false, N_("2026-11-23 09:40; empty: when the server gets it")},
    [IMPORT_SETTLE] = {COLUMN("settle_text", "办结结果"), false, N_("result, if it was settled on the spot")},
    [IMPORT_EXTERNAL_ID] = {COLUMN("external_id", "外部编号"), false,
                            N_("your own key of the row, so that it may be edited later")},
#undef COLUMN
};

/* The columns that the error file adds, so that a mended error file can be imported as it is. */
static const char *const report_titles[] = {"line", "column", "reason"};

const char *import_column_names(enum import_column col)
{
    return columns[col].both;
}

const char *import_column_help(enum import_column col)
{
    return columns[col].help;
}

bool import_column_is_report(const char *title)
{
    for (size_t i = 0; i < sizeof report_titles / sizeof *report_titles; i++)
        if (strcmp(title, report_titles[i]) == 0)
            return true;
    return false;
}

static bool is_blank(char ch)
{
    return ch == ' ' || ch == '\t';
}

/* The field without blanks around it, also full-width ones. */
static char *trimmed(struct arena *arena, const struct csv_field *f)
{
    static const char wide[] = "\u3000";
    const char *s = f->text;
    size_t len = f->len;
    for (;;) {
        if (len > 0 && is_blank(*s)) {
            s++;
            len--;
        } else if (len >= 3 && memcmp(s, wide, 3) == 0) {
            s += 3;
            len -= 3;
        } else if (len > 0 && is_blank(s[len - 1])) {
            len--;
        } else if (len >= 3 && memcmp(s + len - 3, wide, 3) == 0) {
            len -= 3;
        } else {
            break;
        }
    }
    return arena_strndup(arena, s, len);
}

static int find_column(const char *title)
{
    for (int i = 0; i < IMPORT_COLUMNS; i++)
        if (strcasecmp(title, columns[i].title) == 0 || strcmp(title, columns[i].zh) == 0)
            return i;
    return -1;
}

static int place_title(struct import_header *h, int i, struct err *e)
{
    const char *title = h->titles[i];
    if (import_column_is_report(title))
        return 0;
    int col = find_column(title);
    if (col < 0)
        return err_field(e, ERR_INVALID, title,
                         _("Column %d is called \"%s\", which is none that can be imported. See: wangge help import"), i + 1,
                         title);
    if (h->at[col] >= 0)
        return err_field(e, ERR_INVALID, title, _("Column \"%s\" comes twice."), title);
    h->at[col] = i;
    return 0;
}

int import_header_init(struct import_header *h, const struct csv_row *row, struct err *e)
{
    int rc = 0;
    *h = (struct import_header){.n = row->n_fields};
    for (int i = 0; i < IMPORT_COLUMNS; i++)
        h->at[i] = -1;
    if (row->fault)
        return err_set(e, ERR_INVALID, _("The titles in line 1 cannot be read: %s."), csv_fault_text(row->fault));
    struct arena *arena = arena_create(256 * 1024);
    for (int i = 0; rc == 0 && i < h->n; i++) {
        char *title = arena ? trimmed(arena, &row->fields[i]) : NULL;
        h->titles[i] = title ? strdup(title) : NULL;
        rc = h->titles[i] ? place_title(h, i, e) : err_set(e, ERR_NOMEM, _("Out of memory."));
    }
    arena_destroy(arena);
    for (int i = 0; rc == 0 && i < IMPORT_COLUMNS; i++)
        if (columns[i].required && h->at[i] < 0)
            rc = err_set(e, ERR_INVALID, _("There is no column \"%s\" (%s)."), columns[i].title, columns[i].zh);
    if (rc == 0 && h->at[IMPORT_GRID] < 0 && (h->at[IMPORT_LATITUDE] < 0 || h->at[IMPORT_LONGITUDE] < 0))
        rc = err_set(e, ERR_INVALID, _("There is neither a column \"grid_code\" nor \"latitude\" and \"longitude\"."));
    if (rc)
        import_header_fini(h);
    return rc;
}

void import_header_fini(struct import_header *h)
{
    for (int i = 0; i < CSV_FIELDS_MAX; i++) {
        free(h->titles[i]);
        h->titles[i] = NULL;
    }
}

/* --- Rows seen --- */

struct seen_row {
    uint64_t hash; /* 0: free */
    uint32_t count;
};

struct import_seen {
    struct seen_row *rows;
    size_t cap; /* a power of two */
    size_t used;
};

struct import_seen *import_seen_create(void)
{
    struct import_seen *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->cap = 1024;
    s->rows = calloc(s->cap, sizeof *s->rows);
    if (!s->rows) {
        free(s);
        return NULL;
    }
    return s;
}

void import_seen_destroy(struct import_seen *s)
{
    if (!s)
        return;
    free(s->rows);
    free(s);
}

static struct seen_row *seen_place(struct seen_row *rows, size_t cap, uint64_t hash)
{
    size_t i = hash & (cap - 1);
    while (rows[i].hash && rows[i].hash != hash)
        i = (i + 1) & (cap - 1);
    return &rows[i];
}

static bool seen_grow(struct import_seen *s)
{
    size_t cap = s->cap * 2;
    struct seen_row *rows = s->used < ROWS_MAX ? calloc(cap, sizeof *rows) : NULL;
    if (!rows)
        return false;
    for (size_t i = 0; i < s->cap; i++)
        if (s->rows[i].hash)
            *seen_place(rows, cap, s->rows[i].hash) = s->rows[i];
    free(s->rows);
    s->rows = rows;
    s->cap = cap;
    return true;
}

/* How often the row came before. false without room. */
static bool seen_count(struct import_seen *s, const unsigned char digest[32], uint32_t *ret)
{
    uint64_t hash;
    memcpy(&hash, digest, sizeof hash);
    hash |= 1; /* 0 marks a free place */
    if (s->used * 4 >= s->cap * 3 && !seen_grow(s))
        return false;
    struct seen_row *row = seen_place(s->rows, s->cap, hash);
    if (!row->hash) {
        row->hash = hash;
        s->used++;
    }
    *ret = row->count++;
    return true;
}

/* --- Ids --- */

/* Adds a text to what is to be hashed; the NUL keeps neighbours apart. */
static int add(struct buf *b, const char *text)
{
    return buf_append(b, text, strlen(text) + 1);
}

/*
 * A UUIDv7 that comes out the same again: the row's own time (a fixed one if it has none) and bits of its hash. The server
 * takes no other version, and ids in the order of time keep its indexes warm.
 */
static char *id_text(struct arena *arena, const char *what, const unsigned char digest[32], uint32_t again, usec_t at)
{
    unsigned char out[32];
    char seed[128];
    char *text = arena_alloc(arena, UUID_TEXT_LEN + 1);
    int n = snprintf(seed, sizeof seed - 32, "wangge import %s %u", what, (unsigned)again);
    memcpy(seed + n, digest, 32);
    SHA256((const unsigned char *)seed, (size_t)n + 32, out);
    struct uuid u = uuid_from_hash(out);
    int64_t ms = (at == USEC_NONE || at < 0 ? UNDATED : at) / 1000;
    for (int i = 0; i < 6; i++)
        u.bytes[i] = (uint8_t)(ms >> (40 - 8 * i));
    u.bytes[6] = (uint8_t)(0x70 | (u.bytes[6] & 0x0f));
    if (text)
        uuid_format(&u, text);
    return text;
}

/* --- One row --- */

static int wrong(struct err *e, enum import_column col, const char *why)
{
    return err_field(e, ERR_INVALID, columns[col].title, "%s", why);
}

static int check_length(enum import_column col, const char *text, size_t max, bool required, struct err *e)
{
    size_t len = strlen(text);
    if (required && len == 0)
        return wrong(e, col, _("must not be empty"));
    if (text_chars(text, len) > max)
        return err_field(e, ERR_INVALID, columns[col].title, _("longer than %zu characters"), max);
    return 0;
}

static bool is_category(const char *s)
{
    return s[0] >= 'A' && s[0] <= 'Z' && text_is_digits(s + 1, 4);
}

static int take_number(enum import_column col, const char *text, double limit, double *ret, struct err *e)
{
    char *end;
    *ret = strtod(text, &end);
    if (end == text || *end || !(*ret >= -limit && *ret <= limit))
        return err_field(e, ERR_INVALID, columns[col].title, _("\"%s\" is not a number from -%.0f to %.0f"), text, limit,
                         limit);
    return 0;
}

static int take_word(enum import_column col, enum labels_kind kind, const char *text, int *ret, struct err *e)
{
    char list[256];
    *ret = 0;
    if (!text[0] || labels_find(kind, text, ret))
        return 0;
    labels_list(kind, list, sizeof list);
    return err_field(e, ERR_INVALID, columns[col].title, _("\"%s\" is none of %s"), text, list);
}

static int take_place(char *const v[IMPORT_COLUMNS], struct arena *arena, Wangge__V1__SubmitCaseRequest *req, struct err *e)
{
    req->grid_code = v[IMPORT_GRID];
    if (v[IMPORT_GRID][0] && !text_is_digits(v[IMPORT_GRID], 15))
        return wrong(e, IMPORT_GRID, _("a grid has 15 digits; a spreadsheet may have rounded it: format the column as text"));
    bool lat = v[IMPORT_LATITUDE][0], lon = v[IMPORT_LONGITUDE][0];
    if (lat != lon)
        return wrong(e, lat ? IMPORT_LONGITUDE : IMPORT_LATITUDE, _("latitude and longitude come together"));
    if (!lat && !v[IMPORT_GRID][0])
        return wrong(e, IMPORT_GRID, _("give the grid or the coordinates"));
    if (!lat)
        return 0;
    req->location = arena_alloc(arena, sizeof *req->location);
    if (!req->location)
        return err_set(e, ERR_NOMEM, _("Out of memory."));
    wangge__v1__point__init(req->location);
    int rc = take_number(IMPORT_LATITUDE, v[IMPORT_LATITUDE], 90, &req->location->latitude, e);
    return rc ? rc : take_number(IMPORT_LONGITUDE, v[IMPORT_LONGITUDE], 180, &req->location->longitude, e);
}

static int take_time(char *const v[IMPORT_COLUMNS], usec_t now, struct arena *arena, Wangge__V1__SubmitCaseRequest *req,
                     struct err *e)
{
    usec_t at;
    struct err why;
    const char *text = v[IMPORT_HAPPENED_AT];
    if (!text[0])
        return 0;
    /* "-2h" and "09:40" would mean another moment in every run. */
    if (text[0] < '0' || text[0] > '9' || strlen(text) < 8 || instant_parse(text, now, &at, &why))
        return err_field(e, ERR_INVALID, columns[IMPORT_HAPPENED_AT].title, _("\"%s\" is not a time like 2026-11-23 09:40"),
                         text);
    req->happened_at = arena_alloc(arena, sizeof *req->happened_at);
    if (!req->happened_at)
        return err_set(e, ERR_NOMEM, _("Out of memory."));
    instant_stamp(req->happened_at, at);
    return 0;
}

static int fill(char *const v[IMPORT_COLUMNS], usec_t now, struct arena *arena, Wangge__V1__SubmitCaseRequest *req,
                struct err *e)
{
    int urgency, channel;
    if (!is_category(v[IMPORT_CATEGORY]))
        return wrong(e, IMPORT_CATEGORY, _("a category is a letter and four digits, for example E0102"));
    req->category_code = v[IMPORT_CATEGORY];
    req->description = v[IMPORT_DESCRIPTION];
    req->address = v[IMPORT_ADDRESS];
    req->settle_text = v[IMPORT_SETTLE];
    int rc = take_place(v, arena, req, e);
    if (rc == 0)
        rc = check_length(IMPORT_DESCRIPTION, req->description, DESCRIPTION_CHARS_MAX, true, e);
    if (rc == 0)
        rc = check_length(IMPORT_ADDRESS, req->address, ADDRESS_CHARS_MAX, false, e);
    if (rc == 0)
        rc = check_length(IMPORT_SETTLE, req->settle_text, DESCRIPTION_CHARS_MAX, false, e);
    if (rc == 0)
        rc = take_word(IMPORT_URGENCY, LABELS_URGENCY, v[IMPORT_URGENCY], &urgency, e);
    if (rc == 0)
        rc = take_word(IMPORT_CHANNEL, LABELS_CHANNEL, v[IMPORT_CHANNEL], &channel, e);
    if (rc == 0)
        rc = take_time(v, now, arena, req, e);
    if (rc)
        return rc;
    req->urgency = (Wangge__V1__Urgency)urgency;
    req->channel = (Wangge__V1__Channel)channel;
    return strlen(v[IMPORT_EXTERNAL_ID]) > EXTERNAL_ID_BYTES_MAX ? wrong(e, IMPORT_EXTERNAL_ID, _("too long")) : 0;
}

/* What makes the row this row: its external id, or all of its content. */
static int row_digest(char *const v[IMPORT_COLUMNS], unsigned char digest[32])
{
    struct buf b;
    buf_init(&b, 2 * CSV_ROW_BYTES_MAX);
    const char *external = v[IMPORT_EXTERNAL_ID];
    int rc = add(&b, external[0] ? "wangge import id 1" : "wangge import row 1");
    for (int i = 0; rc == 0 && !external[0] && i < IMPORT_COLUMNS; i++)
        rc = add(&b, v[i]);
    if (rc == 0 && external[0])
        rc = add(&b, external);
    if (rc == 0)
        SHA256(buf_data(&b), buf_len(&b), digest);
    buf_fini(&b);
    return rc;
}

int import_row_request(const struct import_header *h, const struct csv_row *row, struct import_seen *seen, usec_t now,
                       struct arena *arena, Wangge__V1__SubmitCaseRequest **ret, struct err *e)
{
    char *v[IMPORT_COLUMNS];
    unsigned char digest[32];
    uint32_t again = 0;
    if (row->fault) {
        const char *title = row->fault_column <= h->n ? h->titles[row->fault_column - 1] : "";
        return err_field(e, ERR_INVALID, title, "%s", csv_fault_text(row->fault));
    }
    for (int i = 0; i < IMPORT_COLUMNS; i++) {
        static const struct csv_field nothing = {"", 0};
        const struct csv_field *f = h->at[i] >= 0 && h->at[i] < row->n_fields ? &row->fields[h->at[i]] : &nothing;
        v[i] = trimmed(arena, f);
        if (!v[i])
            return err_set(e, ERR_NOMEM, _("Out of memory."));
    }
    if (row_digest(v, digest))
        return err_set(e, ERR_NOMEM, _("Out of memory."));
    if (!v[IMPORT_EXTERNAL_ID][0] && !seen_count(seen, digest, &again))
        return err_set(e, ERR_EXHAUSTED, _("The file has more than %d rows; split it."), ROWS_MAX);
    if (row->n_fields != h->n)
        return err_field(e, ERR_INVALID, "", _("%d fields where the titles are %d"), row->n_fields, h->n);
    Wangge__V1__SubmitCaseRequest *req = arena_alloc(arena, sizeof *req);
    if (!req)
        return err_set(e, ERR_NOMEM, _("Out of memory."));
    wangge__v1__submit_case_request__init(req);
    int rc = fill(v, now, arena, req, e);
    if (rc)
        return rc;
    usec_t at = instant_of(req->happened_at);
    req->request_id = id_text(arena, "request", digest, again, at);
    req->case_id = id_text(arena, "case", digest, again, at);
    if (!req->request_id || !req->case_id)
        return err_set(e, ERR_NOMEM, _("Out of memory."));
    *ret = req;
    return 0;
}

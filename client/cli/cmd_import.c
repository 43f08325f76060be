/* SPDX-License-Identifier: MIT */
/*
 * Imports a table of incidents through SubmitCases. Rows go in batches; a batch is sent until every row has an answer; then
 * error file and state file are brought up to date, so an interrupted import goes on behind the last batch.
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/cli/cli.h"
#include "client/cli/import_codes.h"
#include "client/cli/import_row.h"
#include "client/cli/import_source.h"
#include "client/cli/import_state.h"
#include "client/model/i18n.h"
#include "client/rpc/methods.h"
#include "common/base/text.h"
#include "common/h2/grpc.h"

enum {
    BATCH_MAX = 500,
    BATCH_BYTES_MAX = 700 * 1024, /* with room to the 1 MiB of a message */
    ARENA_MAX = 64 * 1024 * 1024,
    TRIES_MAX = 6,
    TELL_EVERY_S = 5,
    STOP = 1, /* from a row callback: the reading ends, import.code says why */
};

/* A row waiting for its answer. */
struct pending {
    int64_t line;
    Wangge__V1__SubmitCaseRequest *req; /* NULL: refused here already */
    char *fields[CSV_FIELDS_MAX];       /* as read, for the error file */
    int n_fields;
    char column[64];
    char reason[256];
    bool failed;
    bool settled;
};

struct import {
    struct cli *c;
    struct import_source source;
    struct import_header header;
    bool has_header;
    struct import_seen *seen;
    struct import_codes *codes; /* of a dry run */
    struct import_state state;
    struct arena *arena; /* of the batch */
    struct pending *batch;
    int n;
    int batch_max;
    size_t bytes;
    int64_t row;     /* rows met, titles not counted */
    int64_t skipped; /* settled in an earlier run */
    char errors_path[PATH_MAX];
    FILE *errors;
    bool dry;
    int code;
    usec_t started, told;
    bool bar;
};

/* --- Telling how it goes --- */

static void tell_progress(struct import *im, bool end)
{
    struct cli *c = im->c;
    usec_t now = cli_now();
    int64_t all = im->source.lines > 1 ? im->source.lines - 1 : 1;
    int percent = (int)(im->row * 100 / (all > im->row ? all : im->row > 0 ? im->row : 1));
    if (c->quiet)
        return;
    if (!im->bar) {
        if (!end && now - im->told >= TELL_EVERY_S * USEC_PER_SEC) {
            im->told = now;
            out_note(c, _("%lld rows, %d %%, %lld failed"), (long long)im->row, percent, (long long)im->state.failed);
        }
        return;
    }
    if (!end && now - im->told < USEC_PER_SEC / 10)
        return;
    im->told = now;
    char bar[32];
    int full = percent * 30 / 100;
    memset(bar, '.', 30);
    memset(bar, '#', (size_t)(full > 30 ? 30 : full));
    bar[30] = '\0';
    fprintf(stderr, "\r[%s] %3d %%  %lld", bar, percent, (long long)im->row);
    if (end)
        fputc('\n', stderr);
    fflush(stderr);
}

/* --- Rows that failed --- */

static void put_field(FILE *f, const char *text, bool first)
{
    if (!first)
        fputc(',', f);
    bool quote = text[strcspn(text, ",\"\r\n")] != '\0' || text[0] == ' ' || (text[0] && text[strlen(text) - 1] == ' ');
    if (!quote) {
        fputs(text, f);
        return;
    }
    fputc('"', f);
    for (const char *p = text; *p; p++) {
        if (*p == '"')
            fputc('"', f);
        fputc(*p, f);
    }
    fputc('"', f);
}

/* line, column, reason, and the row as it was: mend it and import the error file. */
static int put_error(struct import *im, const struct pending *p)
{
    char number[24];
    if (!im->errors)
        return CLI_OK;
    snprintf(number, sizeof number, "%" PRId64, p->line);
    put_field(im->errors, number, true);
    put_field(im->errors, p->column, false);
    put_field(im->errors, p->reason, false);
    for (int i = 0; i < im->header.n; i++)
        if (!import_column_is_report(im->header.titles[i]))
            put_field(im->errors, i < p->n_fields ? p->fields[i] : "", false);
    fputs("\r\n", im->errors);
    return CLI_OK;
}

static int open_errors(struct import *im)
{
    struct cli *c = im->c;
    if (im->dry)
        return CLI_OK;
    bool again = im->state.rows > 0;
    im->errors = fopen(im->errors_path, again ? "r+" : "w");
    if (!im->errors && again)
        im->errors = fopen(im->errors_path, "w");
    /* What an interrupted run wrote behind its last state is written again. */
    if (im->errors && again &&
        (ftruncate(fileno(im->errors), im->state.error_bytes) != 0 ||
         fseeko(im->errors, im->state.error_bytes, SEEK_SET) != 0)) {
        fclose(im->errors);
        im->errors = NULL;
    }
    if (!im->errors) {
        out_error(c, _("Cannot write %s (%s)."), im->errors_path, strerror(errno));
        return CLI_FAILED;
    }
    if (again && im->state.error_bytes > 0)
        return CLI_OK;
    fputs("\xef\xbb\xbfline,column,reason", im->errors); /* the mark makes spreadsheets read UTF-8 */
    for (int i = 0; i < im->header.n; i++)
        if (!import_column_is_report(im->header.titles[i]))
            put_field(im->errors, im->header.titles[i], false);
    fputs("\r\n", im->errors);
    return CLI_OK;
}

static int save_state(struct import *im)
{
    struct err e;
    if (im->dry)
        return CLI_OK;
    if (fflush(im->errors) != 0 || ferror(im->errors)) {
        out_error(im->c, _("Cannot write %s (%s)."), im->errors_path, strerror(errno));
        return CLI_FAILED;
    }
    im->state.error_bytes = ftello(im->errors);
    return import_state_save(&im->state, &e) ? cli_error(im->c, &e) : CLI_OK;
}

/* --- A batch --- */

static void fail_row(struct pending *p, const char *column, const char *reason)
{
    p->failed = p->settled = true;
    text_copy(p->column, sizeof p->column, column);
    text_copy(p->reason, sizeof p->reason, reason);
}

/* The server names a field of the request: the columns are called like the fields, but for the point. */
static const char *column_of_field(const char *field)
{
    const char *dot = strrchr(field, '.');
    const char *name = dot ? dot + 1 : field;
    return strcmp(name, "location") == 0 ? "latitude" : name;
}

static void take_error(struct pending *p, const Google__Rpc__Status *st)
{
    struct status_info info;
    char reason[640];
    size_t len = google__rpc__status__get_packed_size(st);
    uint8_t *bytes = malloc(len + 1);
    if (bytes)
        google__rpc__status__pack(st, bytes);
    status_decode_packed(st->code, st->message, bytes, bytes ? len : 0, &info);
    const char *field = info.n_violations ? info.violations[0].field : "";
    const char *text = info.n_violations && info.violations[0].text[0] ? info.violations[0].text
                       : info.message[0]                               ? info.message
                                                                       : status_hint(info.code);
    snprintf(reason, sizeof reason, "%s [%s]", text, grpc_status_name(info.code));
    fail_row(p, column_of_field(field), reason);
    status_fini(&info);
    free(bytes);
}

/* Takes what was answered; items the server had no time for stay unsettled. */
static int take_answers(struct import *im, struct pending *const *sent, size_t n_sent,
                        const Wangge__V1__SubmitCasesResponse *resp)
{
    if (resp->n_results != n_sent) {
        out_error(im->c, "%s", _("The server answered another number of rows than were sent."));
        return CLI_FAILED;
    }
    for (size_t i = 0; i < n_sent; i++) {
        const Wangge__V1__SubmitCaseResult *r = resp->results[i];
        if (r->result_case == WANGGE__V1__SUBMIT_CASE_RESULT__RESULT_OK) {
            sent[i]->settled = true;
            if (r->ok->replayed)
                im->state.repeated++;
            else
                im->state.imported++;
        } else if (r->result_case == WANGGE__V1__SUBMIT_CASE_RESULT__RESULT_ERROR && !status_is_transient(r->error->code)) {
            take_error(sent[i], r->error);
        }
    }
    return CLI_OK;
}

static void on_pause_over(evutil_socket_t fd, short what, void *arg)
{
    event_base_loopbreak(arg);
}

static void pause_for(struct cli *c, int64_t ms)
{
    struct timeval tv = {.tv_sec = (time_t)(ms / 1000), .tv_usec = (suseconds_t)(ms % 1000) * 1000};
    if (event_base_once(c->base, -1, EV_TIMEOUT, on_pause_over, c->base, &tv) == 0)
        event_base_dispatch(c->base);
}

/* Sends the unsettled rows once. */
static int send_once(struct import *im, bool *ret_left, int64_t *ret_wait_ms)
{
    Wangge__V1__SubmitCaseRequest *items[BATCH_MAX];
    struct pending *sent[BATCH_MAX];
    struct channel_result r;
    size_t n = 0;
    int rc = CLI_OK;
    for (int i = 0; i < im->n; i++) {
        if (im->batch[i].settled)
            continue;
        sent[n] = &im->batch[i];
        items[n++] = im->batch[i].req;
    }
    *ret_left = false;
    if (n == 0)
        return CLI_OK;
    Wangge__V1__SubmitCasesRequest req = WANGGE__V1__SUBMIT_CASES_REQUEST__INIT;
    req.n_items = n;
    req.items = items;
    channel_connect(im->c->channel);
    channel_call_wait(im->c->base, im->c->channel, &methods_submit_cases, &req.base, cli_timeout_ms(im->c), &r);
    if (r.interrupted)
        rc = CLI_INTERRUPTED;
    else if (r.status.code == GRPC_OK)
        rc = take_answers(im, sent, n, (const Wangge__V1__SubmitCasesResponse *)r.resp);
    else if (!status_is_transient(r.status.code))
        rc = cli_status(im->c, &r.status);
    for (size_t i = 0; i < n; i++)
        *ret_left |= !sent[i]->settled;
    if (rc == CLI_OK && *ret_left)
        out_note(im->c, _("The server is away or busy (%s). Trying again."),
                 r.status.code ? r.status.message : grpc_status_name(14));
    *ret_wait_ms = r.status.retry_after_ms > 0 ? r.status.retry_after_ms : 0;
    channel_result_fini(&r);
    return rc;
}

static int settle_batch(struct import *im)
{
    bool left = true;
    int rc = CLI_OK;
    for (int tries = 1; left && rc == CLI_OK; tries++) {
        int64_t wait = 0;
        rc = send_once(im, &left, &wait);
        if (rc || !left)
            break;
        if (tries == TRIES_MAX) {
            out_error(im->c, "%s", _("The server does not answer. What is done is kept; run the same command again to go on."));
            return CLI_UNREACHABLE;
        }
        int64_t own = INT64_C(500) << (tries - 1);
        pause_for(im->c, wait > own ? wait : own);
    }
    return rc;
}

/* The batch is full, or the file at its end: send, write down, forget. */
static int flush_batch(struct import *im)
{
    int rc = im->dry ? CLI_OK : settle_batch(im);
    for (int i = 0; rc == CLI_OK && i < im->n; i++) {
        im->state.failed += im->batch[i].failed;
        if (im->dry && !im->batch[i].failed)
            im->state.imported++;
        if (im->batch[i].failed && im->dry)
            out_printf(im->c, _("line %lld, %s: %s\n"), (long long)im->batch[i].line, im->batch[i].column, im->batch[i].reason);
        if (im->batch[i].failed)
            rc = put_error(im, &im->batch[i]);
    }
    if (rc == CLI_OK) {
        im->state.rows += im->n;
        if (im->n > 0)
            rc = save_state(im);
    }
    arena_reset(im->arena);
    im->n = 0;
    im->bytes = 0;
    return rc;
}

static int keep_fields(struct import *im, const struct csv_row *row, struct pending *p)
{
    p->n_fields = row->n_fields;
    for (int i = 0; i < row->n_fields; i++) {
        p->fields[i] = arena_strndup(im->arena, row->fields[i].text, row->fields[i].len);
        if (!p->fields[i])
            return CLI_FAILED;
        im->bytes += row->fields[i].len / 2; /* what only stands in the error file takes memory, too */
    }
    return CLI_OK;
}

static int add_row(struct import *im, const struct csv_row *row)
{
    struct err e;
    struct pending *p = &im->batch[im->n];
    memset(p, 0, sizeof *p);
    p->line = row->line;
    int rc = import_row_request(&im->header, row, im->seen, cli_now(), im->arena, &p->req, &e);
    if (rc && rc != ERR_INVALID)
        return cli_error(im->c, &e);
    if (rc == 0)
        rc = import_codes_check(im->codes, p->req, &e);
    if (im->row <= im->skipped) {
        arena_reset(im->arena); /* counted among the seen ones, settled before */
        return CLI_OK;
    }
    if (rc)
        fail_row(p, e.field, e.text);
    else
        im->bytes += wangge__v1__submit_case_request__get_packed_size(p->req) + 8;
    if (keep_fields(im, row, p)) {
        out_error(im->c, "%s", _("Out of memory."));
        return CLI_FAILED;
    }
    im->n++;
    if (im->n == im->batch_max || im->bytes >= BATCH_BYTES_MAX)
        return flush_batch(im);
    return CLI_OK;
}

static int on_row(void *arg, const struct csv_row *row)
{
    struct import *im = arg;
    struct err e;
    if (!im->has_header) {
        if (import_header_init(&im->header, row, &e)) {
            im->code = cli_error(im->c, &e);
            return STOP;
        }
        im->has_header = true;
        im->code = open_errors(im);
        return im->code ? STOP : 0;
    }
    im->row++;
    im->code = add_row(im, row);
    tell_progress(im, false);
    return im->code ? STOP : 0;
}

/* --- All of it --- */

static int prepare(struct import *im)
{
    struct cli *c = im->c;
    struct err e;
    char account[OUTBOX_ACCOUNT_MAX];
    long batch;
    const char *path = c->opt.args[0];
    if (options_number(&c->opt, OPTION_BATCH, 1, BATCH_MAX, BATCH_MAX, &batch, &e)) {
        out_error(c, "%s", e.text);
        return CLI_USAGE;
    }
    im->batch_max = (int)batch;
    if (import_source_open(&im->source, path, &e))
        return cli_error(c, &e);
    int rc = im->dry ? CLI_OK : cli_connect(c, true);
    if (rc)
        return rc;
    session_account(&c->session, account, sizeof account);
    if (import_state_load(&im->state, path, im->source.sha256, account, &e))
        return cli_error(c, &e);
    if (im->dry)
        im->state.rows = im->state.imported = im->state.repeated = im->state.failed = 0;
    im->skipped = im->state.rows;
    int n = snprintf(im->errors_path, sizeof im->errors_path, "%s%s", options_get(&c->opt, OPTION_ERRORS, path),
                     options_has(&c->opt, OPTION_ERRORS) ? "" : ".errors.csv");
    if (n < 0 || (size_t)n >= sizeof im->errors_path || strcmp(im->errors_path, path) == 0) {
        out_error(c, "%s", _("The error file needs another name than the input."));
        return CLI_USAGE;
    }
    im->arena = arena_create(ARENA_MAX);
    im->seen = import_seen_create();
    im->batch = calloc(BATCH_MAX, sizeof *im->batch);
    if (!im->arena || !im->seen || !im->batch) {
        out_error(c, "%s", _("Out of memory."));
        return CLI_FAILED;
    }
    out_note(c, _("%s: %s, about %lld rows."), path, im->source.encoding == IMPORT_GB18030 ? "GB18030" : "UTF-8",
             (long long)(im->source.lines > 0 ? im->source.lines - 1 : 0));
    if (im->skipped)
        out_note(c, _("Going on behind row %lld."), (long long)im->skipped);
    if (im->dry)
        im->codes = import_codes_fetch(c);
    im->bar = isatty(STDERR_FILENO);
    im->started = im->told = cli_now();
    return CLI_OK;
}

static void tell_result(struct import *im)
{
    struct cli *c = im->c;
    const struct import_state *s = &im->state;
    if (c->json)
        out_printf(c, "{\"rows\":%" PRId64 ",\"imported\":%" PRId64 ",\"repeated\":%" PRId64 ",\"failed\":%" PRId64 "}\n",
                   s->rows, s->imported, s->repeated, s->failed);
    else if (im->dry)
        out_printf(c, _("%lld rows: %lld good, %lld with faults. Nothing was sent.\n"), (long long)s->rows,
                   (long long)s->imported, (long long)s->failed);
    else
        out_printf(c, _("%lld rows: %lld imported, %lld were there already, %lld failed.\n"), (long long)s->rows,
                   (long long)s->imported, (long long)s->repeated, (long long)s->failed);
    if (s->failed && !im->dry)
        out_note(c, _("The rows that failed are in %s; mend them there and import that file."), im->errors_path);
}

static int run(struct import *im)
{
    struct err e = {0};
    struct csv_reader *reader = csv_reader_create(on_row, im);
    if (!reader) {
        out_error(im->c, "%s", _("Out of memory."));
        return CLI_FAILED;
    }
    int rc = import_source_read(&im->source, reader, NULL, &e);
    csv_reader_destroy(reader);
    if (rc == STOP)
        return im->code;
    if (rc)
        return cli_error(im->c, &e);
    if (!im->has_header) {
        out_error(im->c, _("%s is empty."), im->c->opt.args[0]);
        return CLI_INVALID;
    }
    return flush_batch(im);
}

int cmd_import(struct cli *c)
{
    struct import im = {.c = c, .source = {._fd = -1}};
    im.dry = options_has(&c->opt, OPTION_DRY_RUN);
    int rc = prepare(&im);
    if (rc == CLI_OK) {
        rc = run(&im);
        tell_progress(&im, true);
    }
    if (im.errors && fclose(im.errors) != 0 && rc == CLI_OK) {
        out_error(c, _("Cannot write %s (%s)."), im.errors_path, strerror(errno));
        rc = CLI_FAILED;
    }
    if (rc == CLI_OK) {
        tell_result(&im);
        if (!im.dry) {
            import_state_remove(&im.state);
            if (im.state.failed == 0)
                unlink(im.errors_path);
        }
        if (im.state.failed)
            rc = im.state.failed == im.state.rows ? CLI_INVALID : CLI_PARTIAL;
    } else if (rc == CLI_INTERRUPTED) {
        out_note(c, "%s", _("Interrupted. What is done is kept; run the same command again to go on."));
    }
    import_source_close(&im.source);
    import_header_fini(&im.header);
    import_seen_destroy(im.seen);
    import_codes_destroy(im.codes);
    arena_destroy(im.arena);
    free(im.batch);
    return rc;
}

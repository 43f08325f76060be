/* SPDX-License-Identifier: MIT */
#include "client/demo/dump.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "client/demo/demo_history.h"
#include "common/base/buf.h"
#include "common/pb/json.h"

enum { ITEM_MEMORY = 8 << 20, LINE_MAX_BYTES = 8 << 20 };

static int print_line(struct buf *line, const ProtobufCMessage *msg, struct err *e)
{
    buf_clear(line);
    int rc = pb_json_write(msg, NULL, line, e);
    if (rc == 0 && (rc = buf_append_str(line, "\n")) < 0)
        rc = err_set(e, rc, "A line is too long.");
    if (rc == 0 && fwrite(buf_data(line), 1, buf_len(line), stdout) != buf_len(line))
        rc = err_set(e, ERR_IO, "Standard output cannot be written.");
    return rc;
}

static int dump_directory(const struct demo_city *c, struct arena *a, struct buf *line, struct err *e)
{
    int rc = 0;
    Wangge__V1__ImportDirectoryRequest *req;
    for (int part = 0; rc == 0 && (req = demo_city_part(c, part, a, e)); part++) {
        rc = print_line(line, &req->base, e);
        arena_reset(a);
    }
    return rc < 0 ? rc : e->code;
}

static int dump_history(const struct demo_city *c, const struct dump_options *opts, struct arena *a, struct buf *line,
                        struct err *e)
{
    struct demo_history *h = demo_history_create(c, opts->seed, demo_years, DEMO_YEARS, e);
    if (!h)
        return e->code;
    size_t first = opts->from ? (size_t)opts->from - 1 : 0;
    size_t end = demo_history_len(h);
    int rc = 0;
    if (opts->count && opts->count < end - (first < end ? first : end))
        end = first + (size_t)opts->count;
    for (size_t i = first; i < end && rc == 0; i++) {
        arena_reset(a);
        Wangge__V1__ImportHistoryRequest *req = demo_history_item(h, i, a);
        rc = req ? print_line(line, &req->base, e) : err_set(e, ERR_NOMEM, "Not enough memory for item %zu.", i + 1);
    }
    demo_history_destroy(h);
    return rc;
}

static int dump_submits(const struct demo_city *c, const struct dump_options *opts, struct arena *a, struct buf *line,
                        struct err *e)
{
    struct demo_submits s = {
        .city = c, .seed = opts->seed, .settled_permille = opts->settled_permille, .region_code = opts->region_code};
    int rc = demo_submits_init(&s, e);
    uint64_t first = opts->from ? opts->from - 1 : 0;
    for (uint64_t i = first; rc == 0 && i < first + opts->count; i++) {
        arena_reset(a);
        Wangge__V1__SubmitCaseRequest *req = demo_submit_item(&s, i, opts->at, a);
        rc = req ? print_line(line, &req->base, e) : err_set(e, ERR_NOMEM, "Not enough memory for an incident.");
    }
    demo_submits_fini(&s);
    return rc;
}

int dump_run(const struct dump_options *opts)
{
    struct err e = {0};
    struct buf line;
    struct arena *a = arena_create(ITEM_MEMORY);
    struct demo_city *c = demo_city_create(DEMO_SEED, &e);
    int rc = c ? 0 : e.code;
    buf_init(&line, LINE_MAX_BYTES);
    if (rc == 0 && !a)
        rc = err_set(&e, ERR_NOMEM, "Not enough memory.");
    if (rc == 0) {
        switch (opts->kind) {
        case DUMP_DIRECTORY:
            rc = dump_directory(c, a, &line, &e);
            break;
        case DUMP_HISTORY:
            rc = dump_history(c, opts, a, &line, &e);
            break;
        case DUMP_SUBMITS:
            rc = dump_submits(c, opts, a, &line, &e);
            break;
        }
    }
    if (rc == 0 && fflush(stdout) != 0)
        rc = err_set(&e, ERR_IO, "Standard output cannot be written.");
    buf_fini(&line);
    arena_destroy(a);
    demo_city_destroy(c);
    if (rc == 0)
        return EXIT_SUCCESS;
    (void)fprintf(stderr, "wangge-demo: %s\n", e.text);
    return rc == ERR_IO ? EX_IOERR : rc == ERR_NOT_FOUND ? EX_USAGE : EXIT_FAILURE;
}

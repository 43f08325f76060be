/* SPDX-License-Identifier: MIT */
/* The files of a case: attach, list, download. Any of it may be run again after it broke off: it goes on there. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "client/cli/cli_case.h"
#include "client/cli/cli_files.h"
#include "client/cli/instant.h"
#include "client/model/i18n.h"
#include "client/rpc/methods.h"
#include "common/base/text.h"
#include "common/h2/grpc.h"

/* One exit code of many: the only one, or that some failed. */
struct tally {
    int done, failed, code;
};

static void count(struct tally *n, int code)
{
    if (code == CLI_OK)
        n->done++;
    else
        n->failed++, n->code = code;
}

static int exit_of(const struct tally *n)
{
    return n->failed == 0 ? CLI_OK : n->done > 0 && n->code != CLI_INTERRUPTED ? CLI_PARTIAL : n->code;
}

int cmd_case_attach(struct cli *c)
{
    struct channel_result r;
    const Wangge__V1__Case *cs;
    struct tally n = {0};
    /* A case that does not exist would take the files and never show them: it is asked for by its id, too. */
    int rc = cli_case_get(c, c->opt.args[0], &r, &cs);
    for (int i = 1; rc == CLI_OK && i < c->opt.n_args; i++) {
        Wangge__V1__Attachment *a = NULL;
        int code = cli_upload(c, cs->case_id, c->opt.args[i], false, &a);
        count(&n, code);
        if (code == CLI_OK && c->json)
            rc = out_json(c, &a->base);
        else if (code == CLI_OK)
            out_printf(c, "%s  %s\n", a->attachment_id, a->name);
        model_free(a);
        if (cli_files_hopeless(code))
            break;
    }
    channel_result_fini(&r);
    return rc ? rc : exit_of(&n);
}

/* --- Listing --- */

static int list_of(struct cli *c, const char *case_id, struct channel_result *r)
{
    Wangge__V1__ListAttachmentsRequest req = WANGGE__V1__LIST_ATTACHMENTS_REQUEST__INIT;
    req.case_id = (char *)case_id;
    return cli_call(c, &methods_list_attachments, &req.base, r);
}

static bool put_row(struct table *t, const Wangge__V1__Attachment *a)
{
    char size[ATTACH_TEXT_SIZE], when[INSTANT_TEXT_MAX], taken[INSTANT_TEXT_MAX], step[64] = "";
    if (a->event_version > 0)
        snprintf(step, sizeof step, "%lld", (long long)a->event_version);
    return table_cell(t, a->attachment_id) && table_cell(t, a->name) && table_cell(t, attach_kind_text(a->media_type)) &&
           table_cell(t, attach_size_text(a->size, size)) &&
           table_cell(t, instant_format(instant_of(a->uploaded_at) / USEC_PER_SEC * USEC_PER_SEC, when)) &&
           table_cell(t, a->uploader ? a->uploader->name : "-") &&
           table_cell(t, a->taken_at ? instant_format(instant_of(a->taken_at), taken) : "") && table_cell(t, step) &&
           table_cell(t, a->reused ? _("also in another case") : "");
}

static int put_table(struct cli *c, const Wangge__V1__ListAttachmentsResponse *l)
{
    const char *titles[] = {
        C_("column", "Id"),       C_("column", "Name"), C_("column", "Type"),  C_("column", "Size"),
        C_("column", "Uploaded"), C_("column", "By"),   C_("column", "Taken"), C_("column", "Evidence of version"),
        C_("column", "Remark")};
    enum { TITLES = sizeof titles / sizeof *titles };
    struct table *t = table_create(TITLES);
    bool fine = t != NULL;
    for (int i = 0; t && i < TITLES; i++)
        table_column(t, i, titles[i], i == 3 || i == 7, i == 1);
    for (size_t i = 0; fine && i < l->n_attachments; i++)
        fine = put_row(t, l->attachments[i]);
    if (fine)
        out_table(c, t);
    table_destroy(t);
    return fine ? CLI_OK : CLI_FAILED;
}

int cmd_case_files(struct cli *c)
{
    char case_id[37];
    struct channel_result r = {0};
    int rc = cli_case_id(c, c->opt.args[0], case_id);
    if (rc == CLI_OK)
        rc = list_of(c, case_id, &r);
    const Wangge__V1__ListAttachmentsResponse *l = (const Wangge__V1__ListAttachmentsResponse *)r.resp;
    for (size_t i = 0; rc == CLI_OK && c->json && i < l->n_attachments; i++)
        rc = out_json(c, &l->attachments[i]->base);
    if (rc == CLI_OK && l->n_attachments == 0)
        out_note(c, "%s", _("The case has no files."));
    else if (rc == CLI_OK && !c->json)
        rc = put_table(c, l);
    channel_result_fini(&r);
    return rc;
}

/* --- Downloading --- */

static int fetch(struct cli *c, const char *id, const char *to, const char *name)
{
    char path[DOWNLOAD_PATH_SIZE], clean[DOWNLOAD_PATH_SIZE];
    bool already = false;
    int rc = cli_download(
        c, &(struct download_file){.attachment_id = id, .to = to, .name = name, .force = options_has(&c->opt, OPTION_FORCE)},
        path, &already);
    if (rc)
        return rc;
    table_clean(path, false, clean, sizeof clean);
    if (already)
        out_note(c, _("%s was there already."), clean);
    out_printf(c, "%s\n", clean);
    return CLI_OK;
}

/* The name on the disk: files of one name get numbers, in the order of the list, so the same ones in every run. */
static void local_name(const Wangge__V1__ListAttachmentsResponse *l, size_t at, char *out, size_t size)
{
    char name[ATTACH_LOCAL_SIZE], other[ATTACH_LOCAL_SIZE];
    int before = 0;
    attach_safe_name(l->attachments[at]->name, name, sizeof name);
    for (size_t i = 0; i < at; i++) {
        attach_safe_name(l->attachments[i]->name, other, sizeof other);
        before += strcmp(name, other) == 0;
    }
    if (before)
        attach_other_name(name, before + 1, out, size);
    else
        text_copy(out, size, name);
}

static int fetch_all(struct cli *c, const Wangge__V1__ListAttachmentsResponse *l, const char *to)
{
    struct stat st;
    struct tally n = {0};
    bool folder = !to || to[strlen(to) - 1] == '/' || (stat(to, &st) == 0 && S_ISDIR(st.st_mode));
    if (l->n_attachments == 0) {
        out_error(c, "%s", _("The case has no files."));
        return CLI_NOT_FOUND;
    }
    if (l->n_attachments > 1 && !folder) {
        out_error(c, _("The case has %zu files: --to must name a folder that exists."), l->n_attachments);
        return CLI_INVALID;
    }
    for (size_t i = 0; i < l->n_attachments; i++) {
        char name[ATTACH_LOCAL_SIZE];
        local_name(l, i, name, sizeof name);
        int code = fetch(c, l->attachments[i]->attachment_id, to, name);
        count(&n, code);
        if (cli_files_hopeless(code))
            break;
    }
    return exit_of(&n);
}

/* Whether an id is a case's; if not it may be a file's. */
static int ask_list(struct cli *c, const char *word, struct channel_result *r, bool *ret_is_file)
{
    Wangge__V1__ListAttachmentsRequest req = WANGGE__V1__LIST_ATTACHMENTS_REQUEST__INIT;
    char case_id[37];
    int rc = cli_connect(c, true);
    if (rc == CLI_OK)
        rc = cli_case_id(c, word, case_id);
    if (rc)
        return rc;
    req.case_id = case_id;
    channel_call_wait(c->base, c->channel, &methods_list_attachments, &req.base, cli_timeout_ms(c), r);
    *ret_is_file = r->status.code == GRPC_NOT_FOUND && cli_case_is_id(word);
    return *ret_is_file || r->status.code == GRPC_OK ? CLI_OK : r->interrupted ? CLI_INTERRUPTED : cli_status(c, &r->status);
}

int cmd_case_download(struct cli *c)
{
    struct channel_result r = {0};
    const char *to = options_get(&c->opt, OPTION_TO, NULL);
    bool is_file = false;
    if (to && !to[0]) {
        out_error(c, "%s", _("--to is empty."));
        return CLI_USAGE;
    }
    int rc = ask_list(c, c->opt.args[0], &r, &is_file);
    if (rc == CLI_OK && is_file)
        rc = fetch(c, c->opt.args[0], to, NULL);
    else if (rc == CLI_OK)
        rc = fetch_all(c, (const Wangge__V1__ListAttachmentsResponse *)r.resp, to);
    channel_result_fini(&r);
    return rc;
}

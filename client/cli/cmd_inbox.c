/* SPDX-License-Identifier: MIT */
/* inbox, inbox read: what concerns the person, and what of it was read. */
#include <stdlib.h>
#include <string.h>

#include "client/cli/cli.h"
#include "client/cli/instant.h"
#include "client/cli/listing.h"
#include "client/model/i18n.h"
#include "client/model/labels.h"
#include "client/rpc/methods.h"
#include "common/base/text.h"
#include "wangge/v1/inbox.pb-c.h"

enum { KINDS_MAX = 7 };

struct filter {
    Wangge__V1__ListNoticesRequest req;
    Wangge__V1__NoticeKind kinds[KINDS_MAX];
};

static int take_kinds(struct cli *c, struct filter *f)
{
    const char *p = options_get(&c->opt, OPTION_KIND, "");
    while (*p) {
        char word[LABELS_WORD_MAX], list[256];
        size_t n = strcspn(p, ",");
        int v;
        snprintf(word, sizeof word, "%.*s", (int)n, p);
        if (!labels_find(LABELS_NOTICE, word, &v) || f->req.n_kinds == KINDS_MAX) {
            labels_list(LABELS_NOTICE, list, sizeof list);
            out_error(c, _("--%s: \"%s\" is none of %s."), "kind", word, list);
            return CLI_INVALID;
        }
        f->kinds[f->req.n_kinds++] = (Wangge__V1__NoticeKind)v;
        p += n + (p[n] == ',');
    }
    f->req.kinds = f->kinds;
    return CLI_OK;
}

static const struct listing_column columns[] = {
    {N_("Notice"), true, false}, {"", false, false},          {N_("When"), false, false}, {N_("Kind"), false, false},
    {N_("Case"), false, false},  {N_("State"), false, false}, {N_("By"), false, false},   {N_("About"), false, true},
};

/* "Close, by the lead case 2306042109170001: 小区东门外…" */
static void describe(const Wangge__V1__Notice *n, char *out, size_t size)
{
    char action[LABELS_WORD_MAX], approval[LABELS_WORD_MAX], due[INSTANT_TEXT_MAX], what[256];
    if (n->action)
        snprintf(what, sizeof what, "%s", labels_text(LABELS_ACTION, (int)n->action, action));
    else
        snprintf(what, sizeof what, _("due %s"), instant_format(instant_of(n->due_at), due));
    if (n->approval)
        snprintf(what + strlen(what), sizeof what - strlen(what), " (%s)",
                 labels_text(LABELS_APPROVAL, (int)n->approval, approval));
    if (*n->through_number)
        snprintf(what + strlen(what), sizeof what - strlen(what), _(", through the lead case %s"), n->through_number);
    snprintf(out, size, "%s: %s", what, n->summary);
}

static bool put_row(struct table *t, const ProtobufCMessage *item)
{
    const Wangge__V1__Notice *n = (const Wangge__V1__Notice *)item;
    char when[INSTANT_TEXT_MAX], kind[LABELS_WORD_MAX], state[LABELS_WORD_MAX], about[1024], clean[1024];
    describe(n, about, sizeof about);
    table_clean(about, false, clean, sizeof clean);
    return table_cell(t, n->notice_id) && table_cell(t, n->read ? "" : "*") &&
           table_cell(t, instant_format(instant_of(n->at) / USEC_PER_SEC * USEC_PER_SEC, when)) &&
           table_cell(t, labels_text(LABELS_NOTICE, (int)n->kind, kind)) && table_cell(t, n->case_number) &&
           table_cell(t, labels_text(LABELS_STATE, (int)n->state, state)) && table_cell(t, n->actor ? n->actor->name : "-") &&
           table_cell(t, clean);
}

/* How much is unread, as a remark. */
static int tell_count(struct cli *c)
{
    static const Wangge__V1__CountNoticesRequest req = WANGGE__V1__COUNT_NOTICES_REQUEST__INIT;
    struct channel_result r;
    int rc = cli_call(c, &methods_count_notices, &req.base, &r);
    if (rc == CLI_OK) {
        const Wangge__V1__CountNoticesResponse *counts = (const Wangge__V1__CountNoticesResponse *)r.resp;
        char text[512] = "", kind[LABELS_WORD_MAX];
        for (size_t i = 0; i < counts->n_counts; i++)
            snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s %d", i ? ", " : "",
                     labels_text(LABELS_NOTICE, (int)counts->counts[i]->kind, kind), counts->counts[i]->unread);
        if (counts->unread)
            out_note(c, _("Unread: %d (%s)."), counts->unread, text);
        else
            out_note(c, "%s", _("Nothing is unread."));
    }
    channel_result_fini(&r);
    return rc;
}

int cmd_inbox(struct cli *c)
{
    struct filter f = {0};
    wangge__v1__list_notices_request__init(&f.req);
    const struct listing l = {
        .method = &methods_list_notices,
        .request = &f.req.base,
        .page_size = &f.req.page_size,
        .page_token = &f.req.page_token,
        .columns = columns,
        .n_columns = sizeof columns / sizeof *columns,
        .row = put_row,
        .none = _("There are no notices."),
    };
    f.req.unread_only = options_has(&c->opt, OPTION_UNREAD);
    int rc = take_kinds(c, &f);
    if (rc == CLI_OK)
        rc = listing_run(c, &l);
    return rc == CLI_OK && !c->quiet ? tell_count(c) : rc;
}

/* The newest notice there is, to mark everything up to it. CLI_NOT_FOUND if there is none. */
static int newest(struct cli *c, char *out, size_t size)
{
    Wangge__V1__ListNoticesRequest req = WANGGE__V1__LIST_NOTICES_REQUEST__INIT;
    struct channel_result r;
    req.page_size = 1;
    int rc = cli_call(c, &methods_list_notices, &req.base, &r);
    if (rc == CLI_OK) {
        const Wangge__V1__ListNoticesResponse *page = (const Wangge__V1__ListNoticesResponse *)r.resp;
        out[0] = '\0';
        if (page->n_notices)
            (void)text_copy(out, size, page->notices[0]->notice_id);
    }
    channel_result_fini(&r);
    return rc;
}

int cmd_inbox_read(struct cli *c)
{
    Wangge__V1__MarkNoticesRequest req = WANGGE__V1__MARK_NOTICES_REQUEST__INIT;
    struct channel_result r;
    char up_to[32] = "";
    bool all = options_has(&c->opt, OPTION_ALL);
    if (all == (c->opt.n_args > 0)) {
        out_error(c, "%s", _("Name the notices, or say --all. \"wangge inbox\" shows them."));
        return CLI_USAGE;
    }
    if (all) {
        int rc = newest(c, up_to, sizeof up_to);
        if (rc || !up_to[0])
            return rc;
        req.up_to_notice_id = up_to;
    }
    req.n_notice_ids = (size_t)c->opt.n_args;
    req.notice_ids = (char **)c->opt.args;
    req.unread = options_has(&c->opt, OPTION_UNREAD);
    int rc = cli_call(c, &methods_mark_notices, &req.base, &r);
    if (rc == CLI_OK && c->json)
        rc = out_json(c, r.resp);
    else if (rc == CLI_OK)
        out_note(c, _("Changed: %d."), ((const Wangge__V1__MarkNoticesResponse *)r.resp)->changed);
    channel_result_fini(&r);
    return rc;
}

/* SPDX-License-Identifier: MIT */
/* The people of a case: shown masked, replaced, shown whole on record. */
#include <stdlib.h>
#include <string.h>

#include "client/cli/cli.h"
#include "client/cli/cli_case.h"
#include "client/cli/people_file.h"
#include "client/model/i18n.h"
#include "client/rpc/methods.h"
#include "common/base/text.h"
#include "wangge/v1/people.pb-c.h"

enum { PURPOSE_SIZE = 1024 };

static const char *kind_word(Wangge__V1__PersonKind kind)
{
    static const char *const words[] = {N_("person"), N_("told of it"), N_("party"), N_("contact")};
    return _(words[(unsigned)kind < 4 ? kind : 0]);
}

static void print_people(struct cli *c, Wangge__V1__Person *const *people, size_t n)
{
    if (n == 0)
        out_note(c, "%s", _("Nobody is entered."));
    for (size_t i = 0; i < n; i++) {
        const Wangge__V1__Person *p = people[i];
        char clean[TABLE_CELL_MAX];
        const struct {
            const char *label;
            const char *value;
        } parts[] = {{_("Name"), p->name}, {_("Phone"), p->phone}, {_("ID number"), p->id_number}, {_("Lives at"), p->address}};
        out_printf(c, "%zu. %s\n", i + 1, kind_word(p->kind));
        for (size_t k = 0; k < sizeof parts / sizeof parts[0]; k++) {
            if (!parts[k].value[0])
                continue;
            table_clean(parts[k].value, false, clean, sizeof clean);
            out_field(c, parts[k].label, clean);
        }
    }
}

int cmd_people_show(struct cli *c)
{
    struct channel_result r;
    const Wangge__V1__Case *cs = NULL;
    int rc = cli_case_get(c, c->opt.args[0], &r, &cs);
    for (size_t i = 0; rc == CLI_OK && c->json && i < cs->n_people; i++)
        rc = out_json(c, &cs->people[i]->base);
    if (rc == CLI_OK && !c->json) {
        print_people(c, cs->people, cs->n_people);
        if (cs->reporter_hidden)
            out_note(c, "%s", _("The case is confidential: who reported it is not shown."));
    }
    channel_result_fini(&r);
    return rc;
}

/* Asks for people one after the other; an empty name and phone end the list. */
static int ask_people(struct cli *c, struct people_file *f)
{
    size_t used = 0;
    while (f->n < PEOPLE_FILE_MAX) {
        char kind[32] = "";
        Wangge__V1__Person *p = &f->person[f->n];
        wangge__v1__person__init(p);
        const struct {
            const char *prompt;
            char **value;
        } parts[] = {{_("Name (empty: no more):"), &p->name},
                     {_("Phone:"), &p->phone},
                     {_("ID number:"), &p->id_number},
                     {_("Lives at:"), &p->address}};
        for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
            char *at = f->text + used;
            if (!ask_line(c, parts[i].prompt, at, 1024))
                return c->interrupted ? CLI_INTERRUPTED : CLI_CANCELLED;
            if (i == 0 && !*at)
                return CLI_OK;
            *parts[i].value = at;
            used += strlen(at) + 1;
        }
        if (!ask_line(c, _("Who is it (reporter, party, contact):"), kind, sizeof kind))
            return CLI_CANCELLED;
        if (!people_file_kind(kind, &p->kind)) {
            out_error(c, "%s", _("Write reporter, party or contact."));
            return CLI_INVALID;
        }
        f->list[f->n] = p;
        f->n++;
        if (sizeof f->text - used < 5 * 1024)
            break;
    }
    return CLI_OK;
}

int cmd_people_set(struct cli *c)
{
    char case_id[37], request_id[37];
    struct err e;
    struct channel_result r;
    const char *path = options_get(&c->opt, OPTION_FILE, NULL);
    struct people_file *f = calloc(1, sizeof *f);
    int rc = CLI_OK;
    if (!f) {
        out_error(c, "%s", _("Out of memory."));
        return CLI_FAILED;
    }
    if (!path && !c->may_ask) {
        out_error(c, _("--%s is missing."), "file");
        rc = CLI_USAGE;
    } else if (path && people_file_read(f, path, &e)) {
        rc = cli_error(c, &e);
    } else if (!path) {
        rc = ask_people(c, f);
    }
    if (rc == CLI_OK)
        rc = cli_case_id(c, c->opt.args[0], case_id);
    if (rc == CLI_OK && !options_has(&c->opt, OPTION_DRY_RUN)) {
        Wangge__V1__SetPeopleRequest req = WANGGE__V1__SET_PEOPLE_REQUEST__INIT;
        cli_new_id(request_id);
        req.request_id = request_id;
        req.case_id = case_id;
        req.people = f->list;
        req.n_people = f->n;
        rc = cli_call(c, &methods_set_people, &req.base, &r);
        if (rc == CLI_OK && c->json)
            rc = out_json(c, r.resp);
        else if (rc == CLI_OK)
            out_note(c, ngettext("%zu person is entered.", "%zu people are entered.", f->n), f->n);
        channel_result_fini(&r);
    }
    people_file_wipe(f);
    free(f);
    return rc;
}

int cmd_people_reveal(struct cli *c)
{
    char case_id[37], asked[PURPOSE_SIZE];
    struct channel_result r;
    const char *purpose = options_get(&c->opt, OPTION_PURPOSE, NULL);
    if (!purpose && !c->may_ask) {
        out_error(c, _("--%s is missing."), "purpose");
        return CLI_USAGE;
    }
    if (!purpose) {
        if (!ask_line(c, _("What do you need them for (it is recorded):"), asked, sizeof asked))
            return CLI_CANCELLED;
        purpose = asked;
    }
    int rc = cli_case_id(c, c->opt.args[0], case_id);
    if (rc)
        return rc;
    Wangge__V1__RevealPeopleRequest req = WANGGE__V1__REVEAL_PEOPLE_REQUEST__INIT;
    req.case_id = case_id;
    req.purpose = (char *)purpose;
    rc = cli_call(c, &methods_reveal_people, &req.base, &r);
    if (rc == CLI_OK && c->json) {
        rc = out_json(c, r.resp);
    } else if (rc == CLI_OK) {
        const Wangge__V1__RevealPeopleResponse *all = (const Wangge__V1__RevealPeopleResponse *)r.resp;
        char clean[TABLE_CELL_MAX];
        table_clean(all->reporter ? all->reporter->name : "", false, clean, sizeof clean);
        out_field(c, _("Reported by"), clean);
        print_people(c, all->people, all->n_people);
        out_note(c, _("Recorded as look %lld."), (long long)all->audit_id);
    }
    channel_result_fini(&r);
    return rc;
}

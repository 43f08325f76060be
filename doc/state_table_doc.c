/* SPDX-License-Identifier: MIT */
/*
 * Prints the state table as Markdown, from the table itself: doc/state-table.md is this program's output. With --check FILE it
 * compares instead and fails if they differ. Invariant: nothing about a single action is written here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/domain/deadline.h"
#include "server/domain/gate.h"

static const char intro[] =
    "# The state table\n"
    "\n"
    "What can be done to a case, by whom, from which state, under which conditions. This page is printed by the program from\n"
    "`server/domain/state_table.c`, the table the gate decides by; `ninja -C build doc/state-table.md` writes it anew\n"
    "(copy the result over `doc/state-table.md`), and a test fails while they differ.\n"
    "\n"
    "Every change passes the one gate (`server/domain/gate.h`), in this order: role, region, version, state, required fields, "
    "time,\n"
    "category and grid, then the row's guards. A refusal names the rule.\n"
    "\n"
    "- Extension, suspension, voiding and appeal are asked for by one and decided by others: the handler asks "
    "(`REQUEST_EXTEND`,\n"
    "  `REQUEST_SUSPEND`), the organ's lead endorses (`ENDORSE`), the dispatcher grants (`EXTEND`, `SUSPEND`); what the lead "
    "asks "
    "for\n"
    "  himself needs no endorsement. A voiding (`REQUEST_VOID`) is granted by the duty chief (`VOID`), an appeal (`APPEAL`) is "
    "endorsed\n"
    "  by the dispatcher and granted by the acceptor (`GRANT_APPEAL`). Whoever decides next may `DECLINE`, saying why; the "
    "asker may\n"
    "  withdraw the same way. Nobody decides about what he asked for, and nobody decides twice.\n"
    "- What others decide has to reach them in time: an extension, an appeal and a reopening are in time when the server gets "
    "them in\n"
    "  time, whatever `happened_at` says. (An imported history is judged by its own times.)\n"
    "- A step up to five minutes before the case's last event is the clock of a machine that is slow: it happened together "
    "with "
    "that event.\n"
    "  Earlier than that it is refused (`TIME_ORDER`).\n"
    "- Leaving `HANDLING` drops a pending extension and suspension (returned, transferred, fed back, escalated, referred, "
    "closed);\n"
    "  merging and splitting keeps them. Reopening drops a pending appeal, and gives the next closing an appeal of its own.\n"
    "- `EXTEND` makes the handling clock due exactly at the granted time; the first due time stays beside it. A granted "
    "appeal\n"
    "  leaves the case late and exempts it: figures count it as on time.\n"
    "- The overall clock runs from the report to the end. It waits in `FACT_CHECK`, `SUSPENDED` and `REFERRED`, escalation "
    "does not\n"
    "  move it, and a new round starts it anew.\n"
    "- Accepting may correct the category, but a case that counts does not become a work record, which no figure counts: it is "
    "refused.\n"
    "- `ESCALATE` leads one level up, or to the level given: skipping one needs an urgent or critical case.\n"
    "- A card only rises while the urge waits for its answer (`URGE_REPLY`); the case shows the sternest card of its round.\n"
    "- `CO_LAPSE` is the server's: it notes which helping organs let their time pass. They may still answer.\n"
    "- `RECLOCK` is the server's: a changed calendar or limit, applied to what runs. An extension's granted time stays.\n"
    "- `RECALL` 撤回 makes no state of its own: the case becomes `VOIDED` with the reason `RECALLED`; the event stays. In "
    "reports it\n"
    "  counts as reported and voided, and it cannot be restored, only reported anew.\n"
    "- `RECEIPT` closes the case if the answer is PASS and gives it back to the dispatcher if it is FAIL.\n"
    "- `SETTLE` needs no dispatch and no check; who settled it is reporter and closer in one.\n"
    "- The server itself (timers) is the only one to archive, and resumes a suspended case when its time has come.\n"
    "- A community acts as a centre where the row has the guard `LEVEL`, and as the handling organ where it has `OWN_ORGAN` "
    "alone.\n";

static void print_bits(FILE *out, uint32_t bits, int n, const char *(*name)(int))
{
    const char *comma = "";
    for (int i = 0; i < n; i++) {
        if (!(bits & UINT32_C(1) << i))
            continue;
        fprintf(out, "%s%s", comma, name(i));
        comma = ", ";
    }
    if (!*comma)
        fputs("–", out);
}

static const char *state_label(int i)
{
    return case_state_name((enum case_state)i);
}

static const char *role_label(int i)
{
    return role_name((enum role)i);
}

static const char *field_label(int i)
{
    return act_field_name((enum act_field)(1 << i));
}

static const char *clock_label(int kind)
{
    static const char *const names[] = {"–", "accept", "dispatch", "handle", "check"};
    return names[kind];
}

static void print_states(FILE *out)
{
    fputs("\n## States\n\n| state | | open | clock that runs |\n|---|---|---|---|\n", out);
    for (enum case_state s = STATE_REPORTED; s < STATE_COUNT; s++)
        fprintf(out, "| `%s` | %s | %s | %s |\n", case_state_name(s), case_state_name_zh(s),
                case_state_is_open(s) ? "yes" : "no", clock_label(case_state_clock(s)));
}

static void print_from(FILE *out, uint32_t from)
{
    if (from == STATES_OPEN)
        fputs("any open state", out);
    else if (from == STATE_BIT(STATE_NONE))
        fputs("(intake)", out);
    else if ((from & STATES_OPEN) == STATES_OPEN) {
        fputs("any open state, ", out);
        print_bits(out, from & ~STATES_OPEN, STATE_COUNT, state_label);
    } else {
        print_bits(out, from, STATE_COUNT, state_label);
    }
}

static void print_guards(FILE *out, uint64_t guards)
{
    const char *comma = "";
    for (enum guard g = 0; g < GUARD_COUNT; g++) {
        if (!(guards & GUARD_BIT(g)))
            continue;
        fprintf(out, "%s%s", comma, guard_name(g));
        comma = ", ";
    }
    if (!*comma)
        fputs("–", out);
}

static void print_rows(FILE *out)
{
    size_t n;
    const struct state_rule *rules = state_table(&n);
    fputs("\n## Actions\n\n| action | | from | to | who | required | optional | guards | clocks | counter "
          "|\n|---|---|---|---|---|---|---|---|---|---|\n",
          out);
    for (size_t i = 0; i < n; i++) {
        const struct state_rule *r = &rules[i];
        const char *to = r->to == TO_KEEP       ? "same"
                         : r->to == TO_PREVIOUS ? "the one before"
                                                : case_state_name((enum case_state)r->to);
        fprintf(out, "| `%s`%s | %s %s | ", action_name(r->action),
                r->when_result == CHECK_PASS   ? " (PASS)"
                : r->when_result == CHECK_FAIL ? " (FAIL)"
                                               : "",
                r->name_zh, r->name_en);
        print_from(out, r->from);
        fprintf(out, " | %s | ", to);
        print_bits(out, r->roles, ROLE_COUNT, role_label);
        fputs(" | ", out);
        print_bits(out, r->required, ACT_FIELD_COUNT, field_label);
        fputs(" | ", out);
        print_bits(out, r->optional, ACT_FIELD_COUNT, field_label);
        fputs(" | ", out);
        print_guards(out, r->guards);
        fprintf(out, " | %s | %s |\n", clock_effect_text(r->clocks), r->counter ? counter_name(r->counter) : "–");
    }
}

static void print_limits(FILE *out)
{
    struct gate_rules r;
    gate_rules_default(&r);
    fputs("\n## Limits (defaults)\n\n| limit | value |\n|---|---|\n", out);
    fprintf(out, "| accepting, dispatching, field check | %d, %d, %d working minutes |\n", r.accept_limit_s / 60,
            r.dispatch_limit_s / 60, r.check_limit_s / 60);
    fprintf(out, "| a called-in organ's reply | %d working minutes |\n", r.whistle_reply_s / 60);
    fprintf(out, "| returns, suspensions of one case | %d, %d |\n", r.max_returns, r.max_suspensions);
    fprintf(out, "| extensions of one case; appeals of one closing, within | %d; %d, %d working days |\n", r.max_extensions,
            r.max_appeals, r.appeal_workdays);
    fprintf(out, "| a suspension, an extension or a reply limit ends within | %lld days |\n",
            (long long)(r.max_suspend_s / 86400));
    fprintf(out, "| reopening after the closing | %lld days |\n", (long long)(r.reopen_s / 86400));
    fprintf(out, "| archiving without a revisit | after %lld days |\n", (long long)(r.archive_s / 86400));
    fprintf(out, "| a time in the future, in the past | %lld minutes, %lld days |\n", (long long)(r.future_s / 60),
            (long long)(r.max_age_s / 86400));
    fprintf(out, "| highest level | %d |\n", r.top_level);
    fputs("\nThe handling limit comes from the category, by urgency. Critical cases count through nights and holidays.\n", out);
}

/* 0 if the file holds exactly the text. */
static int compare(const char *path, const char *text, size_t len)
{
    FILE *f = fopen(path, "rb");
    char *have = malloc(len + 1);
    size_t got = f && have ? fread(have, 1, len + 1, f) : 0;
    int differs = !f || !have || got != len || memcmp(have, text, len) != 0;
    if (f)
        fclose(f);
    free(have);
    if (differs)
        fprintf(stderr,
                "%s is not what the state table says; run ninja -C build doc/state-table.md and copy the result over it.\n",
                path);
    return differs;
}

int main(int argc, char **argv)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (!out)
        return EXIT_FAILURE;
    fputs(intro, out);
    print_states(out);
    print_rows(out);
    print_limits(out);
    if (fclose(out) != 0 || !text)
        return EXIT_FAILURE;
    int rc = 0;
    if (argc == 3 && strcmp(argv[1], "--check") == 0)
        rc = compare(argv[2], text, len);
    else
        rc = fwrite(text, 1, len, stdout) != len;
    free(text);
    return rc ? EXIT_FAILURE : EXIT_SUCCESS;
}

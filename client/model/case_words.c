/* SPDX-License-Identifier: MIT */
/* A case in words; see case_words.h. */
#include "client/model/case_words.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "client/model/i18n.h"
#include "client/model/labels.h"
#include "client/model/moment.h"
#include "client/model/reasons.h"
#include "common/base/text.h"

#define STATE(name) WANGGE__V1__CASE_STATE__CASE_STATE_##name

struct lines {
    struct case_fact *out;
    size_t n;
    const Wangge__V1__Case *c;
    enum case_words_place place;
    const struct directory *names;
    usec_t now;
};

static void line(struct lines *l, enum case_fact_tone tone, const char *label, const char *fmt, ...) PRINTF_LIKE(4, 5);

static void line(struct lines *l, enum case_fact_tone tone, const char *label, const char *fmt, ...)
{
    va_list ap;
    if (l->n == CASE_FACTS_MAX)
        return;
    struct case_fact *f = &l->out[l->n++];
    f->label = label;
    f->tone = tone;
    va_start(ap, fmt);
    vsnprintf(f->text, sizeof f->text, fmt, ap);
    va_end(ap);
    text_trim_partial(f->text);
    for (char *p = f->text; *p; p++) {
        if (*p == '\n')
            *p = ' ';
    }
}

static const char *organ_name(const struct directory *names, const char *code)
{
    const Wangge__V1__Organ *o = names ? directory_organ(names, code) : NULL;
    return o ? o->name : code;
}

bool case_words_open(const Wangge__V1__Case *c)
{
    return c->state >= STATE(REPORTED) && c->state <= STATE(REFERRED);
}

Wangge__V1__Light case_words_light(const Wangge__V1__Case *c, usec_t now)
{
    usec_t due = model_time(c->due_at);
    if (due != USEC_NONE && due < now)
        return WANGGE__V1__LIGHT__LIGHT_RED; /* also when the answer is older than the due time */
    if (due == USEC_NONE)
        return WANGGE__V1__LIGHT__LIGHT_UNSPECIFIED;
    return c->light ? c->light : WANGGE__V1__LIGHT__LIGHT_GREEN;
}

static enum case_fact_tone tone_of(Wangge__V1__Light light)
{
    return light == WANGGE__V1__LIGHT__LIGHT_RED ? FACT_BAD : light == WANGGE__V1__LIGHT__LIGHT_YELLOW ? FACT_WARN : FACT_PLAIN;
}

static const char *actor_name(const Wangge__V1__Actor *a)
{
    return a && a->name[0] ? a->name : "--";
}

static void tell_approvals(struct lines *l)
{
    char word[LABELS_WORD_MAX], at[MOMENT_TEXT_MAX], until[MOMENT_TEXT_MAX], endorsed[160], when[80];
    for (size_t i = 0; i < l->c->n_approvals; i++) {
        const Wangge__V1__Approval *a = l->c->approvals[i];
        when[0] = 0;
        if (a->until)
            snprintf(when, sizeof when, _(", until %s"), moment_short(model_time(a->until), l->now, until));
        if (a->endorsed_by)
            snprintf(endorsed, sizeof endorsed, _("endorsed by %s %s"), actor_name(a->endorsed_by),
                     moment_short(model_time(a->endorsed_at), l->now, at));
        else
            text_copy(endorsed, sizeof endorsed,
                      a->kind == WANGGE__V1__APPROVAL_KIND__APPROVAL_KIND_VOID ? _("waits for the decision")
                                                                               : _("waits for the first approval"));
        line(l, FACT_WARN, _("Asked for"), _("%s%s (%s): %s, by %s %s"), labels_text(LABELS_APPROVAL, (int)a->kind, word), when,
             endorsed, a->reason[0] ? reasons_text(a->reason) : "--", actor_name(a->asked_by),
             moment_short(model_time(a->asked_at), l->now, until));
    }
    if (l->c->n_approvals == 0 && l->c->void_requested)
        line(l, FACT_WARN, _("Asked for"), "%s", labels_text(LABELS_APPROVAL, 3, word));
}

static void tell_clocks(struct lines *l)
{
    const Wangge__V1__Case *c = l->c;
    char a[MOMENT_TEXT_MAX], b[MOMENT_TEXT_MAX], word[LABELS_WORD_MAX];
    if (c->suspended_until)
        line(l, FACT_WARN, _("Suspended"), _("resumes by itself %s"), moment_short(model_time(c->suspended_until), l->now, a));
    usec_t overall = model_time(c->overall_due_at);
    if (overall != USEC_NONE) {
        Wangge__V1__Light light = overall < l->now   ? WANGGE__V1__LIGHT__LIGHT_RED
                                  : c->overall_light ? c->overall_light
                                                     : WANGGE__V1__LIGHT__LIGHT_GREEN;
        line(l, tone_of(light), _("Overall"), "[%s] %s  %s", labels_text(LABELS_LIGHT, (int)light, word),
             moment_short(overall, l->now, a), moment_remaining(overall, l->now, b));
    }
    if (c->original_due_at)
        line(l, FACT_PLAIN, _("First due"), _("%s; extensions: %d"), moment_short(model_time(c->original_due_at), l->now, a),
             (int)c->extension_count);
    if (c->due_provisional)
        line(l, FACT_DIM, _("Due"), "%s", _("provisional: the list of holidays of that year is not published yet"));
    if (c->late)
        line(l, c->late_exempt ? FACT_PLAIN : FACT_BAD, _("Late"), "%s",
             c->late_exempt ? _("handled too late; exempt by a granted appeal") : _("handled too late"));
}

static void tell_card(struct lines *l)
{
    char word[LABELS_WORD_MAX], a[MOMENT_TEXT_MAX], b[MOMENT_TEXT_MAX], reply[160] = "";
    usec_t by = model_time(l->c->card_reply_by);
    if (by != USEC_NONE)
        snprintf(reply, sizeof reply, _(", to be answered by %s, %s"), moment_short(by, l->now, a),
                 moment_remaining(by, l->now, b));
    if (l->c->card || reply[0])
        line(l, FACT_BAD, _("Card"), "%s%s", l->c->card ? labels_text(LABELS_CARD, (int)l->c->card, word) : _("urged"), reply);
}

static void tell_co_organs(struct lines *l)
{
    const Wangge__V1__Case *c = l->c;
    char a[MOMENT_TEXT_MAX];
    for (size_t i = 0; i < c->n_co_organs; i++) {
        const Wangge__V1__CoOrgan *o = c->co_organs[i];
        const char *name = o->organ_name[0] ? o->organ_name : organ_name(l->names, o->organ_code);
        if (o->replied)
            line(l, FACT_PLAIN, _("Co-organ"), _("%s: replied"), name);
        else if (o->lapsed)
            line(l, FACT_WARN, _("Co-organ"), _("%s: its time passed without a reply"), name);
        else if (o->reply_by)
            line(l, FACT_WARN, _("Co-organ"), _("%s: not replied yet, until %s"), name,
                 moment_short(model_time(o->reply_by), l->now, a));
        else
            line(l, FACT_WARN, _("Co-organ"), _("%s: not replied yet"), name);
    }
    for (size_t i = 0; c->n_co_organs == 0 && i < c->n_co_organ_codes; i++)
        line(l, FACT_PLAIN, _("Co-organ"), "%s", organ_name(l->names, c->co_organ_codes[i]));
}

static void tell_links(struct lines *l)
{
    const Wangge__V1__Case *c = l->c;
    char a[MOMENT_TEXT_MAX];
    if (c->merged_into_case_id[0] && l->place == WORDS_SCREEN)
        line(l, FACT_WARN, _("Merged into"), "%s", _("a lead case: F4 opens it"));
    for (size_t i = 0; i < c->n_merged_cases; i++)
        line(l, FACT_PLAIN, _("Merged here"), "%s  %s", c->merged_cases[i]->number,
             moment_short(model_time(c->merged_cases[i]->merged_at), l->now, a));
}

static void tell_person(struct lines *l, const Wangge__V1__Person *p)
{
    char word[LABELS_WORD_MAX];
    char text[500];
    const char *const parts[] = {p->name, p->phone, p->id_number, p->address};
    size_t used = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts && used < sizeof text; i++) {
        if (parts[i][0])
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", used ? "  " : "", parts[i]);
    }
    bool known = p->kind >= 1 && p->kind <= 3;
    line(l, FACT_PLAIN, known ? labels_text(LABELS_PERSON, (int)p->kind, word) : _("Person"), "%s%s", used ? text : "--",
         !p->masked                 ? ""
         : l->place == WORDS_SCREEN ? _("  (F4 shows it whole; that is recorded)")
                                    : _("  (masked)"));
}

static void tell_people(struct lines *l, const Wangge__V1__RevealPeopleResponse *whole)
{
    const Wangge__V1__Case *c = l->c;
    char word[LABELS_WORD_MAX];
    if (c->confidential || c->reporter_hidden)
        line(l, FACT_WARN, _("Confidential"), "%s",
             whole && whole->reporter ? _("the reporter is hidden from all but acceptors and supervisors")
             : c->reporter_hidden     ? _("the reporter is hidden from you")
                                      : _("the reporter is hidden from all but acceptors and supervisors"));
    if (whole && whole->reporter && c->reporter_hidden)
        line(l, FACT_PLAIN, C_("person", "Reporter"), "%s  %s", actor_name(whole->reporter),
             labels_text(LABELS_ROLE, (int)whole->reporter->role, word));
    size_t n = whole ? whole->n_people : c->n_people;
    for (size_t i = 0; i < n; i++)
        tell_person(l, whole ? whole->people[i] : c->people[i]);
}

static void tell_counters(struct lines *l)
{
    const Wangge__V1__Case *c = l->c;
    char text[300] = "", one[4][60] = {"", "", "", ""}, a[MOMENT_TEXT_MAX], b[MOMENT_TEXT_MAX];
    size_t used = 0;
    if (c->return_count)
        snprintf(one[0], sizeof one[0], _("returned %d"), (int)c->return_count);
    if (c->rework_count)
        snprintf(one[1], sizeof one[1], _("reworked %d"), (int)c->rework_count);
    if (c->extension_count)
        snprintf(one[2], sizeof one[2], _("extended %d"), (int)c->extension_count);
    if (c->reopen_count)
        snprintf(one[3], sizeof one[3], _("reopened %d"), (int)c->reopen_count);
    for (int i = 0; i < 4; i++) {
        if (one[i][0])
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", used ? C_("list", ", ") : "", one[i]);
    }
    if (used)
        line(l, FACT_PLAIN, _("Times"), "%s", text);
    for (size_t i = 0; i < c->n_rounds; i++) {
        const Wangge__V1__CaseRound *r = c->rounds[i];
        line(l, FACT_PLAIN, _("Round"), _("%d: closed %s by %s%s%s, reopened %s"), (int)r->round,
             moment_short(model_time(r->closed_at), l->now, a), actor_name(r->closer), r->forced_closed ? _(" (forced)") : "",
             r->self_closed ? _(" (settled on the spot)") : "",
             r->reopened_at ? moment_short(model_time(r->reopened_at), l->now, b) : "--");
    }
    if (c->n_rounds == 0 && c->round > 1)
        line(l, FACT_PLAIN, _("Round"), "%d", (int)c->round);
}

size_t case_words_facts(const Wangge__V1__Case *c, enum case_words_place place, const struct directory *names, usec_t now,
                        const Wangge__V1__RevealPeopleResponse *whole, struct case_fact out[CASE_FACTS_MAX])
{
    struct lines l = {.out = out, .c = c, .place = place, .names = names, .now = now};
    tell_approvals(&l);
    tell_card(&l);
    tell_clocks(&l);
    tell_links(&l);
    tell_co_organs(&l);
    tell_people(&l, whole);
    tell_counters(&l);
    if (c->assignee)
        line(&l, FACT_PLAIN, _("Assigned to"), "%s", c->assignee->name);
    if (c->forced_closed || c->self_closed)
        line(&l, FACT_PLAIN, _("Closed"), "%s",
             c->forced_closed ? _("by force, without a passed check") : _("settled on the spot"));
    if (c->attachment_count)
        line(&l, FACT_PLAIN, _("Files"), "%d", (int)c->attachment_count);
    if (c->imported)
        line(&l, FACT_DIM, _("Source"), "%s", _("taken over from another system"));
    return l.n;
}

/* --- Events --- */

const char *case_words_actor(const Wangge__V1__CaseEvent *e)
{
    if (e->actor_hidden)
        return _("(hidden)");
    if (!e->actor || !e->actor->name[0])
        return _("(server)");
    return e->actor->name;
}

struct text {
    char *dst;
    size_t size, used;
};

static void add(struct text *t, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void add(struct text *t, const char *fmt, ...)
{
    va_list ap;
    if (t->used + 3 >= t->size)
        return;
    if (t->used) {
        memcpy(t->dst + t->used, "  ", 3);
        t->used += 2;
    }
    va_start(ap, fmt);
    int n = vsnprintf(t->dst + t->used, t->size - t->used, fmt, ap);
    va_end(ap);
    t->used = n < 0 || (size_t)n >= t->size - t->used ? t->size - 1 : t->used + (size_t)n;
}

/* A case's id tells a person nothing; the screen offers to open it. */
static bool is_id(const char *s)
{
    return strlen(s) == 36 && s[8] == '-' && s[13] == '-';
}

void case_words_event(const Wangge__V1__CaseEvent *e, const struct directory *names, usec_t now, char *dst, size_t size)
{
    char word[LABELS_WORD_MAX], at[MOMENT_TEXT_MAX];
    struct text t = {dst, size, 0};
    dst[0] = 0;
    if (e->receiver[0] && !is_id(e->receiver))
        add(&t, "-> %s", organ_name(names, e->receiver));
    for (size_t i = 0; i < e->n_co_organ_codes; i++)
        add(&t, _("helped by %s"), organ_name(names, e->co_organ_codes[i]));
    if (e->approval)
        add(&t, "[%s]", labels_text(LABELS_APPROVAL, (int)e->approval, word));
    if (e->card)
        add(&t, "[%s]", labels_text(LABELS_CARD, (int)e->card, word));
    if (e->check_result)
        add(&t, "[%s]", labels_text(LABELS_CHECK_RESULT, (int)e->check_result, word));
    if (e->until)
        add(&t, _("until %s"), moment_short(model_time(e->until), now, at));
    if (e->outside_number[0])
        add(&t, _("number there %s"), e->outside_number);
    if (e->reason_code[0])
        add(&t, "(%s)", reasons_text(e->reason_code));
    if (e->text[0])
        add(&t, "%s", e->text);
    text_trim_partial(dst);
}

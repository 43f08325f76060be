/* SPDX-License-Identifier: MIT */
/* Two people at once; see clash.h. */
#include "client/model/clash.h"

#include <stdarg.h>
#include <stdio.h>

#include "client/model/i18n.h"
#include "client/model/labels.h"
#include "client/model/moment.h"
#include "client/model/reasons.h"
#include "client/model/rules.h"
#include "client/model/until.h"
#include "common/base/text.h"

#define ACT(name) WANGGE__V1__ACTION__ACTION_##name

/* What of a case an action sets. */
enum aspect {
    ORGAN = 1 << 0,
    CO_ORGANS = 1 << 1,
    CATEGORY = 1 << 2,
    LIMIT = 1 << 3, /* the due time */
    PAUSE = 1 << 4, /* suspended, and until when */
    CARD = 1 << 5,
    CHECK = 1 << 6,
    LEVEL = 1 << 7,
    HANDLER = 1 << 8,
    LINK = 1 << 9, /* merged with what */
    OUTSIDE = 1 << 10,
    VOIDING = 1 << 11,
    APPEALING = 1 << 12,
    RESULT = 1 << 13,
    CO_REPLY = 1 << 14,
    ROUND = 1 << 15,
};

/* Index: action. */
static const unsigned aspects[] = {
    [ACT(SETTLE)] = RESULT,
    [ACT(RECALL)] = VOIDING,
    [ACT(ORDER_FACT_CHECK)] = CHECK,
    [ACT(ANSWER_FACT_CHECK)] = CHECK,
    [ACT(ACCEPT)] = CATEGORY,
    [ACT(REFUSE)] = RESULT,
    [ACT(ESCALATE)] = LEVEL | ORGAN,
    [ACT(DISPATCH)] = ORGAN | CO_ORGANS,
    [ACT(WHISTLE)] = CO_ORGANS,
    [ACT(SIGN)] = HANDLER,
    [ACT(RETURN)] = ORGAN,
    [ACT(TRANSFER)] = ORGAN | HANDLER,
    [ACT(EXTEND)] = LIMIT,
    [ACT(SUSPEND)] = PAUSE,
    [ACT(RESUME)] = PAUSE,
    [ACT(CO_REPLY)] = CO_REPLY,
    [ACT(FEED_BACK)] = RESULT,
    [ACT(ORDER_FIELD_CHECK)] = CHECK,
    [ACT(ANSWER_FIELD_CHECK)] = CHECK,
    [ACT(REWORK)] = RESULT,
    [ACT(CLOSE)] = RESULT,
    [ACT(FORCE_CLOSE)] = RESULT,
    [ACT(REOPEN)] = ROUND,
    [ACT(REQUEST_VOID)] = VOIDING,
    [ACT(VOID)] = VOIDING,
    [ACT(RESTORE)] = VOIDING,
    [ACT(MERGE)] = LINK,
    [ACT(SPLIT)] = LINK,
    [ACT(REFER)] = OUTSIDE,
    [ACT(RECEIPT)] = OUTSIDE,
    [ACT(URGE)] = CARD,
    [ACT(APPEAL)] = APPEALING,
    [ACT(REQUEST_EXTEND)] = LIMIT,
    [ACT(REQUEST_SUSPEND)] = PAUSE,
    [ACT(GRANT_APPEAL)] = APPEALING,
    [ACT(CO_LAPSE)] = CO_REPLY,
    [ACT(URGE_REPLY)] = CARD,
};

static unsigned of_approval(Wangge__V1__ApprovalKind kind)
{
    static const unsigned of[] = {0, LIMIT, PAUSE, VOIDING, APPEALING};
    return (size_t)kind < sizeof of / sizeof *of ? of[kind] : 0;
}

static unsigned aspects_of(Wangge__V1__Action a, Wangge__V1__ApprovalKind kind)
{
    if (a == ACT(ENDORSE) || a == ACT(DECLINE))
        return of_approval(kind);
    return (size_t)a < sizeof aspects / sizeof *aspects ? aspects[a] : ~0u; /* what is not known may touch anything */
}

bool clash_meets(const Wangge__V1__ActRequest *req, const Wangge__V1__CaseEvent *event)
{
    unsigned mine = aspects_of(req->action, req->approval), theirs = aspects_of(event->action, event->approval);
    if (req->action == ACT(ACCEPT) && !req->category_code[0])
        mine &= ~(unsigned)CATEGORY;
    if (req->action == ACT(URGE) && !req->card && !req->until)
        mine &= ~(unsigned)CARD;
    if (event->action == ACT(URGE) && !event->card && !event->until)
        theirs &= ~(unsigned)CARD;
    return (mine & theirs) != 0;
}

const Wangge__V1__ActionOption *clash_option(const Wangge__V1__CaseConflict *k, Wangge__V1__Action action)
{
    for (size_t i = 0; i < k->n_allowed_actions; i++) {
        if (k->allowed_actions[i]->action == action)
            return k->allowed_actions[i];
    }
    return NULL;
}

bool clash_allowed(const Wangge__V1__CaseConflict *k, Wangge__V1__Action action)
{
    return clash_option(k, action) != NULL;
}

bool clash_can_resend(const Wangge__V1__CaseConflict *k, const Wangge__V1__ActRequest *req)
{
    if (!clash_allowed(k, req->action))
        return false;
    /* More than the server lists may have happened: what is not seen cannot be judged. */
    if (req->expected_version > 0 && k->version - req->expected_version > (int64_t)k->n_events_since)
        return false;
    for (size_t i = 0; i < k->n_events_since; i++) {
        if (clash_meets(req, k->events_since[i]))
            return false;
    }
    return true;
}

/* --- Words --- */

struct words {
    char *dst;
    size_t size, used;
    int n;
};

static void put(struct words *w, const char *field, const char *value)
{
    if (!value || !value[0] || w->used + 1 >= w->size)
        return;
    int n = snprintf(w->dst + w->used, w->size - w->used, "%s%s %s", w->n++ ? C_("list", "; ") : "", rules_field(field), value);
    w->used = n < 0 || (size_t)n >= w->size - w->used ? w->size - 1 : w->used + (size_t)n;
}

static const char *organ_name(const struct directory *names, const char *code)
{
    const Wangge__V1__Organ *o = names ? directory_organ(names, code) : NULL;
    return o ? o->name : code;
}

void clash_words(const Wangge__V1__ActRequest *req, const struct directory *names, char *dst, size_t size)
{
    char word[LABELS_WORD_MAX], until[UNTIL_TEXT_MAX];
    struct words w = {dst, size, 0, 0};
    w.used = (size_t)snprintf(dst, size, "%s%s", labels_text(LABELS_ACTION, (int)req->action, word), C_("list", ": "));
    size_t head = w.used;
    if (req->approval)
        put(&w, "approval", labels_text(LABELS_APPROVAL, (int)req->approval, word));
    if (req->organ_code[0])
        put(&w, "organ_code", organ_name(names, req->organ_code));
    for (size_t i = 0; i < req->n_co_organ_codes; i++)
        put(&w, "co_organ_codes", organ_name(names, req->co_organ_codes[i]));
    const Wangge__V1__Category *c = names && req->category_code[0] ? directory_category(names, req->category_code) : NULL;
    put(&w, "category_code", c ? i18n_chinese() || !c->name_en[0] ? c->name : c->name_en : req->category_code);
    if (req->card)
        put(&w, "card", labels_text(LABELS_CARD, (int)req->card, word));
    if (req->level) {
        snprintf(word, sizeof word, "%d", (int)req->level);
        put(&w, "level", word);
    }
    if (req->check_result)
        put(&w, "check_result", labels_text(LABELS_CHECK_RESULT, (int)req->check_result, word));
    if (req->until)
        put(&w, "until", until_format(model_time(req->until), until));
    if (req->reason_code[0])
        put(&w, "reason_code", reasons_text(req->reason_code));
    put(&w, "assignee", req->assignee);
    put(&w, "outside_number", req->outside_number);
    put(&w, "text", req->text);
    if (w.used == head)
        text_copy(dst, size, labels_text(LABELS_ACTION, (int)req->action, word));
    text_trim_partial(dst);
}

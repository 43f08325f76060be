/* SPDX-License-Identifier: MIT */
#include "client/model/labels.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <protobuf-c/protobuf-c.h>

#include "client/model/i18n.h"
#include "wangge/v1/audit.pb-c.h"
#include "wangge/v1/clock.pb-c.h"
#include "wangge/v1/directory.pb-c.h"
#include "wangge/v1/inbox.pb-c.h"
#include "wangge/v1/types.pb-c.h"

/* Index = enum value. */
static const char *const states[] = {
    NULL,
    NC_("state", "Reported"),
    NC_("state", "Fact check"),
    NC_("state", "Accepted"),
    NC_("state", "Dispatched"),
    NC_("state", "Handling"),
    NC_("state", "Suspended"),
    NC_("state", "Feedback"),
    NC_("state", "Field check"),
    NC_("state", "Referred"),
    NC_("state", "Closed"),
    NC_("state", "Archived"),
    NC_("state", "Not accepted"),
    NC_("state", "Voided"),
    NC_("state", "Merged"),
};

static const char *const actions[] = {
    NULL,
    NC_("action", "Submit"),
    NC_("action", "Settle on the spot"),
    NC_("action", "Recall"),
    NC_("action", "Order fact check"),
    NC_("action", "Answer fact check"),
    NC_("action", "Accept"),
    NC_("action", "Refuse"),
    NC_("action", "Escalate"),
    NC_("action", "Dispatch"),
    NC_("action", "Whistle"),
    NC_("action", "Sign"),
    NC_("action", "Return"),
    NC_("action", "Transfer"),
    NC_("action", "Extend"),
    NC_("action", "Suspend"),
    NC_("action", "Resume"),
    NC_("action", "Co-reply"),
    NC_("action", "Feed back"),
    NC_("action", "Order field check"),
    NC_("action", "Answer field check"),
    NC_("action", "Rework"),
    NC_("action", "Close"),
    NC_("action", "Force close"),
    NC_("action", "Revisit"),
    NC_("action", "Reopen"),
    NC_("action", "Archive"),
    NC_("action", "Request void"),
    NC_("action", "Void"),
    NC_("action", "Restore"),
    NC_("action", "Merge"),
    NC_("action", "Split"),
    NC_("action", "Refer"),
    NC_("action", "Receipt"),
    NC_("action", "Urge"),
    NC_("action", "Appeal"),
    NC_("action", "Note"),
    NC_("action", "Ask for more time"),
    NC_("action", "Ask for suspension"),
    NC_("action", "Endorse"),
    NC_("action", "Decline"),
    NC_("action", "Grant the appeal"),
    NC_("action", "Co-organ lapsed"),
    NC_("action", "Answer the urging"),
};

static const char *const roles[] = {
    NULL,
    NC_("role", "Grid worker"),
    NC_("role", "Community"),
    NC_("role", "Acceptor"),
    NC_("role", "Dispatcher"),
    NC_("role", "Handler"),
    NC_("role", "Organ lead"),
    NC_("role", "Duty chief"),
    NC_("role", "Supervisor"),
    NC_("role", "Mediator"),
    NC_("role", "Expert"),
    NC_("role", "Integration"),
    NC_("role", "System administrator"),
    NC_("role", "Security administrator"),
    NC_("role", "Auditor"),
};

static const char *const urgencies[] = {
    NULL,
    NC_("urgency", "Normal"),
    NC_("urgency", "Urgent"),
    NC_("urgency", "Critical"),
};

static const char *const channels[] = {
    NULL,
    NC_("channel", "Grid"),
    NC_("channel", "Hotline 12345"),
    NC_("channel", "Public"),
    NC_("channel", "Alarm"),
    NC_("channel", "Superior"),
    NC_("channel", "System"),
};

static const char *const check_results[] = {
    NULL,
    NC_("check result", "Pass"),
    NC_("check result", "Fail"),
    NC_("check result", "Unable to check"),
    NC_("check result", "Basically satisfied"),
};

static const char *const region_levels[] = {
    NULL,
    NC_("region level", "City"),
    NC_("region level", "County"),
    NC_("region level", "Township"),
    NC_("region level", "Community"),
    NC_("region level", "Grid"),
};

static const char *const approvals[] = {
    NULL, NC_("approval", "Extension"), NC_("approval", "Suspension"), NC_("approval", "Voiding"), NC_("approval", "Appeal"),
};

static const char *const cards[] = {
    NULL,
    NC_("card", "Yellow card"),
    NC_("card", "Red card"),
    NC_("card", "Black card"),
};

/* With a mark of its own each: colours alone say nothing to many. */
static const char *const lights[] = {
    NULL,
    NC_("light", "in time"),
    NC_("light", "due soon"),
    NC_("light", "overdue"),
};

static const char *const notices[] = {
    NULL,
    NC_("notice", "Assigned"),
    NC_("notice", "Due soon"),
    NC_("notice", "Overdue"),
    NC_("notice", "To decide"),
    NC_("notice", "Answered"),
    NC_("notice", "Urged"),
    NC_("notice", "My report"),
};

static const char *const clocks[] = {
    NULL,
    NC_("clock", "Acceptance"),
    NC_("clock", "Dispatching"),
    NC_("clock", "Handling"),
    NC_("clock", "Checking"),
    NC_("clock", "Whole course"),
};

static const char *const intervals[] = {
    NULL,
    NC_("interval", "working time"),
    NC_("interval", "make-up working day"),
    NC_("interval", "urgent hours"),
    NC_("interval", "outside the shifts"),
    NC_("interval", "weekend"),
    NC_("interval", "holiday"),
    NC_("interval", "paused"),
    NC_("interval", "first day, not counted"),
};

static const char *const audits[] = {
    NULL,
    NC_("audit", "Personal data shown"),
    NC_("audit", "Refused"),
    NC_("audit", "Account"),
    NC_("audit", "Configuration"),
    NC_("audit", "Failed login"),
    NC_("audit", "People entered"),
};

static const char *const person_kinds[] = {
    NULL,
    NC_("person", "Reporter"),
    NC_("person", "Party"),
    NC_("person", "Contact"),
};

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* Words that tables of the city use, whatever language the session speaks. */
static const char *const urgency_words[] = {"", "一般", "紧急", "特急"};
static const char *const channel_words[] = {"", "网格上报", "群众来电", "群众上报", "智安告警", "上级交办", "系统对接"};

static const struct kind {
    const char *const *texts;
    size_t n;
    const ProtobufCEnumDescriptor *descriptor;
    const char *prefix;       /* of the enum's value names */
    const char *const *words; /* as many as texts, or NULL */
} kinds[] = {
    [LABELS_STATE] = {states, COUNT(states), &wangge__v1__case_state__descriptor, "CASE_STATE_", NULL},
    [LABELS_ACTION] = {actions, COUNT(actions), &wangge__v1__action__descriptor, "ACTION_", NULL},
    [LABELS_ROLE] = {roles, COUNT(roles), &wangge__v1__role__descriptor, "ROLE_", NULL},
    [LABELS_URGENCY] = {urgencies, COUNT(urgencies), &wangge__v1__urgency__descriptor, "URGENCY_", urgency_words},
    [LABELS_CHANNEL] = {channels, COUNT(channels), &wangge__v1__channel__descriptor, "CHANNEL_", channel_words},
    [LABELS_CHECK_RESULT] = {check_results, COUNT(check_results), &wangge__v1__check_result__descriptor, "CHECK_RESULT_", NULL},
    [LABELS_REGION_LEVEL] = {region_levels, COUNT(region_levels), &wangge__v1__region_level__descriptor, "REGION_LEVEL_", NULL},
    [LABELS_APPROVAL] = {approvals, COUNT(approvals), &wangge__v1__approval_kind__descriptor, "APPROVAL_KIND_", NULL},
    [LABELS_CARD] = {cards, COUNT(cards), &wangge__v1__card__descriptor, "CARD_", NULL},
    [LABELS_LIGHT] = {lights, COUNT(lights), &wangge__v1__light__descriptor, "LIGHT_", NULL},
    [LABELS_PERSON] = {person_kinds, COUNT(person_kinds), &wangge__v1__person_kind__descriptor, "PERSON_KIND_", NULL},
    [LABELS_NOTICE] = {notices, COUNT(notices), &wangge__v1__notice_kind__descriptor, "NOTICE_KIND_", NULL},
    [LABELS_CLOCK] = {clocks, COUNT(clocks), &wangge__v1__clock_kind__descriptor, "CLOCK_KIND_", NULL},
    [LABELS_INTERVAL] = {intervals, COUNT(intervals), &wangge__v1__interval_reason__descriptor, "INTERVAL_REASON_", NULL},
    [LABELS_AUDIT] = {audits, COUNT(audits), &wangge__v1__audit_kind__descriptor, "AUDIT_KIND_", NULL},
};

const char *labels_text(enum labels_kind kind, int value, char buf[LABELS_WORD_MAX])
{
    const struct kind *k = &kinds[kind];
    if (value > 0 && (size_t)value < k->n && k->texts[value])
        return i18n_context(k->texts[value]);
    if (value == 0)
        snprintf(buf, LABELS_WORD_MAX, "-");
    else
        snprintf(buf, LABELS_WORD_MAX, "?%d", value);
    return buf;
}

static void make_word(const struct kind *k, const char *name, char buf[LABELS_WORD_MAX])
{
    size_t skip = strlen(k->prefix);
    if (strncmp(name, k->prefix, skip) == 0)
        name += skip;
    size_t i = 0;
    for (; name[i] && i < LABELS_WORD_MAX - 1; i++)
        buf[i] = (char)(name[i] == '_' ? '-' : tolower((unsigned char)name[i]));
    buf[i] = '\0';
}

char *labels_word(enum labels_kind kind, int value, char buf[LABELS_WORD_MAX])
{
    const struct kind *k = &kinds[kind];
    const ProtobufCEnumValue *v = protobuf_c_enum_descriptor_get_value(k->descriptor, value);
    if (v)
        make_word(k, v->name, buf);
    else
        snprintf(buf, LABELS_WORD_MAX, "%d", value);
    return buf;
}

bool labels_find(enum labels_kind kind, const char *word, int *ret)
{
    const struct kind *k = &kinds[kind];
    char folded[LABELS_WORD_MAX];
    char buf[LABELS_WORD_MAX];
    size_t len = strlen(word);
    if (len == 0)
        return false;
    folded[0] = '\0';
    if (len < sizeof folded) {
        for (size_t i = 0; i <= len; i++)
            folded[i] = (char)(word[i] == '_' || word[i] == ' ' ? '-' : tolower((unsigned char)word[i]));
    }
    for (unsigned i = 0; i < k->descriptor->n_values; i++) {
        const ProtobufCEnumValue *v = &k->descriptor->values[i];
        if (v->value == 0)
            continue;
        make_word(k, v->name, buf);
        if (strcmp(buf, folded) == 0 || strcasecmp(v->name, word) == 0 || strcmp(labels_text(kind, v->value, buf), word) == 0 ||
            (k->words && (size_t)v->value < k->n && strcmp(k->words[v->value], word) == 0)) {
            *ret = v->value;
            return true;
        }
    }
    return false;
}

void labels_list(enum labels_kind kind, char *out, size_t size)
{
    const struct kind *k = &kinds[kind];
    size_t at = 0;
    out[0] = '\0';
    for (unsigned i = 0; i < k->descriptor->n_values; i++) {
        char buf[LABELS_WORD_MAX];
        if (k->descriptor->values[i].value == 0)
            continue;
        make_word(k, k->descriptor->values[i].name, buf);
        int n = snprintf(out + at, size - at, "%s%s", at ? ", " : "", buf);
        if (n < 0 || (size_t)n >= size - at)
            return;
        at += (size_t)n;
    }
}

/* SPDX-License-Identifier: MIT */
/* The state table itself, and its look-ups. */
#include "server/domain/state_table.h"

#include "server/domain/deadline.h"

#define R(x) ROLE_BIT(ROLE_##x)
#define S(x) STATE_BIT(STATE_##x)
#define G(x) GUARD_BIT(GUARD_##x)

#define ROLES_CENTRE (R(ACCEPTOR) | R(DISPATCHER) | R(DUTY_CHIEF))
#define ROLES_ORGAN  (R(COMMUNITY) | R(HANDLER) | R(ORGAN_LEAD))
/* Everybody who may read a case: the three administrators, and mediators and experts (whose record is another one), may not. */
#define ROLES_READERS (R(GRID_WORKER) | ROLES_ORGAN | ROLES_CENTRE | R(SUPERVISOR) | R(INTEGRATION))
/* Granting, or endorsing, what somebody else asked for. */
#define GRANTS       (G(APPROVAL_NONE) | G(APPROVAL_STEP) | G(APPROVAL_BY_ASKER))
#define STATES_ENDED (S(CLOSED) | S(NOT_ACCEPTED) | S(VOIDED) | S(MERGED))

static const struct state_rule rules[] = {
    {
        .action = ACT_SUBMIT,
        .name_zh = "上报",
        .name_en = "Report",
        .from = S(NONE),
        .to = STATE_REPORTED,
        .roles = R(GRID_WORKER) | R(COMMUNITY) | R(ACCEPTOR) | R(INTEGRATION),
        .required = FIELD_CATEGORY_CODE | FIELD_GRID_CODE | FIELD_TEXT,
        .clocks = CLOCKS_START,
    },
    {
        .action = ACT_SETTLE,
        .name_zh = "自办自结",
        .name_en = "Settle on the spot",
        .from = S(NONE),
        .to = STATE_CLOSED,
        .roles = R(GRID_WORKER),
        .required = FIELD_CATEGORY_CODE | FIELD_GRID_CODE | FIELD_TEXT,
        .optional = FIELD_ATTACHMENT_IDS | FIELD_REASON_CODE,
        .guards = G(EVIDENCE) | G(SETTLE_ALLOWED),
        .clocks = CLOCKS_STOP,
    },
    {
        .action = ACT_SETTLE,
        .name_zh = "自办自结",
        .name_en = "Settle on the spot",
        .from = S(REPORTED),
        .to = STATE_CLOSED,
        .roles = R(GRID_WORKER),
        .required = FIELD_TEXT,
        .optional = FIELD_ATTACHMENT_IDS | FIELD_REASON_CODE,
        .guards = G(EVIDENCE) | G(REPORTER_ONLY) | G(NEVER_ACCEPTED) | G(SETTLE_ALLOWED),
        .clocks = CLOCKS_STOP,
    },
    {
        .action = ACT_RECALL,
        .name_zh = "撤回",
        .name_en = "Recall",
        .from = S(REPORTED),
        .to = STATE_VOIDED,
        .roles = R(GRID_WORKER) | R(COMMUNITY) | R(ACCEPTOR) | R(INTEGRATION),
        .optional = FIELD_TEXT,
        .guards = G(REPORTER_ONLY) | G(NEVER_ACCEPTED),
        .clocks = CLOCKS_STOP,
    },
    {
        .action = ACT_ORDER_FACT_CHECK,
        .name_zh = "要求核实",
        .name_en = "Order a fact check",
        .from = S(REPORTED),
        .to = STATE_FACT_CHECK,
        .roles = R(ACCEPTOR),
        .optional = FIELD_TEXT,
        .guards = G(LEVEL),
        .clocks = CLOCKS_STOP,
    },
    {
        .action = ACT_ANSWER_FACT_CHECK,
        .name_zh = "核实回复",
        .name_en = "Answer the fact check",
        .from = S(FACT_CHECK),
        .to = STATE_REPORTED,
        .roles = R(GRID_WORKER),
        .required = FIELD_CHECK_RESULT | FIELD_TEXT,
        .clocks = CLOCKS_RESUME,
    },
    {
        .action = ACT_ACCEPT,
        .name_zh = "受理立案",
        .name_en = "Accept",
        .from = S(REPORTED),
        .to = STATE_ACCEPTED,
        .roles = R(COMMUNITY) | R(ACCEPTOR),
        .optional = FIELD_TEXT | FIELD_CATEGORY_CODE,
        .guards = G(LEVEL),
        .clocks = CLOCKS_START,
    },
    {
        .action = ACT_REFUSE,
        .name_zh = "不予受理",
        .name_en = "Refuse",
        .from = S(REPORTED),
        .to = STATE_NOT_ACCEPTED,
        .roles = R(ACCEPTOR),
        .required = FIELD_REASON_CODE,
        .optional = FIELD_TEXT,
        .guards = G(LEVEL),
        .clocks = CLOCKS_STOP,
    },
    {
        .action = ACT_ESCALATE,
        .name_zh = "逐级上报",
        .name_en = "Escalate",
        .from = S(ACCEPTED),
        .to = STATE_REPORTED,
        .roles = R(COMMUNITY) | R(ACCEPTOR) | R(DISPATCHER), /* what a unit gave back is not the unit's any more */
        .required = FIELD_TEXT,
        .optional = FIELD_LEVEL,
        .guards = G(LEVEL) | G(TOP_LEVEL) | G(SKIP_LEVEL),
        .clocks = CLOCKS_START,
    },
    {
        .action = ACT_ESCALATE,
        .name_zh = "逐级上报",
        .name_en = "Escalate",
        .from = S(HANDLING),
        .to = STATE_REPORTED,
        .roles = R(COMMUNITY) | R(ACCEPTOR) | R(DISPATCHER) | R(HANDLER) | R(ORGAN_LEAD),
        .required = FIELD_TEXT,
        .optional = FIELD_LEVEL,
        .guards = G(LEVEL) | G(OWN_ORGAN) | G(TOP_LEVEL) | G(SKIP_LEVEL),
        .clocks = CLOCKS_START,
    },
    {
        .action = ACT_DISPATCH,
        .name_zh = "派遣",
        .name_en = "Dispatch",
        .from = S(ACCEPTED),
        .to = STATE_DISPATCHED,
        .roles = R(DISPATCHER),
        .required = FIELD_ORGAN_CODE,
        .optional = FIELD_TEXT | FIELD_CO_ORGAN_CODES,
        .guards = G(LEVEL) | G(ORGAN) | G(CO_ORGANS),
        .clocks = CLOCKS_HANDLE,
    },
    {
        .action = ACT_WHISTLE,
        .name_zh = "吹哨",
        .name_en = "Call in an organ",
        .from = S(DISPATCHED) | S(HANDLING),
        .to = TO_KEEP,
        .roles = ROLES_CENTRE,
        .required = FIELD_ORGAN_CODE,
        .optional = FIELD_TEXT | FIELD_UNTIL,
        .guards = G(LEVEL) | G(ORGAN) | G(CO_ORGANS) | G(UNTIL_RANGE),
        .clocks = CLOCKS_KEEP,
    },
    {
        .action = ACT_SIGN,
        .name_zh = "签收",
        .name_en = "Sign for",
        .from = S(DISPATCHED),
        .to = STATE_HANDLING,
        .roles = ROLES_ORGAN,
        .optional = FIELD_TEXT,
        .guards = G(OWN_ORGAN) | G(ASSIGNEE),
        .clocks = CLOCKS_KEEP,
    },
    {
        .action = ACT_RETURN,
        .name_zh = "退回",
        .name_en = "Return",
        .from = S(DISPATCHED) | S(HANDLING),
        .to = STATE_ACCEPTED,
        .roles = R(ORGAN_LEAD),
        .required = FIELD_TEXT,
        .optional = FIELD_REASON_CODE,
        .guards = G(OWN_ORGAN) | G(RETURN_LIMIT),
        .clocks = CLOCKS_START,
        .counter = COUNT_RETURN,
    },
    {
        .action = ACT_TRANSFER,
        .name_zh = "转办",
        .name_en = "Transfer",
        .from = S(HANDLING),
        .to = STATE_DISPATCHED,
        .roles = R(DISPATCHER) | R(ORGAN_LEAD),
        .required = FIELD_ORGAN_CODE,
        .optional = FIELD_TEXT | FIELD_ASSIGNEE,
        .guards = G(LEVEL) | G(OWN_ORGAN) | G(ORGAN) | G(TRANSFER_TARGET) | G(ASSIGNEE),
        .clocks = CLOCKS_HANDLE,
    },
    {
        .action = ACT_EXTEND,
        .name_zh = "延期",
        .name_en = "Grant the extension",
        .from = S(HANDLING),
        .to = TO_KEEP,
        .roles = R(DISPATCHER),
        .optional = FIELD_TEXT | FIELD_REASON_CODE | FIELD_UNTIL,
        .guards = G(LEVEL) | GRANTS | G(EXTEND_LIMIT) | G(UNTIL_RANGE),
        .clocks = CLOCKS_EXTEND,
        .counter = COUNT_EXTEND,
    },
    {
        .action = ACT_SUSPEND,
        .name_zh = "挂账",
        .name_en = "Grant the suspension",
        .from = S(HANDLING),
        .to = STATE_SUSPENDED,
        .roles = R(DISPATCHER),
        .optional = FIELD_TEXT | FIELD_REASON_CODE | FIELD_UNTIL,
        .guards = G(LEVEL) | GRANTS | G(SUSPEND_LIMIT) | G(UNTIL_RANGE),
        .clocks = CLOCKS_STOP,
        .counter = COUNT_SUSPEND,
    },
    {
        .action = ACT_RESUME,
        .name_zh = "恢复",
        .name_en = "Resume",
        .from = S(SUSPENDED),
        .to = STATE_HANDLING,
        .roles = R(NONE) | R(DISPATCHER),
        .optional = FIELD_TEXT,
        .guards = G(LEVEL) | G(RESUME_EARLY),
        .clocks = CLOCKS_RESUME,
    },
    {
        .action = ACT_CO_REPLY,
        .name_zh = "协办回复",
        .name_en = "Reply as a helping organ",
        .from = S(HANDLING),
        .to = TO_KEEP,
        .roles = ROLES_ORGAN,
        .required = FIELD_TEXT,
        .optional = FIELD_ATTACHMENT_IDS,
        .guards = G(CO_ORGAN),
        .clocks = CLOCKS_KEEP,
    },
    {
        .action = ACT_FEED_BACK,
        .name_zh = "处置反馈",
        .name_en = "Feed back",
        .from = S(HANDLING),
        .to = STATE_FEEDBACK,
        .roles = ROLES_ORGAN,
        .required = FIELD_TEXT,
        .optional = FIELD_ATTACHMENT_IDS,
        .guards = G(EVIDENCE) | G(OWN_ORGAN) | G(CO_PENDING),
        .clocks = CLOCKS_STOP,
    },
    {
        .action = ACT_ORDER_FIELD_CHECK,
        .name_zh = "要求核查",
        .name_en = "Order a field check",
        .from = S(FEEDBACK),
        .to = STATE_FIELD_CHECK,
        .roles = R(ACCEPTOR),
        .optional = FIELD_TEXT,
        .guards = G(LEVEL),
        .clocks = CLOCKS_START,
    },
    {
        .action = ACT_ANSWER_FIELD_CHECK,
        .name_zh = "核查回复",
        .name_en = "Answer the field check",
        .from = S(FIELD_CHECK),
        .to = STATE_FEEDBACK,
        .roles = R(GRID_WORKER),
        .required = FIELD_CHECK_RESULT,
        .optional = FIELD_TEXT | FIELD_ATTACHMENT_IDS,
        .guards = G(HANDLER_IS_CHECKER),
        .clocks = CLOCKS_STOP,
    },
    {
        .action = ACT_REWORK,
        .name_zh = "返工",
        .name_en = "Send back for rework",
        .from = S(FEEDBACK),
        .to = STATE_HANDLING,
        .roles = R(ACCEPTOR) | R(DISPATCHER),
        .required = FIELD_TEXT,
        .guards = G(LEVEL),
        .clocks = CLOCKS_RESUME,
        .counter = COUNT_REWORK,
    },
    {
        .action = ACT_CLOSE,
        .name_zh = "结案",
        .name_en = "Close",
        .from = S(FEEDBACK),
        .to = STATE_CLOSED,
        .roles = R(ACCEPTOR),
        .optional = FIELD_TEXT | FIELD_REASON_CODE,
        .guards = G(LEVEL) | G(CHECK_NOT_PASSED) | G(HANDLER_IS_CLOSER) | G(CHECKER_IS_CLOSER),
        .clocks = CLOCKS_STOP,
    },
    {
        .action = ACT_FORCE_CLOSE,
        .name_zh = "强制结案",
        .name_en = "Force the closing",
        .from = S(HANDLING) | S(SUSPENDED) | S(FEEDBACK),
        .to = STATE_CLOSED,
        .roles = R(DUTY_CHIEF),
        .required = FIELD_TEXT,
        .optional = FIELD_REASON_CODE,
        .guards = G(LEVEL) | G(HANDLER_IS_CLOSER) | G(CHECKER_IS_CLOSER),
        .clocks = CLOCKS_STOP,
    },
    {
        .action = ACT_REVISIT,
        .name_zh = "回访",
        .name_en = "Revisit",
        .from = S(CLOSED),
        .to = TO_KEEP,
        .roles = R(SUPERVISOR),
        .required = FIELD_CHECK_RESULT,
        .optional = FIELD_TEXT | FIELD_RESPONDED | FIELD_SOLVED,
        .clocks = CLOCKS_KEEP,
    },
    {
        .action = ACT_REOPEN,
        .name_zh = "重办",
        .name_en = "Reopen",
        .from = S(CLOSED),
        .to = STATE_ACCEPTED,
        .roles = R(SUPERVISOR),
        .required = FIELD_TEXT,
        .optional = FIELD_REASON_CODE,
        .guards = G(REOPEN_LIMIT),
        .clocks = CLOCKS_START,
        .counter = COUNT_REOPEN,
    },
    {
        .action = ACT_ARCHIVE,
        .name_zh = "归档",
        .name_en = "Archive",
        .from = S(CLOSED),
        .to = STATE_ARCHIVED,
        .roles = R(NONE),
        .guards = G(ARCHIVE_EARLY),
        .clocks = CLOCKS_STOP,
    },
    {
        .action = ACT_REQUEST_VOID,
        .name_zh = "申请作废",
        .name_en = "Ask for voiding",
        .from = STATES_OPEN,
        .to = TO_KEEP,
        .roles = R(ACCEPTOR) | R(DISPATCHER) | R(HANDLER) | R(ORGAN_LEAD),
        .required = FIELD_TEXT,
        .optional = FIELD_REASON_CODE,
        .guards = G(OWN_ORGAN) | G(APPROVAL_PENDING),
        .clocks = CLOCKS_KEEP,
    },
    {
        .action = ACT_VOID,
        .name_zh = "作废",
        .name_en = "Void",
        .from = STATES_OPEN,
        .to = STATE_VOIDED,
        .roles = R(DUTY_CHIEF),
        .required = FIELD_REASON_CODE,
        .optional = FIELD_TEXT,
        .guards = G(LEVEL) | GRANTS,
        .clocks = CLOCKS_STOP,
    },
    {
        .action = ACT_RESTORE,
        .name_zh = "恢复作废",
        .name_en = "Restore",
        .from = S(VOIDED),
        .to = TO_PREVIOUS,
        .roles = R(DUTY_CHIEF),
        .required = FIELD_TEXT,
        .guards = G(LEVEL) | G(RECALLED),
        .clocks = CLOCKS_RESUME,
    },
    {
        .action = ACT_MERGE,
        .name_zh = "并案",
        .name_en = "Merge into a lead case",
        .from = S(REPORTED) | S(FACT_CHECK) | S(ACCEPTED) | S(DISPATCHED) | S(HANDLING),
        .to = STATE_MERGED,
        .roles = R(ACCEPTOR),
        .required = FIELD_TARGET_CASE_ID,
        .optional = FIELD_TEXT,
        .guards = G(LEVEL) | G(MERGE_TARGET) | G(MERGE_CHAIN),
        .clocks = CLOCKS_STOP,
    },
    {
        .action = ACT_SPLIT,
        .name_zh = "拆案",
        .name_en = "Split off again",
        .from = S(MERGED),
        .to = TO_PREVIOUS,
        .roles = R(ACCEPTOR),
        .optional = FIELD_TEXT,
        .guards = G(LEVEL),
        .clocks = CLOCKS_RESUME,
    },
    {
        .action = ACT_REFER,
        .name_zh = "移送",
        .name_en = "Refer elsewhere",
        .from = S(ACCEPTED) | S(HANDLING),
        .to = STATE_REFERRED,
        .roles = R(ACCEPTOR),
        .required = FIELD_TEXT,
        .optional = FIELD_REASON_CODE | FIELD_OUTSIDE_NUMBER,
        .guards = G(LEVEL),
        .clocks = CLOCKS_STOP,
    },
    {
        .action = ACT_RECEIPT,
        .name_zh = "移送回执",
        .name_en = "Enter the receipt: settled there",
        .from = S(REFERRED),
        .to = STATE_CLOSED,
        .when_result = CHECK_PASS,
        .roles = R(ACCEPTOR),
        .required = FIELD_TEXT | FIELD_CHECK_RESULT,
        .guards = G(LEVEL) | G(HANDLER_IS_CLOSER) | G(CHECKER_IS_CLOSER),
        .clocks = CLOCKS_STOP,
    },
    {
        .action = ACT_RECEIPT,
        .name_zh = "移送退件",
        .name_en = "Enter the receipt: sent back",
        .from = S(REFERRED),
        .to = STATE_ACCEPTED,
        .when_result = CHECK_FAIL,
        .roles = R(ACCEPTOR),
        .required = FIELD_TEXT | FIELD_CHECK_RESULT,
        .guards = G(LEVEL),
        .clocks = CLOCKS_START,
    },
    {
        .action = ACT_URGE,
        .name_zh = "催办",
        .name_en = "Urge",
        .from = STATES_OPEN,
        .to = TO_KEEP,
        .roles = R(SUPERVISOR),
        .required = FIELD_TEXT,
        .optional = FIELD_REASON_CODE | FIELD_UNTIL | FIELD_CARD,
        .guards = G(UNTIL_RANGE) | G(CARD_LOWER),
        .clocks = CLOCKS_KEEP,
    },
    {
        .action = ACT_APPEAL,
        .name_zh = "申诉",
        .name_en = "Appeal against the lateness",
        .from = S(CLOSED),
        .to = TO_KEEP,
        .roles = R(ORGAN_LEAD),
        .required = FIELD_TEXT,
        .optional = FIELD_REASON_CODE | FIELD_ATTACHMENT_IDS,
        .guards = G(OWN_ORGAN) | G(APPROVAL_PENDING) | G(APPEAL_NOT_LATE) | G(APPEAL_LIMIT) | G(APPEAL_LATE),
        .clocks = CLOCKS_KEEP,
        .counter = COUNT_APPEAL,
    },
    {
        .action = ACT_NOTE,
        .name_zh = "备注",
        .name_en = "Note",
        .from = STATES_OPEN | STATES_ENDED,
        .to = TO_KEEP,
        .roles = ROLES_READERS,
        .required = FIELD_TEXT,
        .optional = FIELD_ATTACHMENT_IDS,
        .clocks = CLOCKS_KEEP,
    },
    {
        .action = ACT_REQUEST_EXTEND,
        .name_zh = "申请延期",
        .name_en = "Ask for an extension",
        .from = S(HANDLING),
        .to = TO_KEEP,
        .roles = ROLES_ORGAN,
        .required = FIELD_TEXT | FIELD_UNTIL,
        .optional = FIELD_REASON_CODE | FIELD_ATTACHMENT_IDS,
        .guards = G(OWN_ORGAN) | G(APPROVAL_PENDING) | G(EXTEND_LIMIT) | G(EXTEND_LATE) | G(UNTIL_RANGE),
        .clocks = CLOCKS_KEEP,
    },
    {
        .action = ACT_REQUEST_SUSPEND,
        .name_zh = "申请挂账",
        .name_en = "Ask for a suspension",
        .from = S(HANDLING),
        .to = TO_KEEP,
        .roles = ROLES_ORGAN,
        .required = FIELD_REASON_CODE | FIELD_UNTIL,
        .optional = FIELD_TEXT | FIELD_ATTACHMENT_IDS,
        .guards = G(OWN_ORGAN) | G(APPROVAL_PENDING) | G(SUSPEND_LIMIT) | G(UNTIL_RANGE),
        .clocks = CLOCKS_KEEP,
    },
    {
        .action = ACT_ENDORSE,
        .name_zh = "初审同意",
        .name_en = "Endorse what the unit asks for",
        .from = S(HANDLING),
        .to = TO_KEEP,
        .roles = R(ORGAN_LEAD),
        .required = FIELD_APPROVAL,
        .optional = FIELD_TEXT,
        .guards = G(OWN_ORGAN) | GRANTS,
        .clocks = CLOCKS_KEEP,
    },
    {
        .action = ACT_ENDORSE,
        .name_zh = "初审同意",
        .name_en = "Endorse the appeal",
        .from = S(CLOSED),
        .to = TO_KEEP,
        .roles = R(DISPATCHER),
        .required = FIELD_APPROVAL,
        .optional = FIELD_TEXT,
        .guards = G(LEVEL) | GRANTS,
        .clocks = CLOCKS_KEEP,
    },
    {
        .action = ACT_DECLINE,
        .name_zh = "驳回申请",
        .name_en = "Decline or withdraw a request",
        .from = STATES_OPEN | S(CLOSED),
        .to = TO_KEEP,
        .roles = ROLES_ORGAN | ROLES_CENTRE,
        .required = FIELD_TEXT | FIELD_APPROVAL,
        .optional = FIELD_REASON_CODE,
        .guards = G(APPROVAL_NONE) | G(APPROVAL_DECIDER),
        .clocks = CLOCKS_KEEP,
    },
    {
        .action = ACT_GRANT_APPEAL,
        .name_zh = "同意申诉",
        .name_en = "Grant the appeal",
        .from = S(CLOSED),
        .to = TO_KEEP,
        .roles = R(ACCEPTOR),
        .optional = FIELD_TEXT | FIELD_REASON_CODE,
        .guards = G(LEVEL) | GRANTS,
        .clocks = CLOCKS_KEEP,
    },
    {
        .action = ACT_CO_LAPSE,
        .name_zh = "协办逾期",
        .name_en = "Note that helping organs let their time pass",
        .from = S(DISPATCHED) | S(HANDLING),
        .to = TO_KEEP,
        .roles = R(NONE),
        .guards = G(CO_LAPSE_EARLY),
        .clocks = CLOCKS_KEEP,
    },
    {
        .action = ACT_URGE_REPLY,
        .name_zh = "督办回复",
        .name_en = "Answer the urge",
        .from = STATES_OPEN,
        .to = TO_KEEP,
        /* A card may come while the centre holds the case: then the centre answers. */
        .roles = ROLES_ORGAN | R(ACCEPTOR) | R(DISPATCHER),
        .required = FIELD_TEXT,
        .optional = FIELD_ATTACHMENT_IDS,
        .guards = G(LEVEL) | G(OWN_ORGAN) | G(NOT_URGED),
        .clocks = CLOCKS_KEEP,
    },
    {
        .action = ACT_RECLOCK,
        .name_zh = "时限重算",
        .name_en = "Count the clocks again",
        .from = STATES_OPEN,
        .to = TO_KEEP,
        .roles = R(NONE),
        .clocks = CLOCKS_KEEP,
    },
};
enum { RULE_COUNT = sizeof(rules) / sizeof(rules[0]) };

const struct state_rule *state_table(size_t *ret_n)
{
    *ret_n = RULE_COUNT;
    return rules;
}

const struct state_rule *state_table_find(enum action a, enum case_state from, enum check_result result)
{
    if (from < STATE_NONE || from >= STATE_COUNT)
        return NULL;
    for (size_t i = 0; i < RULE_COUNT; i++) {
        const struct state_rule *r = &rules[i];
        if (r->action != a || !(r->from & STATE_BIT(from)))
            continue;
        if (r->when_result == CHECK_NONE || result == CHECK_NONE || r->when_result == result)
            return r;
    }
    return NULL;
}

bool state_table_takes(enum action a, enum act_field field)
{
    for (size_t i = 0; i < RULE_COUNT; i++)
        if (rules[i].action == a && ((rules[i].required | rules[i].optional) & (uint32_t)field))
            return true;
    return false;
}

enum case_state state_rule_target(const struct state_rule *r, enum case_state from, enum case_state prev)
{
    if (r->to == TO_KEEP)
        return from;
    return r->to == TO_PREVIOUS ? prev : (enum case_state)r->to;
}

int case_state_clock(enum case_state s)
{
    static const int clocks[STATE_COUNT] = {
        [STATE_REPORTED] = CLOCK_ACCEPT, [STATE_ACCEPTED] = CLOCK_DISPATCH, [STATE_DISPATCHED] = CLOCK_HANDLE,
        [STATE_HANDLING] = CLOCK_HANDLE, [STATE_FIELD_CHECK] = CLOCK_CHECK,
    };
    return s > STATE_NONE && s < STATE_COUNT ? clocks[s] : CLOCK_NONE;
}

bool case_state_runs_overall(enum case_state s)
{
    return case_state_is_open(s) && s != STATE_FACT_CHECK && s != STATE_SUSPENDED && s != STATE_REFERRED;
}

/* The states a row with TO_PREVIOUS can lead to: those from which some action leads into one of its own. */
static uint32_t states_before(uint32_t into)
{
    uint32_t found = 0;
    for (size_t i = 0; i < RULE_COUNT; i++)
        if (rules[i].to > 0 && (into & STATE_BIT(rules[i].to)) && rules[i].action != ACT_RECALL)
            found |= rules[i].from;
    return found;
}

size_t state_table_triples(struct state_triple *out, size_t cap)
{
    size_t n = 0;
    for (size_t i = 0; i < RULE_COUNT; i++) {
        const struct state_rule *r = &rules[i];
        for (enum case_state from = STATE_NONE; from < STATE_COUNT; from++) {
            if (!(r->from & STATE_BIT(from)))
                continue;
            uint32_t to = r->to == TO_KEEP       ? STATE_BIT(from)
                          : r->to == TO_PREVIOUS ? states_before(STATE_BIT(from))
                                                 : STATE_BIT(r->to);
            for (enum case_state t = STATE_NONE; t < STATE_COUNT; t++)
                if ((to & STATE_BIT(t)) && n < cap)
                    out[n++] = (struct state_triple){.from = from, .action = r->action, .to = t};
        }
    }
    return n;
}

const char *guard_name(enum guard g)
{
    static const char *const names[GUARD_COUNT] = {
        [GUARD_STATE] = "STATE",
        [GUARD_VERSION] = "VERSION",
        [GUARD_ROLE] = "ROLE",
        [GUARD_REGION] = "REGION",
        [GUARD_LEVEL] = "LEVEL",
        [GUARD_FIELD] = "FIELD",
        [GUARD_TIME_FUTURE] = "TIME_FUTURE",
        [GUARD_TIME_ORDER] = "TIME_ORDER",
        [GUARD_TIME_OLD] = "TIME_OLD",
        [GUARD_GRID] = "GRID",
        [GUARD_CATEGORY] = "CATEGORY",
        [GUARD_REPORTER_ONLY] = "REPORTER_ONLY",
        [GUARD_NEVER_ACCEPTED] = "NEVER_ACCEPTED",
        [GUARD_SETTLE_ALLOWED] = "SETTLE_ALLOWED",
        [GUARD_OWN_ORGAN] = "OWN_ORGAN",
        [GUARD_CO_ORGAN] = "CO_ORGAN",
        [GUARD_ORGAN] = "ORGAN",
        [GUARD_CO_ORGANS] = "CO_ORGANS",
        [GUARD_TRANSFER_TARGET] = "TRANSFER_TARGET",
        [GUARD_ASSIGNEE] = "ASSIGNEE",
        [GUARD_CO_PENDING] = "CO_PENDING",
        [GUARD_RETURN_LIMIT] = "RETURN_LIMIT",
        [GUARD_SUSPEND_LIMIT] = "SUSPEND_LIMIT",
        [GUARD_UNTIL_RANGE] = "UNTIL_RANGE",
        [GUARD_RESUME_EARLY] = "RESUME_EARLY",
        [GUARD_TOP_LEVEL] = "TOP_LEVEL",
        [GUARD_HANDLER_IS_CHECKER] = "HANDLER_IS_CHECKER",
        [GUARD_HANDLER_IS_CLOSER] = "HANDLER_IS_CLOSER",
        [GUARD_CHECKER_IS_CLOSER] = "CHECKER_IS_CLOSER",
        [GUARD_CHECK_NOT_PASSED] = "CHECK_NOT_PASSED",
        [GUARD_REOPEN_LIMIT] = "REOPEN_LIMIT",
        [GUARD_ARCHIVE_EARLY] = "ARCHIVE_EARLY",
        [GUARD_EVIDENCE] = "EVIDENCE",
        [GUARD_APPROVAL_PENDING] = "APPROVAL_PENDING",
        [GUARD_APPROVAL_NONE] = "APPROVAL_NONE",
        [GUARD_APPROVAL_STEP] = "APPROVAL_STEP",
        [GUARD_APPROVAL_DECIDER] = "APPROVAL_DECIDER",
        [GUARD_APPROVAL_BY_ASKER] = "APPROVAL_BY_ASKER",
        [GUARD_EXTEND_LIMIT] = "EXTEND_LIMIT",
        [GUARD_EXTEND_LATE] = "EXTEND_LATE",
        [GUARD_SKIP_LEVEL] = "SKIP_LEVEL",
        [GUARD_CO_LAPSE_EARLY] = "CO_LAPSE_EARLY",
        [GUARD_CARD_LOWER] = "CARD_LOWER",
        [GUARD_NOT_URGED] = "NOT_URGED",
        [GUARD_APPEAL_NOT_LATE] = "APPEAL_NOT_LATE",
        [GUARD_APPEAL_LIMIT] = "APPEAL_LIMIT",
        [GUARD_APPEAL_LATE] = "APPEAL_LATE",
        [GUARD_RECALLED] = "RECALLED",
        [GUARD_MERGE_TARGET] = "MERGE_TARGET",
        [GUARD_MERGE_CHAIN] = "MERGE_CHAIN",
    };
    return (unsigned)g < GUARD_COUNT && names[g] ? names[g] : "?";
}

const char *clock_effect_text(enum clock_effect e)
{
    static const char *const texts[CLOCK_EFFECT_COUNT] = {
        [CLOCKS_KEEP] = "clocks go on",
        [CLOCKS_START] = "the clock of the new state starts, the others wait",
        [CLOCKS_HANDLE] = "the handling clock starts, or goes on if the organ stays the same",
        [CLOCKS_RESUME] = "the clock of the new state goes on",
        [CLOCKS_STOP] = "clocks of stages wait or stop",
        [CLOCKS_EXTEND] = "the handling clock is due when the grant says",
    };
    return (unsigned)e < CLOCK_EFFECT_COUNT ? texts[e] : "?";
}

const char *counter_name(enum counter c)
{
    static const char *const names[COUNTER_COUNT] = {
        [COUNT_NONE] = "",           [COUNT_RETURN] = "return", [COUNT_REWORK] = "rework", [COUNT_REOPEN] = "reopen",
        [COUNT_SUSPEND] = "suspend", [COUNT_EXTEND] = "extend", [COUNT_APPEAL] = "appeal",
    };
    return (unsigned)c < COUNTER_COUNT ? names[c] : "?";
}

const char *act_field_name(enum act_field f)
{
    static const char *const names[ACT_FIELD_COUNT] = {
        "text",           "reason_code",    "organ_code", "co_organ_codes", "check_result", "target_case_id",
        "until",          "category_code",  "grid_code",  "approval",       "card",         "level",
        "outside_number", "attachment_ids", "assignee",   "responded",      "solved",
    };
    for (int i = 0; i < ACT_FIELD_COUNT; i++)
        if ((int)f == 1 << i)
            return names[i];
    return "?";
}

/* SPDX-License-Identifier: MIT */
/* Names of the domain's enumerations. Tables are indexed by value, so an added value without a name prints "?". */
#include "server/domain/types.h"

#include <stddef.h>

static const char *pick(const char *const *names, size_t n, int i)
{
    return i >= 0 && (size_t)i < n && names[i] ? names[i] : "?";
}
#define PICK(names, i) pick(names, sizeof(names) / sizeof((names)[0]), (int)(i))

const char *role_name(enum role r)
{
    static const char *const names[ROLE_COUNT] = {
        [ROLE_NONE] = "SERVER",
        [ROLE_GRID_WORKER] = "GRID_WORKER",
        [ROLE_COMMUNITY] = "COMMUNITY",
        [ROLE_ACCEPTOR] = "ACCEPTOR",
        [ROLE_DISPATCHER] = "DISPATCHER",
        [ROLE_HANDLER] = "HANDLER",
        [ROLE_ORGAN_LEAD] = "ORGAN_LEAD",
        [ROLE_DUTY_CHIEF] = "DUTY_CHIEF",
        [ROLE_SUPERVISOR] = "SUPERVISOR",
        [ROLE_MEDIATOR] = "MEDIATOR",
        [ROLE_EXPERT] = "EXPERT",
        [ROLE_INTEGRATION] = "INTEGRATION",
        [ROLE_SYSTEM_ADMIN] = "SYSTEM_ADMIN",
        [ROLE_SECURITY_ADMIN] = "SECURITY_ADMIN",
        [ROLE_AUDITOR] = "AUDITOR",
    };
    return PICK(names, r);
}

const char *role_name_zh(enum role r)
{
    static const char *const names[ROLE_COUNT] = {
        [ROLE_NONE] = "系统",
        [ROLE_GRID_WORKER] = "网格员",
        [ROLE_COMMUNITY] = "社区/村",
        [ROLE_ACCEPTOR] = "受理员",
        [ROLE_DISPATCHER] = "派遣员",
        [ROLE_HANDLER] = "承办人",
        [ROLE_ORGAN_LEAD] = "单位负责人",
        [ROLE_DUTY_CHIEF] = "值班长",
        [ROLE_SUPERVISOR] = "督办",
        [ROLE_MEDIATOR] = "调解员",
        [ROLE_EXPERT] = "专家",
        [ROLE_INTEGRATION] = "对接账号",
        [ROLE_SYSTEM_ADMIN] = "系统管理员",
        [ROLE_SECURITY_ADMIN] = "安全管理员",
        [ROLE_AUDITOR] = "审计员",
    };
    return PICK(names, r);
}

const char *case_state_name(enum case_state s)
{
    static const char *const names[STATE_COUNT] = {
        [STATE_NONE] = "NONE",
        [STATE_REPORTED] = "REPORTED",
        [STATE_FACT_CHECK] = "FACT_CHECK",
        [STATE_ACCEPTED] = "ACCEPTED",
        [STATE_DISPATCHED] = "DISPATCHED",
        [STATE_HANDLING] = "HANDLING",
        [STATE_SUSPENDED] = "SUSPENDED",
        [STATE_FEEDBACK] = "FEEDBACK",
        [STATE_FIELD_CHECK] = "FIELD_CHECK",
        [STATE_REFERRED] = "REFERRED",
        [STATE_CLOSED] = "CLOSED",
        [STATE_ARCHIVED] = "ARCHIVED",
        [STATE_NOT_ACCEPTED] = "NOT_ACCEPTED",
        [STATE_VOIDED] = "VOIDED",
        [STATE_MERGED] = "MERGED",
    };
    return PICK(names, s);
}

const char *case_state_name_zh(enum case_state s)
{
    static const char *const names[STATE_COUNT] = {
        [STATE_NONE] = "–",
        [STATE_REPORTED] = "待受理",
        [STATE_FACT_CHECK] = "核实中",
        [STATE_ACCEPTED] = "待派遣",
        [STATE_DISPATCHED] = "待签收",
        [STATE_HANDLING] = "处置中",
        [STATE_SUSPENDED] = "挂账",
        [STATE_FEEDBACK] = "待核查",
        [STATE_FIELD_CHECK] = "核查中",
        [STATE_REFERRED] = "移送中",
        [STATE_CLOSED] = "已结案",
        [STATE_ARCHIVED] = "已归档",
        [STATE_NOT_ACCEPTED] = "不予受理",
        [STATE_VOIDED] = "已作废",
        [STATE_MERGED] = "已并案",
    };
    return PICK(names, s);
}

const char *action_name(enum action a)
{
    static const char *const names[ACT_COUNT] = {
        [ACT_NONE] = "NONE",
        [ACT_SUBMIT] = "SUBMIT",
        [ACT_SETTLE] = "SETTLE",
        [ACT_RECALL] = "RECALL",
        [ACT_ORDER_FACT_CHECK] = "ORDER_FACT_CHECK",
        [ACT_ANSWER_FACT_CHECK] = "ANSWER_FACT_CHECK",
        [ACT_ACCEPT] = "ACCEPT",
        [ACT_REFUSE] = "REFUSE",
        [ACT_ESCALATE] = "ESCALATE",
        [ACT_DISPATCH] = "DISPATCH",
        [ACT_WHISTLE] = "WHISTLE",
        [ACT_SIGN] = "SIGN",
        [ACT_RETURN] = "RETURN",
        [ACT_TRANSFER] = "TRANSFER",
        [ACT_EXTEND] = "EXTEND",
        [ACT_SUSPEND] = "SUSPEND",
        [ACT_RESUME] = "RESUME",
        [ACT_CO_REPLY] = "CO_REPLY",
        [ACT_FEED_BACK] = "FEED_BACK",
        [ACT_ORDER_FIELD_CHECK] = "ORDER_FIELD_CHECK",
        [ACT_ANSWER_FIELD_CHECK] = "ANSWER_FIELD_CHECK",
        [ACT_REWORK] = "REWORK",
        [ACT_CLOSE] = "CLOSE",
        [ACT_FORCE_CLOSE] = "FORCE_CLOSE",
        [ACT_REVISIT] = "REVISIT",
        [ACT_REOPEN] = "REOPEN",
        [ACT_ARCHIVE] = "ARCHIVE",
        [ACT_REQUEST_VOID] = "REQUEST_VOID",
        [ACT_VOID] = "VOID",
        [ACT_RESTORE] = "RESTORE",
        [ACT_MERGE] = "MERGE",
        [ACT_SPLIT] = "SPLIT",
        [ACT_REFER] = "REFER",
        [ACT_RECEIPT] = "RECEIPT",
        [ACT_URGE] = "URGE",
        [ACT_APPEAL] = "APPEAL",
        [ACT_NOTE] = "NOTE",
        [ACT_REQUEST_EXTEND] = "REQUEST_EXTEND",
        [ACT_REQUEST_SUSPEND] = "REQUEST_SUSPEND",
        [ACT_ENDORSE] = "ENDORSE",
        [ACT_DECLINE] = "DECLINE",
        [ACT_GRANT_APPEAL] = "GRANT_APPEAL",
        [ACT_CO_LAPSE] = "CO_LAPSE",
        [ACT_URGE_REPLY] = "URGE_REPLY",
        [ACT_RECLOCK] = "RECLOCK",
    };
    return PICK(names, a);
}

const char *approval_name(enum approval_kind k)
{
    static const char *const names[APPROVAL_COUNT] = {
        [APPROVAL_NONE] = "NONE", [APPROVAL_EXTEND] = "EXTEND", [APPROVAL_SUSPEND] = "SUSPEND",
        [APPROVAL_VOID] = "VOID", [APPROVAL_APPEAL] = "APPEAL",
    };
    return PICK(names, k);
}

const char *card_name(enum card c)
{
    static const char *const names[CARD_COUNT] = {
        [CARD_NONE] = "NONE",
        [CARD_YELLOW] = "YELLOW",
        [CARD_RED] = "RED",
        [CARD_BLACK] = "BLACK",
    };
    return PICK(names, c);
}

const char *region_level_name_zh(enum region_level l)
{
    static const char *const names[LEVEL_COUNT] = {
        [LEVEL_CITY] = "市",          [LEVEL_COUNTY] = "县区", [LEVEL_TOWNSHIP] = "乡镇街道",
        [LEVEL_COMMUNITY] = "社区村", [LEVEL_GRID] = "网格",
    };
    return PICK(names, l);
}

bool case_state_is_open(enum case_state s)
{
    return s >= STATE_REPORTED && s <= STATE_REFERRED;
}

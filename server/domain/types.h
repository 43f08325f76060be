/* SPDX-License-Identifier: MIT */
/*
 * The enumerations of the domain. Owns nothing; everybody on the server includes it. Invariant: every number equals the number
 * of the same name in proto/wangge/v1/types.proto and directory.proto, so a value crosses the wire and the database unchanged.
 */
#ifndef WG_DOMAIN_TYPES_H
#define WG_DOMAIN_TYPES_H

#include <stdbool.h>
#include <stdint.h>

/* 0 is nobody: a gate refuses it unless the actor is the server itself (timers). */
enum role {
    ROLE_NONE = 0,
    ROLE_GRID_WORKER = 1,
    ROLE_COMMUNITY = 2,
    ROLE_ACCEPTOR = 3,
    ROLE_DISPATCHER = 4,
    ROLE_HANDLER = 5,
    ROLE_ORGAN_LEAD = 6,
    ROLE_DUTY_CHIEF = 7,
    ROLE_SUPERVISOR = 8,
    ROLE_MEDIATOR = 9,
    ROLE_EXPERT = 10,
    ROLE_INTEGRATION = 11,
    ROLE_SYSTEM_ADMIN = 12,
    ROLE_SECURITY_ADMIN = 13,
    ROLE_AUDITOR = 14,
    ROLE_COUNT = 15,
};

/* 0 is "no case yet". The first nine are open. */
enum case_state {
    STATE_NONE = 0,
    STATE_REPORTED = 1,
    STATE_FACT_CHECK = 2,
    STATE_ACCEPTED = 3,
    STATE_DISPATCHED = 4,
    STATE_HANDLING = 5,
    STATE_SUSPENDED = 6,
    STATE_FEEDBACK = 7,
    STATE_FIELD_CHECK = 8,
    STATE_REFERRED = 9,
    STATE_CLOSED = 10,
    STATE_ARCHIVED = 11,
    STATE_NOT_ACCEPTED = 12,
    STATE_VOIDED = 13,
    STATE_MERGED = 14,
    STATE_COUNT = 15,
};

enum action {
    ACT_NONE = 0,
    ACT_SUBMIT = 1,
    ACT_SETTLE = 2,
    ACT_RECALL = 3,
    ACT_ORDER_FACT_CHECK = 4,
    ACT_ANSWER_FACT_CHECK = 5,
    ACT_ACCEPT = 6,
    ACT_REFUSE = 7,
    ACT_ESCALATE = 8,
    ACT_DISPATCH = 9,
    ACT_WHISTLE = 10,
    ACT_SIGN = 11,
    ACT_RETURN = 12,
    ACT_TRANSFER = 13,
    ACT_EXTEND = 14,  /* granting what was asked for */
    ACT_SUSPEND = 15, /* granting what was asked for */
    ACT_RESUME = 16,
    ACT_CO_REPLY = 17,
    ACT_FEED_BACK = 18,
    ACT_ORDER_FIELD_CHECK = 19,
    ACT_ANSWER_FIELD_CHECK = 20,
    ACT_REWORK = 21,
    ACT_CLOSE = 22,
    ACT_FORCE_CLOSE = 23,
    ACT_REVISIT = 24,
    ACT_REOPEN = 25,
    ACT_ARCHIVE = 26,
    ACT_REQUEST_VOID = 27,
    ACT_VOID = 28, /* granting what was asked for */
    ACT_RESTORE = 29,
    ACT_MERGE = 30,
    ACT_SPLIT = 31,
    ACT_REFER = 32,
    ACT_RECEIPT = 33,
    ACT_URGE = 34,
    ACT_APPEAL = 35, /* the ask */
    ACT_NOTE = 36,
    ACT_REQUEST_EXTEND = 37,
    ACT_REQUEST_SUSPEND = 38,
    ACT_ENDORSE = 39, /* the first of two approvals */
    ACT_DECLINE = 40, /* by the asker: withdrawn */
    ACT_GRANT_APPEAL = 41,
    ACT_CO_LAPSE = 42, /* the server's alone */
    ACT_URGE_REPLY = 43,
    ACT_RECLOCK = 44,
    ACT_COUNT = 45,
};

enum urgency { URGENCY_NONE = 0, URGENCY_NORMAL = 1, URGENCY_URGENT = 2, URGENCY_CRITICAL = 3, URGENCY_COUNT = 4 };

/* Of a revisit: satisfied, dissatisfied, unreached, basically satisfied. */
enum check_result { CHECK_NONE = 0, CHECK_PASS = 1, CHECK_FAIL = 2, CHECK_UNABLE = 3, CHECK_BASICALLY = 4, CHECK_COUNT = 5 };

/* An answer; NONE: not asked. Numbers are those of the API. */
enum yes_no { YES_NO_NONE = 0, YES_NO_YES = 1, YES_NO_NO = 2 };

enum channel {
    CHANNEL_NONE = 0,
    CHANNEL_GRID = 1,
    CHANNEL_HOTLINE = 2,
    CHANNEL_PUBLIC = 3,
    CHANNEL_ALARM = 4,
    CHANNEL_SUPERIOR = 5,
    CHANNEL_API = 6,
    CHANNEL_COUNT = 7,
};

enum region_level {
    LEVEL_NONE = 0,
    LEVEL_CITY = 1,
    LEVEL_COUNTY = 2,
    LEVEL_TOWNSHIP = 3,
    LEVEL_COMMUNITY = 4,
    LEVEL_GRID = 5,
    LEVEL_COUNT = 6,
};

enum organ_kind {
    ORGAN_NONE = 0,
    ORGAN_CENTRE = 1,
    ORGAN_DEPARTMENT = 2,
    ORGAN_POLICE = 3,
    ORGAN_COURT = 4,
    ORGAN_JUSTICE = 5,
    ORGAN_COMMUNITY = 6,
    ORGAN_EXTERNAL = 7,
    ORGAN_KIND_COUNT = 8,
};

/* What is asked for and decided by others; approval.h. */
enum approval_kind {
    APPROVAL_NONE = 0,
    APPROVAL_EXTEND = 1,
    APPROVAL_SUSPEND = 2,
    APPROVAL_VOID = 3,
    APPROVAL_APPEAL = 4,
    APPROVAL_COUNT = 5,
};

/* How sternly a supervisor urges; a higher number is sterner. */
enum card { CARD_NONE = 0, CARD_YELLOW = 1, CARD_RED = 2, CARD_BLACK = 3, CARD_COUNT = 4 };

#define ROLE_BIT(r)  (UINT32_C(1) << (r))
#define STATE_BIT(s) (UINT32_C(1) << (s))

/* The nine open states. */
#define STATES_OPEN                                                                                                            \
    (STATE_BIT(STATE_REPORTED) | STATE_BIT(STATE_FACT_CHECK) | STATE_BIT(STATE_ACCEPTED) | STATE_BIT(STATE_DISPATCHED) |       \
     STATE_BIT(STATE_HANDLING) | STATE_BIT(STATE_SUSPENDED) | STATE_BIT(STATE_FEEDBACK) | STATE_BIT(STATE_FIELD_CHECK) |       \
     STATE_BIT(STATE_REFERRED))

/* Names as the proto spells them without prefix ("GRID_WORKER", "REPORTED", "SUBMIT"), and in Chinese. "?" if out of range.
 * Static. */
const char *role_name(enum role r);
const char *role_name_zh(enum role r);
const char *case_state_name(enum case_state s);
const char *case_state_name_zh(enum case_state s);
const char *action_name(enum action a);
const char *approval_name(enum approval_kind k);
const char *card_name(enum card c);
const char *region_level_name_zh(enum region_level l);
/* One of the nine. */
bool case_state_is_open(enum case_state s);

#endif

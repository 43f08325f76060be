/* SPDX-License-Identifier: MIT */
/* Usual reasons; see reasons.h. */
#include "client/model/reasons.h"

#include <string.h>

#include "client/model/i18n.h"

enum group { REFUSING, RETURNING, WAITING, VOIDING, FORCING, REOPENING, REFERRING, URGING, CLOSING, GROUPS };

static const struct {
    enum group group;
    struct reason reason;
} reasons[] = {
    {REFUSING, {"OUT_OF_SCOPE", N_("not a matter of this platform")}},
    {REFUSING, {"FALSE_REPORT", N_("what was reported is not so")}},
    {REFUSING, {"DUPLICATE", N_("reported already")}},
    {REFUSING, {"UNCLEAR", N_("too unclear to act on")}},
    {REFUSING, {"IN_COURT", N_("before a court or another procedure")}},
    {RETURNING, {"NOT_OURS", N_("another organ's duty")}},
    {RETURNING, {"OUT_OF_AREA", N_("outside our area")}},
    {RETURNING, {"UNCLEAR", N_("too unclear to act on")}},
    {WAITING, {"FUNDS", N_("waits for money")}},
    {WAITING, {"PARTS", N_("waits for parts or material")}},
    {WAITING, {"SEASON", N_("waits for the season or the weather")}},
    {WAITING, {"IN_COURT", N_("before a court or another procedure")}},
    {WAITING, {"THIRD_PARTY", N_("waits for somebody outside")}},
    {VOIDING, {"FALSE_REPORT", N_("what was reported is not so")}},
    {VOIDING, {"DUPLICATE", N_("reported already")}},
    {VOIDING, {"TEST", N_("entered as a trial")}},
    {FORCING, {"SOLVED_ITSELF", N_("solved by itself")}},
    {FORCING, {"NO_SOLUTION", N_("nothing more can be done")}},
    {FORCING, {"UNREACHABLE", N_("nobody can be reached")}},
    {REOPENING, {"RECURRED", N_("it happened again")}},
    {REOPENING, {"NOT_SOLVED", N_("it was not solved")}},
    {REOPENING, {"DISSATISFIED", N_("the people are dissatisfied")}},
    {REFERRING, {"HIGHER_LEVEL", N_("for a higher authority")}},
    {REFERRING, {"OTHER_SYSTEM", N_("kept in another system")}},
    {URGING, {"NO_PROGRESS", N_("no progress")}},
    {URGING, {"OVERDUE", N_("overdue")}},
    {CLOSING, {"SUCCESS", N_("dispute resolved")}},
    {CLOSING, {"FAILED", N_("dispute not resolved")}},
    {CLOSING, {"TERMINATED", N_("dispute ended without an outcome")}},
};

static int group_of(Wangge__V1__Action a)
{
    switch ((int)a) {
    case WANGGE__V1__ACTION__ACTION_REFUSE:
        return REFUSING;
    case WANGGE__V1__ACTION__ACTION_RETURN:
        return RETURNING;
    case WANGGE__V1__ACTION__ACTION_SUSPEND:
    case WANGGE__V1__ACTION__ACTION_REQUEST_SUSPEND:
    case WANGGE__V1__ACTION__ACTION_EXTEND:
    case WANGGE__V1__ACTION__ACTION_REQUEST_EXTEND:
        return WAITING;
    case WANGGE__V1__ACTION__ACTION_VOID:
    case WANGGE__V1__ACTION__ACTION_REQUEST_VOID:
        return VOIDING;
    case WANGGE__V1__ACTION__ACTION_FORCE_CLOSE:
        return FORCING;
    case WANGGE__V1__ACTION__ACTION_CLOSE:
    case WANGGE__V1__ACTION__ACTION_SETTLE:
        return CLOSING;
    case WANGGE__V1__ACTION__ACTION_REOPEN:
        return REOPENING;
    case WANGGE__V1__ACTION__ACTION_REFER:
        return REFERRING;
    case WANGGE__V1__ACTION__ACTION_URGE:
        return URGING;
    default:
        return GROUPS;
    }
}

const struct reason *reasons_of(Wangge__V1__Action action, size_t i)
{
    int group = group_of(action);
    for (size_t k = 0; k < sizeof reasons / sizeof *reasons; k++) {
        if ((int)reasons[k].group == group && i-- == 0)
            return &reasons[k].reason;
    }
    return NULL;
}

const char *reasons_text(const char *code)
{
    for (size_t k = 0; k < sizeof reasons / sizeof *reasons; k++) {
        if (strcmp(reasons[k].reason.code, code) == 0)
            return _(reasons[k].reason.text);
    }
    return code;
}

/* SPDX-License-Identifier: MIT */
/* Guards and fields in words; see rules.h. */
#include "client/model/rules.h"

#include <string.h>

#include "client/model/i18n.h"

static const struct {
    const char *rule;
    const char *text;
} rules[] = {
    {"STATE", N_("This is not possible in the state the case is in.")},
    {"VERSION", N_("Somebody else did something to this case meanwhile.")},
    {"ROLE", N_("Your role may not do this.")},
    {"REGION", N_("The case lies outside your region.")},
    {"LEVEL", N_("Another level holds this case now.")},
    {"FIELD", N_("A field is missing or wrong.")},
    {"TIME_FUTURE", N_("The time lies in the future.")},
    {"TIME_ORDER", N_("The time lies before the last thing that happened to the case.")},
    {"TIME_OLD", N_("The time lies too far back.")},
    {"GRID", N_("There is no such grid, or it is no longer valid.")},
    {"CATEGORY", N_("There is no such category, it is no longer valid, or it would take the case out of the figures.")},
    {"REPORTER_ONLY", N_("Only who reported the case may do this.")},
    {"NEVER_ACCEPTED", N_("This was possible only before the case was first accepted.")},
    {"SETTLE_ALLOWED", N_("This category may not be settled on the spot.")},
    {"OWN_ORGAN", N_("Another organ leads this case.")},
    {"CO_ORGAN", N_("Your organ does not help with this case, or has replied already.")},
    {"ORGAN", N_("There is no such organ, it is closed, or the case lies outside its region.")},
    {"CO_ORGANS", N_("A helping organ is unknown, named twice, or is the lead organ itself.")},
    {"TRANSFER_TARGET", N_("The case can be passed on only to another organ, or inside your own as its lead.")},
    {"CO_PENDING", N_("A helping organ has neither replied nor let its time pass; the lead cannot feed back before.")},
    {"RETURN_LIMIT", N_("The case was returned as often as it may be.")},
    {"SUSPEND_LIMIT", N_("The case was suspended already; it can be only once.")},
    {"UNTIL_RANGE", N_("The date lies in the past, before the present due time, or too far ahead.")},
    {"RESUME_EARLY", N_("The day it resumes has not come yet.")},
    {"TOP_LEVEL", N_("The highest level holds the case already.")},
    {"SKIP_LEVEL", N_("A level may be skipped only by an urgent case.")},
    {"HANDLER_IS_CHECKER", N_("Who handled a case may not check it.")},
    {"HANDLER_IS_CLOSER", N_("Who handled a case may not close it.")},
    {"CHECKER_IS_CLOSER", N_("Who checked a case may not close it.")},
    {"CHECK_NOT_PASSED", N_("The field check has not been passed, and this category does not go without one.")},
    {"REOPEN_LIMIT", N_("The case was closed too long ago to be reopened.")},
    {"ARCHIVE_EARLY", N_("It is too early to archive the case.")},
    {"RECALLED", N_("The reporter took the case back; nobody else can restore it.")},
    {"MERGE_TARGET", N_("The lead case is not open, not known here, or is this case itself.")},
    {"MERGE_CHAIN", N_("Others are merged into this case: it is a lead itself.")},
    {"APPROVAL_BY_ASKER", N_("Who asked for something, or endorsed it, may not decide it.")},
    {"APPROVAL_NONE", N_("Nobody has asked for this.")},
    {"APPROVAL_PENDING", N_("This is asked for already and waits for its decision.")},
    {"APPROVAL_STEP", N_("Another decision comes first: this was not endorsed yet, or is endorsed already.")},
    {"APPROVAL_DECIDER", N_("Only who decides next may decline it, and who asked may withdraw it.")},
    {"CO_LAPSE_EARLY", N_("No helping organ has let its time pass.")},
    {"CARD_LOWER", N_("While an urging waits for its answer the card can only become sterner.")},
    {"NOT_URGED", N_("Nothing is to be answered: nobody has urged.")},
    {"EXTEND_LIMIT", N_("The limit was extended as often as it may be.")},
    {"EXTEND_LATE", N_("More time can be asked for only before the case is due.")},
    {"APPEAL_NOT_LATE", N_("The case was not late: there is nothing to appeal against.")},
    {"APPEAL_LIMIT", N_("An appeal was decided already; there is only one.")},
    {"APPEAL_LATE", N_("The time to appeal after the closing is over.")},
    {"ASSIGNEE", N_("It is for the colleague the unit's lead named (or the lead) to sign; named are handlers of the unit.")},
    {"EVIDENCE", N_("This category asks for a photo or another file as evidence.")},
};

static const struct {
    const char *name;
    const char *text;
} fields[] = {
    {"approval", NC_("field", "Decision on")},
    {"organ_code", NC_("field", "Organ")},
    {"co_organ_codes", NC_("field", "Co-organs")},
    {"target_case_id", NC_("field", "Lead case")},
    {"category_code", NC_("field", "Category")},
    {"card", NC_("field", "Card")},
    {"level", NC_("field", "To level")},
    {"check_result", NC_("field", "Result")},
    {"responded", NC_("field", "Somebody came")},
    {"solved", NC_("field", "Solved")},
    {"until", NC_("field", "Until")},
    {"reason_code", NC_("field", "Reason")},
    {"outside_number", NC_("field", "Number there")},
    {"assignee", NC_("field", "Assign to")},
    {"text", NC_("field", "Text")},
    {"attachment_ids", NC_("field", "Evidence")},
    {"happened_at", NC_("field", "Happened at")},
    {"grid_code", NC_("field", "Grid")},
};

const char *rules_text(const char *rule)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        if (strcmp(rules[i].rule, rule) == 0)
            return _(rules[i].text);
    }
    return NULL;
}

const char *rules_field(const char *name)
{
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (strcmp(fields[i].name, name) == 0)
            return i18n_context(fields[i].text);
    }
    return name;
}

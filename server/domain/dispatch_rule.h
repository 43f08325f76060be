/* SPDX-License-Identifier: MIT */
/*
 * Which organ a case should be given to. Pure. Several rules may match; the order, most specific first, is: longer category
 * prefix; deeper region; restricted in time (hours before weekdays alone before none); higher priority; older id. A rule names
 * the lead organ and those that help.
 */
#ifndef WG_DOMAIN_DISPATCH_RULE_H
#define WG_DOMAIN_DISPATCH_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/clock.h"
#include "common/base/err.h"
#include "common/base/uuid.h"
#include "server/domain/directory.h"

enum { DISPATCH_CO_MAX = 8, DISPATCH_NOTE_MAX = 200, DISPATCH_RULES_MAX = 20000, DISPATCH_REASON_SIZE = 160 };

struct dispatch_rule {
    struct uuid id;
    char category_prefix[6]; /* empty: all */
    int64_t region;          /* padded; 0: everywhere */
    uint8_t weekdays;        /* bit 0 Monday; 0: every day */
    int16_t from_minute;     /* both 0: the whole day */
    int16_t to_minute;
    int32_t organ_id;
    int32_t co_organ_ids[DISPATCH_CO_MAX];
    int n_co;
    int32_t priority;
    const char *note;
};

/* The case a rule is asked about. */
struct dispatch_case {
    const char *category_code;
    int64_t grid;
    int32_t local_day;    /* of the dispatch */
    int32_t local_minute; /* after midnight */
};
void dispatch_case_at(struct dispatch_case *c, const char *category_code, int64_t grid, usec_t at, int32_t utc_offset_s);

bool dispatch_rule_matches(const struct dispatch_rule *r, const struct dispatch_case *c);
/* Negative if a comes first. A total order: ids differ. */
int dispatch_rule_compare(const struct dispatch_rule *a, const struct dispatch_rule *b);
/* Sorts, most specific first. */
void dispatch_rules_sort(struct dispatch_rule *rules, int n);
/* The next match among sorted rules from *at on; NULL at the end. Rules whose lead organ is inactive are stepped over. */
const struct dispatch_rule *dispatch_rules_next(const struct dispatch_rule *sorted, int n, const struct directory *dir,
                                                const struct dispatch_case *c, int *at);
/* ERR_INVALID (an impossible prefix, region, weekday or hours) or ERR_PRECONDITION (an organ that is inactive or does not serve
 * the region), with the field below prefix. */
int dispatch_rule_check(const struct dispatch_rule *r, const struct directory *dir, const char *prefix,
                        struct err *e) MUST_CHECK;
/* "category E0102, region 230604, weekdays 1-5 08:00-18:00". */
void dispatch_rule_reason(const struct dispatch_rule *r, char out[DISPATCH_REASON_SIZE]);

#endif

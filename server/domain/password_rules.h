/* SPDX-License-Identifier: MIT */
/*
 * The rules a new password must keep: length, kinds of characters, not a common one, not the login. Pure; used by every way a
 * password is set. The limits come from the table password_policy, the common words from schema/data/common_passwords.txt.
 *
 * A password is common if it is put together from nothing but common words, sequences, dates and telephone numbers: when fewer
 * than PASSWORD_OWN_MIN of its characters are the person's own.
 */
#ifndef WG_DOMAIN_PASSWORD_RULES_H
#define WG_DOMAIN_PASSWORD_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/err.h"

struct password_policy {
    int min_length;  /* characters */
    int min_classes; /* of upper case, lower case, digit, other */
    bool refuse_common;
    int max_age_days; /* 0: never too old */
    int history;
};

enum {
    PASSWORD_LENGTH_MAX = 256, /* characters */
    PASSWORD_OWN_MIN = 4,
    PASSWORD_POLICY_LENGTH_MIN = 8,
    PASSWORD_POLICY_LENGTH_MAX = 128,
    PASSWORD_POLICY_AGE_MAX = 3650,
    PASSWORD_POLICY_HISTORY_MAX = 24,
};

/* What holds until somebody changes it. */
void password_policy_default(struct password_policy *ret);
/* ERR_INVALID, naming the field as the API spells it. */
int password_policy_check(const struct password_policy *p, struct err *e) MUST_CHECK;
/* ERR_INVALID in field, saying which rule a new password breaks. password is UTF-8. */
int password_rules_check(const struct password_policy *p, const char *field, const char *password, const char *login,
                         struct err *e) MUST_CHECK;

/* Parts of it, for the tests. */
bool password_is_common_word(const char *word, size_t len);
/* Characters that belong to no common word, sequence, date or number. */
int password_own_chars(const char *password);

#endif

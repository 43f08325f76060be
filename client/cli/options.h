/* SPDX-License-Identifier: MIT */
/*
 * The command line: one table of commands, one table of options. getopt_long, the help, and later the manual and the
 * completions are all made from these two.
 */
#ifndef WG_CLIENT_CLI_OPTIONS_H
#define WG_CLIENT_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/err.h"

enum options_command {
    COMMAND_LOGIN,
    COMMAND_LOGOUT,
    COMMAND_WHOAMI,
    COMMAND_CASE_NEW,
    COMMAND_CASE_LIST,
    COMMAND_CASE_SHOW,
    COMMAND_CASE_ACT,
    COMMAND_CASE_BULK,
    COMMAND_CASE_NOTE,
    COMMAND_CASE_EXPLAIN,
    COMMAND_CASE_SIMILAR,
    COMMAND_CASE_ATTACH,
    COMMAND_CASE_FILES,
    COMMAND_CASE_DOWNLOAD,
    COMMAND_SEARCH,
    COMMAND_RULES_LIST,
    COMMAND_RULES_SET,
    COMMAND_RULES_TRY,
    COMMAND_RULES_SUGGEST,
    COMMAND_CALENDAR_LIST,
    COMMAND_CALENDAR_SHOW,
    COMMAND_CALENDAR_IMPORT,
    COMMAND_CALENDAR_SET,
    COMMAND_LIMIT_LIST,
    COMMAND_LIMIT_ADD,
    COMMAND_WHAT_IF,
    COMMAND_PEOPLE_SHOW,
    COMMAND_PEOPLE_SET,
    COMMAND_PEOPLE_REVEAL,
    COMMAND_LIST,
    COMMAND_REPORT,
    COMMAND_WATCH,
    COMMAND_INBOX_READ,
    COMMAND_INBOX,
    COMMAND_IMPORT,
    COMMAND_OUTBOX_LIST,
    COMMAND_OUTBOX_RETRY,
    COMMAND_OUTBOX_DROP,
    COMMAND_ACCOUNT_LIST,
    COMMAND_ACCOUNT_SHOW,
    COMMAND_ACCOUNT_NEW,
    COMMAND_ACCOUNT_UPDATE,
    COMMAND_ACCOUNT_DISABLE,
    COMMAND_ACCOUNT_ENABLE,
    COMMAND_ACCOUNT_RESET,
    COMMAND_ACCOUNT_PASSWD,
    COMMAND_ACCOUNT_SESSIONS,
    COMMAND_ACCOUNT_END_SESSIONS,
    COMMAND_ACCOUNT_POLICY_SET,
    COMMAND_ACCOUNT_POLICY,
    COMMAND_ACCOUNT_TOTP,
    COMMAND_ACCOUNT_TOKEN,
    COMMAND_ACCOUNT_CERT,
    COMMAND_ACCOUNT_CREDENTIALS,
    COMMAND_ACCOUNT_REVOKE,
    COMMAND_AUDIT,
    COMMAND_CONFIG,
    COMMAND_DOCTOR,
    COMMAND_VERSION,
    COMMAND_HELP,
    COMMAND_TUI,
    COMMANDS,
    COMMAND_NONE = COMMANDS,
};

enum options_option {
    OPTION_SERVER,
    OPTION_TLS,
    OPTION_CA_FILE,
    OPTION_PIN,
    OPTION_LANG,
    OPTION_COLOR,
    OPTION_JSON,
    OPTION_QUIET,
    OPTION_YES,
    OPTION_NO_INPUT,
    OPTION_DRY_RUN,
    OPTION_TIMEOUT,
    OPTION_HELP,
    OPTION_VERSION,
    OPTION_USER,
    OPTION_PASSWORD_STDIN,
    OPTION_CATEGORY,
    OPTION_GRID,
    OPTION_POINT,
    OPTION_TEXT,
    OPTION_ADDRESS,
    OPTION_URGENCY,
    OPTION_CHANNEL,
    OPTION_HAPPENED_AT,
    OPTION_SETTLE,
    OPTION_PEOPLE,
    OPTION_CONFIDENTIAL,
    OPTION_FILE,
    OPTION_PURPOSE,
    OPTION_STATE,
    OPTION_OPEN,
    OPTION_REGION,
    OPTION_ORGAN,
    OPTION_FROM,
    OPTION_TO,
    OPTION_OVERDUE,
    OPTION_FIND,
    OPTION_PERSON,
    OPTION_MINE,
    OPTION_MY_WORK,
    OPTION_BY_DUE,
    OPTION_LIMIT,
    OPTION_REASON,
    OPTION_CO_ORGAN,
    OPTION_CHECK,
    OPTION_TARGET,
    OPTION_UNTIL,
    OPTION_EXPECT,
    OPTION_APPROVAL,
    OPTION_CARD,
    OPTION_OUTSIDE,
    OPTION_ASSIGNEE,
    OPTION_ATTACH,
    OPTION_ON_CONFLICT,
    OPTION_RESUME,
    OPTION_PENDING,
    OPTION_DUE_WITHIN,
    OPTION_LIGHT,
    OPTION_METRIC,
    OPTION_VARIANT,
    OPTION_AS_OF,
    OPTION_YEAR,
    OPTION_MONTH,
    OPTION_BY,
    OPTION_LEVEL,
    OPTION_COMPARE,
    OPTION_CASES,
    OPTION_KEY,
    OPTION_CURSOR,
    OPTION_CASE,
    OPTION_HEARTBEAT,
    OPTION_ERRORS,
    OPTION_BATCH,
    OPTION_RENDER,
    OPTION_SIZE,
    OPTION_UNREAD,
    OPTION_KIND,
    OPTION_ALL,
    OPTION_CLOCK,
    OPTION_FORCE,
    OPTION_AT,
    OPTION_AMOUNT,
    OPTION_CALENDAR,
    OPTION_LIMITS,
    OPTION_BORDER,
    OPTION_APPLY,
    OPTION_NAME,
    OPTION_ROLE,
    OPTION_SOURCE,
    OPTION_STAFF,
    OPTION_KEEP_PASSWORD,
    OPTION_GENERATE,
    OPTION_REMOVE_TOTP,
    OPTION_SESSION,
    OPTION_MIN_LENGTH,
    OPTION_MIN_CLASSES,
    OPTION_COMMON,
    OPTION_MAX_AGE,
    OPTION_HISTORY,
    OPTION_CODE,
    OPTION_LABEL,
    OPTION_EXPIRES,
    OPTION_ACCOUNT,
    OPTION_OBJECT,
    OPTION_RULE,
    OPTIONS,
};

enum { OPTIONS_ARGS_MAX = 64, OPTIONS_ATTACH_MAX = 16 };

struct options {
    enum options_command command;
    const char *value[OPTIONS]; /* borrowed from argv; "" for a flag; NULL if not given */
    const char *args[OPTIONS_ARGS_MAX];
    int n_args;
    const char *attach[OPTIONS_ATTACH_MAX]; /* every --attach, in their order; value has the first */
    int n_attach;
};

/* Parses argv. ERR_INVALID with a message for usage errors. --help and --version turn into their commands. */
int options_parse(int argc, char **argv, struct options *ret, struct err *e) MUST_CHECK;
bool options_has(const struct options *o, enum options_option opt);
/* The value, or the fallback if not given. */
const char *options_get(const struct options *o, enum options_option opt, const char *fallback);
/* Reads a number in [min, max]; fallback if not given. */
int options_number(const struct options *o, enum options_option opt, long min, long max, long fallback, long *ret,
                   struct err *e) MUST_CHECK;
/* "case new", as typed. */
const char *options_command_name(enum options_command c);
const char *options_option_name(enum options_option opt);
/* Writes the help of a command, or the overview for COMMAND_NONE, by calling put for each piece. */
void options_help(enum options_command c, void (*put)(void *arg, const char *text), void *arg);

#endif

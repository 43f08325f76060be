/* SPDX-License-Identifier: MIT */
#include "client/cli/options.h"

#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "client/cli/import_row.h"
#include "client/export/table.h"
#include "client/model/i18n.h"
#include "common/base/text.h"

/* A set of commands; there are more than 64 to come. */
__extension__ typedef unsigned __int128 command_set;
#define BIT(x) ((command_set)1 << (x))
#define C(x)   BIT(COMMAND_##x)
#define ALL    (~(command_set)0)
/* Commands that change something a person may want to be asked about, or only try. */
#define WRITES                                                                                                                 \
    (C(CASE_NEW) | C(CASE_ACT) | C(CASE_BULK) | C(CASE_NOTE) | C(PEOPLE_SET) | C(IMPORT) | C(OUTBOX_DROP) | C(OUTBOX_RETRY))
/* Commands that pull a report over a window and a filter. */
#define PULLS (C(REPORT_PULL) | C(REPORT_FREEZE))
/* Commands that take something away from somebody, and have no trial. */
#define ENDS (C(ACCOUNT_DISABLE) | C(ACCOUNT_END_SESSIONS) | C(ACCOUNT_REVOKE))

static const struct command {
    const char *name;
    const char *args;
    const char *help;
    int min_args, max_args;
} commands[COMMANDS] = {
    [COMMAND_LOGIN] = {"login", "", N_("Open a session at a server"), 0, 0},
    [COMMAND_LOGOUT] = {"logout", "", N_("End the session"), 0, 0},
    [COMMAND_WHOAMI] = {"whoami", "", N_("Show whose session it is"), 0, 0},
    [COMMAND_CASE_NEW] = {"case new", "", N_("Log an incident; kept here and sent later if the server is away"), 0, 0},
    [COMMAND_CASE_LIST] = {"case list", "", N_("List cases, newest first"), 0, 0},
    [COMMAND_CASE_SHOW] = {"case show", "NUMBER|ID", N_("Show a case with its timeline and what can be done"), 1, 1},
    [COMMAND_CASE_ACT] = {"case act", "NUMBER|ID ACTION", N_("Take an action on a case"), 2, 2},
    [COMMAND_CASE_BULK] = {"case bulk", "ACTION [NUMBER|ID|-...]",
                           N_("Take one action on many cases, named or found by a filter"), 1, OPTIONS_ARGS_MAX},
    [COMMAND_CASE_NOTE] = {"case note", "NUMBER|ID", N_("Add a note to a case"), 1, 1},
    [COMMAND_CASE_EXPLAIN] = {"case explain", "NUMBER|ID", N_("Show why a case is due when it is"), 1, 1},
    [COMMAND_CASE_SIMILAR] = {"case similar", "NUMBER|ID", N_("Show cases like it: near in place and time, alike in words"), 1,
                              1},
    [COMMAND_CASE_ATTACH] = {"case attach", "NUMBER|ID FILE...", N_("Upload files to a case; goes on where it broke off"), 2,
                             OPTIONS_ARGS_MAX},
    [COMMAND_CASE_FILES] = {"case files", "NUMBER|ID", N_("List the files of a case"), 1, 1},
    [COMMAND_CASE_DOWNLOAD] = {"case download", "NUMBER|ID|FILE-ID", N_("Download the files of a case, or one file by its id"),
                               1, 1},
    [COMMAND_SEARCH] = {"search", "[WORD...]", N_("Find cases by words, places, numbers, pinyin initials or a person"), 0,
                        OPTIONS_ARGS_MAX},
    [COMMAND_RULES_LIST] = {"rules list", "", N_("List the dispatch rules, most specific first"), 0, 0},
    [COMMAND_RULES_SET] = {"rules set", "FILE.csv", N_("Add, change or remove dispatch rules from a table"), 1, 1},
    [COMMAND_RULES_TRY] = {"rules try", "[FILE.csv]", N_("Show what rules would have said to past dispatches"), 0, 1},
    [COMMAND_RULES_SUGGEST] = {"rules suggest", "NUMBER|ID", N_("Show which organs the rules name for a case"), 1, 1},
    [COMMAND_CALENDAR_LIST] = {"calendar list", "", N_("List the working calendars and how far holidays are known"), 0, 0},
    [COMMAND_CALENDAR_SHOW] = {"calendar show", "[REGION|CODE]",
                               N_("Show the calendar that holds for a region: week, seasons, days and where they come from"), 0,
                               1},
    [COMMAND_CALENDAR_IMPORT] = {"calendar import", "FILE", N_("Take over a list of holidays and make-up working days"), 1, 1},
    [COMMAND_CALENDAR_SET] = {"calendar set", "FILE", N_("Add or change a calendar: name, zone, week, seasons, days"), 1, 1},
    [COMMAND_LIMIT_LIST] = {"limit list", "", N_("List the limits in force, and those to come"), 0, 0},
    [COMMAND_LIMIT_ADD] = {"limit add", "[FILE.csv]", N_("Add limits for clocks that start from now on, or from a day on"), 0,
                           1},
    [COMMAND_WHAT_IF] = {"what-if", "", N_("Show which open cases a changed calendar, limit or border would move"), 0, 0},
    [COMMAND_PEOPLE_SHOW] = {"case people show", "NUMBER|ID", N_("Show the people of a case, masked"), 1, 1},
    [COMMAND_PEOPLE_SET] = {"case people set", "NUMBER|ID", N_("Enter the people of a case in place of those before"), 1, 1},
    [COMMAND_PEOPLE_REVEAL] = {"case people reveal", "NUMBER|ID", N_("Show the people of a case whole; it is recorded"), 1, 1},
    [COMMAND_LIST] = {"list", "categories|organs|regions|grids|actions",
                      N_("List the codes that other commands take, and who may do what"), 1, 1},
    [COMMAND_REPORT_LIST] = {"report list", "", N_("List the reports there are, built-in and saved"), 0, 0},
    [COMMAND_REPORT_PULL] = {"report pull", "CODE", N_("Pull a report: on the screen, or as CSV, JSON, xlsx or HTML"), 1, 1},
    [COMMAND_REPORT_FREEZE] = {"report freeze", "CODE", N_("Keep a report for ever as it is now"), 1, 1},
    [COMMAND_REPORT_FROZEN] = {"report frozen", "[ID]", N_("List frozen reports, or print one as it was frozen"), 0, 1},
    [COMMAND_REPORT_RESTATE] = {"report restate", "ID", N_("Show what has become known since a report was frozen"), 1, 1},
    [COMMAND_REPORT_SAVE] = {"report save", "CODE", N_("Save a report with its filters and schedule under a code of its own"),
                             1, 1},
    [COMMAND_REPORT_DELETE] = {"report delete", "CODE", N_("Remove a saved report"), 1, 1},
    [COMMAND_REPORT_RUN] = {"report run", "", N_("Write the scheduled reports that are due into a folder"), 0, 0},
    [COMMAND_REPORT] = {"report", "[METRIC]", N_("Pull a figure with its definition, or the cases behind it"), 0, 1},
    [COMMAND_WATCH] = {"watch", "", N_("Follow what happens, as it happens"), 0, 0},
    [COMMAND_INBOX_READ] = {"inbox read", "[NOTICE...]", N_("Mark notices read"), 0, OPTIONS_ARGS_MAX},
    [COMMAND_INBOX] = {"inbox", "", N_("Show what concerns you: work, decisions, answers, due times"), 0, 0},
    [COMMAND_IMPORT] = {"import", "FILE.csv", N_("Log incidents from a table; may be repeated, nothing is doubled"), 1, 1},
    [COMMAND_OUTBOX_LIST] = {"outbox list", "", N_("List what is not yet delivered"), 0, 0},
    [COMMAND_OUTBOX_RETRY] = {"outbox retry", "[ENTRY...]", N_("Send now what waits"), 0, OPTIONS_ARGS_MAX},
    [COMMAND_OUTBOX_DROP] = {"outbox drop", "ENTRY...", N_("Throw entries away"), 1, OPTIONS_ARGS_MAX},
    [COMMAND_ACCOUNT_LIST] = {"account list", "", N_("List accounts, in the order of their logins"), 0, 0},
    [COMMAND_ACCOUNT_SHOW] = {"account show", "LOGIN", N_("Show an account and the state it is in"), 1, 1},
    [COMMAND_ACCOUNT_NEW] = {"account new", "LOGIN",
                             N_("Make an account; its first password must be changed at the first login"), 1, 1},
    [COMMAND_ACCOUNT_UPDATE] = {"account update", "LOGIN",
                                N_("Change what an account is; region, organ, source and staff number go with -"), 1, 1},
    [COMMAND_ACCOUNT_DISABLE] = {"account disable", "LOGIN", N_("Close an account and end its sessions at once"), 1, 1},
    [COMMAND_ACCOUNT_ENABLE] = {"account enable", "LOGIN", N_("Open a closed account again"), 1, 1},
    [COMMAND_ACCOUNT_RESET] = {"account reset-password", "LOGIN",
                               N_("Set a first password, to be changed at the next login; ends the account's sessions"), 1, 1},
    [COMMAND_ACCOUNT_PASSWD] = {"account passwd", "", N_("Change my own password; ends my other sessions"), 0, 0},
    [COMMAND_ACCOUNT_SESSIONS] = {"account sessions", "[LOGIN]", N_("List open sessions, mine or an account's"), 0, 1},
    [COMMAND_ACCOUNT_END_SESSIONS] = {"account end-sessions", "[LOGIN]",
                                      N_("End my other sessions, all of an account, or a single one"), 0, 1},
    [COMMAND_ACCOUNT_POLICY_SET] = {"account policy set", "", N_("Change the rules for passwords; what is not given stays"), 0,
                                    0},
    [COMMAND_ACCOUNT_POLICY] = {"account policy", "[show]", N_("Show the rules for passwords"), 0, 1},
    [COMMAND_ACCOUNT_TOTP] = {"account totp", "[begin|confirm|remove]",
                              N_("Set up one-time passwords for me, step by step or in one go; or end them"), 0, 1},
    [COMMAND_ACCOUNT_TOKEN] = {"account token new", "LOGIN", N_("Make a token for a service account; it is shown once"), 1, 1},
    [COMMAND_ACCOUNT_CERT] = {"account cert bind", "LOGIN CERT.pem|SHA256",
                              N_("Let a client certificate speak for a service account"), 2, 2},
    [COMMAND_ACCOUNT_CREDENTIALS] = {"account credentials", "LOGIN", N_("List a service account's tokens and certificates"), 1,
                                     1},
    [COMMAND_ACCOUNT_REVOKE] = {"account revoke", "CREDENTIAL", N_("End a token or a certificate's binding at once"), 1, 1},
    [COMMAND_AUDIT] = {"audit", "", N_("List who saw personal data, who was refused, and what administrators did"), 0, 0},
    [COMMAND_CONFIG] = {"config", "", N_("Show every setting, its value and where it comes from"), 0, 0},
    [COMMAND_DOCTOR] = {"doctor", "", N_("Check locale, terminal, clock, server, session and outbox"), 0, 0},
    [COMMAND_VERSION] = {"version", "", N_("Show the version"), 0, 0},
    [COMMAND_HELP] = {"help", "[COMMAND]", N_("Show help"), 0, 3},
    [COMMAND_TUI] = {"tui", "", N_("Open the terminal interface (the default on a terminal)"), 0, 0},
};

_Static_assert(COMMANDS <= 128, "a command_set has a bit for each command");

static const struct row {
    const char *name;
    char letter;
    const char *arg; /* NULL: a flag; "[x]": optional */
    command_set where;
    const char *help;
} rows[OPTIONS] = {
    [OPTION_SERVER] = {"server", 's', "HOST:PORT", ALL, N_("server to talk to, also unix:/path")},
    [OPTION_TLS] = {"tls", 0, "auto|on|off", ALL, N_("whether to speak TLS")},
    [OPTION_CA_FILE] = {"ca-file", 0, "FILE", ALL, N_("certificates to trust")},
    [OPTION_PIN] = {"pin", 0, "SHA256", ALL, N_("fingerprint of a certificate to trust")},
    [OPTION_LANG] = {"lang", 0, "zh_CN|en", ALL, N_("language of all texts")},
    [OPTION_COLOR] = {"color", 0, "auto|always|never", ALL, N_("when to use colours")},
    [OPTION_JSON] = {"json", 0, "[FIELDS]", ALL, N_("print JSON, of lists one object a line; only these fields")},
    [OPTION_QUIET] = {"quiet", 'q', NULL, ALL, N_("no remarks on standard error")},
    [OPTION_YES] = {"yes", 'y', NULL, WRITES | ENDS | C(ACCOUNT_RESET) | C(WHAT_IF), N_("do not ask")},
    [OPTION_NO_INPUT] = {"no-input", 0, NULL, ALL, N_("never ask; fail instead")},
    [OPTION_DRY_RUN] = {"dry-run", 'n', NULL, WRITES | C(CALENDAR_IMPORT) | C(CALENDAR_SET), N_("check only, change nothing")},
    [OPTION_TIMEOUT] = {"timeout", 0, "SECONDS", ALL, N_("how long to wait for an answer")},
    [OPTION_HELP] = {"help", 'h', NULL, ALL, N_("show help")},
    [OPTION_VERSION] = {"version", 'V', NULL, ALL, N_("show the version")},
    [OPTION_USER] = {"user", 'u', "LOGIN", C(LOGIN), N_("account to log in with")},
    [OPTION_PASSWORD_STDIN] = {"password-stdin", 0, NULL, C(LOGIN) | C(ACCOUNT_NEW) | C(ACCOUNT_RESET) | C(ACCOUNT_PASSWD),
                               N_("read the password from standard input; of passwd the old one, then the new one")},
    [OPTION_CATEGORY] = {"category", 'c', "CODE",
                         C(CASE_NEW) | C(CASE_BULK) | C(CASE_LIST) | C(CASE_ACT) | C(REPORT) | PULLS | C(REPORT_SAVE) |
                             C(LIMIT_LIST) | C(LIMIT_ADD),
                         N_("category, or its beginning in filters")},
    [OPTION_GRID] = {"grid", 'g', "CODE", C(CASE_NEW), N_("grid, 15 digits")},
    [OPTION_POINT] = {"point", 0, "LAT,LON", C(CASE_NEW), N_("coordinates (WGS 84), instead of the grid")},
    [OPTION_TEXT] = {"text", 'm', "TEXT", C(REPORT_FREEZE) | C(CASE_NEW) | C(CASE_BULK) | C(CASE_ACT) | C(CASE_NOTE),
                     N_("what happened or was done; - reads it from standard input")},
    [OPTION_ADDRESS] = {"address", 'a', "TEXT", C(CASE_NEW), N_("where, in words")},
    [OPTION_URGENCY] = {"urgency", 0, "normal|urgent|critical", C(CASE_NEW) | C(LIMIT_ADD), N_("how pressing it is")},
    [OPTION_CHANNEL] = {"channel", 0, "WORD", C(CASE_NEW), N_("by which channel it came in")},
    [OPTION_HAPPENED_AT] = {"happened-at", 0, "TIME", C(CASE_NEW) | C(CASE_ACT) | C(CASE_NOTE),
                            N_("when it happened: 2026-11-23 09:40, 09:40, -2h")},
    [OPTION_SETTLE] = {"settle", 0, "TEXT", C(CASE_NEW), N_("settled on the spot, with this result")},
    [OPTION_PEOPLE] = {"people", 0, "FILE.json", C(CASE_NEW), N_("people in it, from a file; - reads standard input")},
    [OPTION_CONFIDENTIAL] = {"confidential", 0, NULL, C(CASE_NEW), N_("hide who reported it")},
    [OPTION_FILE] = {"file", 0, "FILE.json", C(PEOPLE_SET), N_("the people; - reads standard input")},
    [OPTION_PURPOSE] = {"purpose", 0, "TEXT", C(PEOPLE_REVEAL), N_("what they are needed for, 4 to 200 characters")},
    [OPTION_STATE] = {"state", 0, "STATE,...", C(CASE_BULK) | C(CASE_LIST), N_("only these states")},
    [OPTION_OPEN] = {"open", 0, NULL, C(CASE_BULK) | C(CASE_LIST) | C(SEARCH), N_("only open cases")},
    [OPTION_REGION] = {"region", 'r', "CODE",
                       C(CASE_BULK) | C(CASE_LIST) | C(REPORT) | PULLS | C(REPORT_SAVE) | C(WATCH) | C(LIST) | C(SEARCH) |
                           C(CALENDAR_IMPORT) | C(CALENDAR_SET) | C(LIMIT_LIST) | C(LIMIT_ADD) | C(WHAT_IF) | C(ACCOUNT_LIST) |
                           C(ACCOUNT_NEW) | C(ACCOUNT_UPDATE),
                       N_("region and all below it")},
    [OPTION_ORGAN] = {"organ", 'o', "CODE",
                      C(CASE_BULK) | C(CASE_LIST) | C(CASE_ACT) | C(REPORT) | PULLS | C(REPORT_SAVE) | C(ACCOUNT_NEW) |
                          C(ACCOUNT_UPDATE),
                      N_("lead organ; of an account the organ it belongs to")},
    [OPTION_FROM] = {"from", 0, "DATE",
                     C(CASE_BULK) | C(CASE_LIST) | C(REPORT) | PULLS | C(RULES_TRY) | C(LIMIT_ADD) | C(AUDIT), N_("first day")},
    [OPTION_TO] = {"to", 0, "DATE|PATH",
                   C(CASE_BULK) | C(CASE_LIST) | C(REPORT) | PULLS | C(RULES_TRY) | C(CASE_DOWNLOAD) | C(AUDIT),
                   N_("last day, included; of a download, the file or folder to write")},
    [OPTION_OVERDUE] = {"overdue", 0, NULL, C(CASE_BULK) | C(CASE_LIST), N_("only what is overdue")},
    [OPTION_FIND] = {"find", 'f', "TEXT", C(CASE_BULK) | C(CASE_LIST) | C(LIST) | C(ACCOUNT_LIST),
                     N_("part of number, description or address; of lists, of code or login, name or pinyin initials")},
    [OPTION_PERSON] = {"person", 0, "TEXT", C(SEARCH), N_("whole name, phone or ID number of somebody in it; it is recorded")},
    [OPTION_MINE] = {"mine", 0, NULL, C(CASE_BULK) | C(CASE_LIST), N_("only what I reported")},
    [OPTION_MY_WORK] = {"my-work", 'w', NULL, C(CASE_BULK) | C(CASE_LIST), N_("only what I can act on now")},
    [OPTION_BY_DUE] = {"by-due", 0, NULL, C(CASE_LIST), N_("what is due first comes first")},
    [OPTION_LIMIT] = {"limit", 'l', "N",
                      C(CASE_LIST) | C(SEARCH) | C(REPORT) | C(REPORT_PULL) | C(REPORT_FROZEN) | C(REPORT_RESTATE) | C(WATCH) |
                          C(INBOX) | C(ACCOUNT_LIST) | C(AUDIT),
                      N_("at most so many; 0: all")},
    [OPTION_REASON] = {"reason", 0, "CODE|TEXT", C(CASE_BULK) | C(CASE_ACT) | C(ACCOUNT_DISABLE) | C(ACCOUNT_ENABLE),
                       N_("reason code; of an account, why, in words")},
    [OPTION_CO_ORGAN] = {"co-organ", 0, "CODE,...", C(CASE_BULK) | C(CASE_ACT), N_("organs that help")},
    [OPTION_CHECK] = {"check", 0, "pass|fail|unable|basically", C(CASE_BULK) | C(CASE_ACT), N_("result of a check or revisit")},
    [OPTION_RESPONDED] = {"responded", 0, "yes|no", C(CASE_ACT), N_("of a revisit: whether somebody came")},
    [OPTION_SOLVED] = {"solved", 0, "yes|no", C(CASE_ACT), N_("of a revisit: whether it is solved")},
    [OPTION_TARGET] = {"target", 0, "NUMBER|ID", C(CASE_ACT), N_("lead case of a merge")},
    [OPTION_UNTIL] = {"until", 0, "TIME", C(CASE_BULK) | C(CASE_ACT),
                      N_("new due time, day it resumes, or reply limit: 2026-11-25 18:00, +2d, +3wd")},
    [OPTION_EXPECT] = {"expect-version", 0, "N", C(CASE_ACT), N_("act only if the case still has this version")},
    [OPTION_APPROVAL] = {"approval", 0, "extend|suspend|void|appeal", C(CASE_BULK) | C(CASE_ACT),
                         N_("what is endorsed or declined")},
    [OPTION_CARD] = {"card", 0, "yellow|red|black", C(CASE_BULK) | C(CASE_ACT) | C(CASE_LIST),
                     N_("card to give; in lists only cases with such (several by commas)")},
    [OPTION_ASSIGNEE] = {"assignee", 0, "LOGIN", C(CASE_ACT),
                         N_("transfer inside the unit: the colleague who is to sign for it")},
    [OPTION_OUTSIDE] = {"outside-number", 0, "TEXT", C(CASE_BULK) | C(CASE_ACT),
                        N_("number the case has where it is referred to")},
    [OPTION_ATTACH] = {"attach", 0, "FILE|ID,...", C(CASE_ACT) | C(CASE_NEW),
                       N_("evidence: a file to upload, or ids of uploaded ones; may be repeated")},
    [OPTION_ON_CONFLICT] = {"on-conflict", 0, "fail|retry|note", C(CASE_ACT),
                            N_("if somebody was first: stop, send again where the two do not meet, or keep it as a note")},
    [OPTION_RESUME] = {"resume", 0, "ID", C(CASE_BULK), N_("go on with this run; everything else as it was")},
    [OPTION_PENDING] = {"pending", 0, "KIND,...", C(CASE_BULK) | C(CASE_LIST),
                        N_("only where this waits for a decision; all: any of them")},
    [OPTION_DUE_WITHIN] = {"due-within", 0, "TIME", C(CASE_BULK) | C(CASE_LIST),
                           N_("only what is due within 90m, 4h or 2d, or overdue")},
    [OPTION_LIGHT] = {"light", 0, "green|yellow|red", C(CASE_LIST), N_("only these lights (several by commas)")},
    [OPTION_METRIC] = {"metric", 0, "CODE", C(REPORT), N_("K01 (completion rate) to K20, I01 to I07, N01 to N27")},
    [OPTION_VARIANT] = {"variant", 0, "CODE", C(REPORT), N_("variant of the metric")},
    [OPTION_AS_OF] = {"as-of", 0, "TIME", C(REPORT) | PULLS, N_("as it was known at this time")},
    [OPTION_YEAR] = {"year", 0, "YYYY", C(REPORT) | PULLS | C(CALENDAR_SHOW), N_("a whole year")},
    [OPTION_MONTH] = {"month", 0, "YYYY-MM", C(REPORT) | PULLS, N_("a whole month")},
    [OPTION_BY] = {"by", 'b', "region|category|organ|month|none", C(REPORT), N_("how to break it down")},
    [OPTION_LEVEL] = {"level", 0, "county|township|community|grid",
                      C(REPORT) | PULLS | C(REPORT_SAVE) | C(CASE_BULK) | C(CASE_ACT),
                      N_("level of the regions; of an escalation the level to go to: township, county, city")},
    [OPTION_COMPARE] = {"compare", 0, NULL, C(REPORT), N_("beside a year earlier and the period before")},
    [OPTION_CASES] = {"cases", 0, "numerator|denominator", C(REPORT), N_("list the cases behind the figure")},
    [OPTION_KEY] = {"key", 'k', "KEY", C(REPORT), N_("of this row of the breakdown")},
    [OPTION_CURSOR] = {"cursor", 0, "CURSOR", C(WATCH), N_("go on after this; 0: from the beginning")},
    [OPTION_CASE] = {"case", 0, "ID", C(WATCH), N_("only this case")},
    [OPTION_HEARTBEAT] = {"heartbeat", 0, "SECONDS", C(WATCH), N_("how often the server shows it lives")},
    [OPTION_ERRORS] = {"errors", 0, "FILE", C(IMPORT), N_("where to write the rows that failed")},
    [OPTION_BATCH] = {"batch", 0, "N", C(IMPORT), N_("rows sent at once, at most 500")},
    [OPTION_RENDER] = {"render", 0, "SCREEN", C(TUI), N_("print a screen as text instead of opening it")},
    [OPTION_SIZE] = {"size", 0, "COLSxROWS", C(TUI), N_("size of the screen to print")},
    [OPTION_UNREAD] = {"unread", 0, NULL, C(INBOX) | C(INBOX_READ), N_("only what is unread; of read: mark unread again")},
    [OPTION_KIND] = {"kind", 0, "KIND,...", C(INBOX) | C(AUDIT),
                     N_("only these kinds of notices; of the audit, only this kind")},
    [OPTION_ALL] = {"all", 0, NULL, C(REPORT_PULL) | C(INBOX_READ), N_("everything there is")},
    [OPTION_CLOCK] = {"clock", 0, "accept|dispatch|handle|check|overall", C(CASE_EXPLAIN) | C(LIMIT_ADD),
                      N_("which clock of a case")},
    [OPTION_AT] = {"at", 0, "TIME", C(LIMIT_LIST), N_("in force at this time, or later")},
    [OPTION_AMOUNT] = {"amount", 0, "AMOUNT", C(LIMIT_ADD),
                       N_("8h, 30m, 1h30m (working time), 4uh (urgent, runs through), 3wd (working days), 5d (days)")},
    [OPTION_CALENDAR] = {"calendar", 0, "FILE", C(WHAT_IF), N_("a calendar or a list of days, as for calendar set")},
    [OPTION_LIMITS] = {"limits", 0, "FILE.csv", C(WHAT_IF), N_("limits, as for limit add")},
    [OPTION_BORDER] = {"border", 0, "FILE.csv", C(WHAT_IF), N_("corners of grids: grid, latitude, longitude")},
    [OPTION_APPLY] = {"apply", 0, NULL, C(WHAT_IF), N_("then change what runs already, as it was listed")},
    [OPTION_FORCE] = {"force", 0, NULL, C(CASE_DOWNLOAD), N_("overwrite files that exist")},
    [OPTION_NAME] = {"name", 0, "TEXT", C(REPORT_SAVE) | C(ACCOUNT_NEW) | C(ACCOUNT_UPDATE),
                     N_("the person's or system's name")},
    [OPTION_ROLE] = {"role", 0, "ROLE", C(ACCOUNT_LIST) | C(ACCOUNT_NEW) | C(ACCOUNT_UPDATE),
                     N_("role, for example grid-worker or organ-lead; a wrong word lists them all")},
    [OPTION_SOURCE] = {"source", 0, "CODE", C(ACCOUNT_NEW) | C(ACCOUNT_UPDATE), N_("source a service account speaks for")},
    [OPTION_STAFF] = {"staff", 0, "NUMBER", C(ACCOUNT_NEW) | C(ACCOUNT_UPDATE),
                      N_("staff number of the person behind it, by which the three officers are kept apart")},
    [OPTION_KEEP_PASSWORD] = {"keep-password", 0, NULL, C(ACCOUNT_NEW),
                              N_("the password need not be changed at the first login")},
    [OPTION_GENERATE] = {"generate", 0, NULL, C(ACCOUNT_NEW) | C(ACCOUNT_RESET),
                         N_("make up a password and print it, alone and this once")},
    [OPTION_REMOVE_TOTP] = {"remove-totp", 0, NULL, C(ACCOUNT_RESET),
                            N_("also end its one-time passwords: the telephone is lost")},
    [OPTION_SESSION] = {"session", 0, "ID", C(ACCOUNT_END_SESSIONS), N_("only this session")},
    [OPTION_MIN_LENGTH] = {"min-length", 0, "N", C(ACCOUNT_POLICY_SET), N_("least length, 8 to 128")},
    [OPTION_MIN_CLASSES] = {"min-classes", 0, "N", C(ACCOUNT_POLICY_SET),
                            N_("kinds needed of upper case, lower case, digit, other: 1 to 4")},
    [OPTION_COMMON] = {"common", 0, "refuse|allow", C(ACCOUNT_POLICY_SET), N_("common passwords and ones that hold the login")},
    [OPTION_MAX_AGE] = {"max-age", 0, "DAYS", C(ACCOUNT_POLICY_SET), N_("days until it must be changed; 0: never")},
    [OPTION_HISTORY] = {"history", 0, "N", C(ACCOUNT_POLICY_SET), N_("how many earlier ones may not be used again, 0 to 24")},
    [OPTION_CODE] = {"code", 0, "CODE", C(ACCOUNT_TOTP), N_("one-time code, six digits; - reads it from standard input")},
    [OPTION_LABEL] = {"label", 0, "TEXT", C(ACCOUNT_TOKEN) | C(ACCOUNT_CERT), N_("what it is for, 1 to 80 characters")},
    [OPTION_EXPIRES] = {"expires", 0, "TIME", C(ACCOUNT_TOKEN), N_("when it ends: 2027-06-30, +90d; otherwise in a year")},
    [OPTION_ACCOUNT] = {"account", 0, "LOGIN", C(AUDIT), N_("only what this account did")},
    [OPTION_OBJECT] = {"object", 0, "TEXT", C(AUDIT), N_("only about this case id, login or code")},
    [OPTION_RULE] = {"rule", 0, "RULE", C(AUDIT), N_("only refusals by this rule, for example REGION")},
    [OPTION_FORMAT] = {"format", 'F', "text|csv|json|xlsx|html", C(REPORT_PULL) | C(REPORT_FROZEN) | C(REPORT_SAVE),
                       N_("how to print it; of save several with commas")},
    [OPTION_OUT] = {"out", 'o', "FILE", C(REPORT_PULL) | C(REPORT_FROZEN),
                    N_("file to write; it has its name when it is complete")},
    [OPTION_BOM] = {"bom", 0, NULL, C(REPORT_PULL) | C(REPORT_FROZEN) | C(REPORT_RUN),
                    N_("CSV with a byte order mark, for office programs")},
    [OPTION_GB18030] = {"gb18030", 0, NULL, C(REPORT_PULL) | C(REPORT_FROZEN) | C(REPORT_RUN), N_("CSV in GB18030")},
    [OPTION_GOAL] = {"goal", 0, "PERCENT", PULLS | C(REPORT_SAVE), N_("target to draw beside rates, for example 90")},
    [OPTION_AS] = {"as", 0, "CODE", C(REPORT_SAVE), N_("code to save it under")},
    [OPTION_SCHEDULE] = {"schedule", 0, "none|daily|weekly|monthly", C(REPORT_SAVE), N_("when it is written by itself")},
    [OPTION_DUE_AT] = {"due-at", 0, "HH:MM", C(REPORT_SAVE), N_("time of day from which a run is due")},
    [OPTION_SHARED] = {"shared", 0, NULL, C(REPORT_SAVE), N_("whoever may see the region may pull it")},
    [OPTION_FOLDER] = {"folder", 0, "FOLDER", C(REPORT_RUN), N_("folder to write to")},
};

const char *options_command_name(enum options_command c)
{
    return commands[c].name;
}

const char *options_option_name(enum options_option opt)
{
    return rows[opt].name;
}

bool options_has(const struct options *o, enum options_option opt)
{
    return o->value[opt] != NULL;
}

const char *options_get(const struct options *o, enum options_option opt, const char *fallback)
{
    return o->value[opt] ? o->value[opt] : fallback;
}

int options_number(const struct options *o, enum options_option opt, long min, long max, long fallback, long *ret,
                   struct err *e)
{
    int64_t n = fallback;
    if (o->value[opt] && text_to_i64(o->value[opt], min, max, &n))
        return err_field(e, ERR_INVALID, rows[opt].name, _("--%s must be a number from %ld to %ld, not \"%s\"."),
                         rows[opt].name, min, max, o->value[opt]);
    *ret = (long)n;
    return 0;
}

/* How many words of args are the command of this name: all of its words, 0 if not even the first, negative if only some. */
static int words_matched(const struct options *o, const char *name)
{
    int n = 0;
    for (;; n++) {
        size_t len = strcspn(name, " ");
        if (n >= o->n_args || strlen(o->args[n]) != len || strncmp(o->args[n], name, len) != 0)
            return -n;
        if (!name[len])
            return n + 1;
        name += len + 1;
    }
}

/* Finds the command of the first one, two or three words; moves the rest to the front of args. */
static int take_command(struct options *o, struct err *e)
{
    if (o->n_args == 0) {
        o->command = COMMAND_NONE;
        return 0;
    }
    bool is_group = false;
    for (int c = 0; c < COMMANDS; c++) {
        int used = words_matched(o, commands[c].name);
        is_group |= used != 0;
        if (used <= 0)
            continue;
        o->command = c;
        o->n_args -= used;
        memmove(o->args, o->args + used, sizeof *o->args * (size_t)o->n_args);
        return 0;
    }
    if (is_group)
        return err_set(e, ERR_INVALID, _("\"%s\" needs a second word. Run: wangge help %s"), o->args[0], o->args[0]);
    return err_set(e, ERR_INVALID, _("There is no command \"%s\". Run: wangge help"), o->args[0]);
}

static int check(const struct options *o, struct err *e)
{
    if (o->command == COMMAND_NONE)
        return 0;
    const struct command *c = &commands[o->command];
    for (int i = 0; i < OPTIONS; i++)
        if (o->value[i] && !(rows[i].where & BIT(o->command)))
            return err_field(e, ERR_INVALID, rows[i].name, _("--%s has no meaning for \"wangge %s\"."), rows[i].name, c->name);
    if (o->n_args < c->min_args)
        return err_set(e, ERR_INVALID, _("Too few arguments. Usage: wangge %s %s"), c->name, c->args);
    if (o->n_args > c->max_args)
        return err_set(e, ERR_INVALID, _("\"%s\" is one argument too many. Usage: wangge %s %s"), o->args[c->max_args], c->name,
                       c->args);
    return 0;
}

int options_parse(int argc, char **argv, struct options *ret, struct err *e)
{
    struct option longs[OPTIONS + 1] = {0};
    char shorts[2 * OPTIONS + 2] = ":";
    size_t n = 1;
    for (int i = 0; i < OPTIONS; i++) {
        bool optional = rows[i].arg && rows[i].arg[0] == '[';
        longs[i].name = rows[i].name;
        longs[i].has_arg = !rows[i].arg ? no_argument : optional ? optional_argument : required_argument;
        longs[i].val = 256 + i;
        if (rows[i].letter) {
            shorts[n++] = rows[i].letter;
            if (rows[i].arg)
                shorts[n++] = ':';
        }
    }
    shorts[n] = '\0';
    *ret = (struct options){.command = COMMAND_NONE};
    optind = 0; /* glibc: start anew, also in a second call */
    opterr = 0;
    for (;;) {
        int at = optind ? optind : 1;
        int c = getopt_long(argc, argv, shorts, longs, NULL);
        if (c == -1)
            break;
        if (c == ':')
            return err_set(e, ERR_INVALID, _("%s needs a value."), argv[optind - 1]);
        if (c == '?') {
            const char *word = argv[optind > at ? optind - 1 : at];
            return err_set(e, ERR_INVALID, _("There is no option %s here, or it takes no value. Run: wangge help"), word);
        }
        int i = c - 256;
        for (int k = 0; c < 256 && k < OPTIONS; k++)
            if (rows[k].letter == c)
                i = k;
        if (i == OPTION_ATTACH) {
            if (ret->n_attach == OPTIONS_ATTACH_MAX)
                return err_field(e, ERR_INVALID, rows[i].name, _("--%s may be given at most %d times."), rows[i].name,
                                 OPTIONS_ATTACH_MAX);
            ret->attach[ret->n_attach++] = optarg;
        } else if (ret->value[i])
            return err_field(e, ERR_INVALID, rows[i].name, _("--%s is given twice."), rows[i].name);
        ret->value[i] = optarg ? optarg : "";
    }
    for (; optind < argc; optind++) {
        if (ret->n_args == OPTIONS_ARGS_MAX)
            return err_set(e, ERR_INVALID, _("Too many arguments."));
        ret->args[ret->n_args++] = argv[optind];
    }
    int rc = take_command(ret, e);
    /* The person who asks for help has not got the rest right yet. */
    if (ret->value[OPTION_HELP] || (rc == 0 && ret->command == COMMAND_HELP)) {
        if (ret->command != COMMAND_HELP) {
            ret->args[0] = ret->command < COMMANDS ? commands[ret->command].name : NULL;
            ret->n_args = ret->command < COMMANDS;
        }
        ret->command = COMMAND_HELP;
        return 0;
    }
    if (rc == 0 && ret->value[OPTION_VERSION]) {
        ret->command = COMMAND_VERSION;
        ret->n_args = 0;
        return 0;
    }
    return rc ? rc : check(ret, e);
}

/* --- Help --- */

struct writing {
    void (*put)(void *arg, const char *text);
    void *arg;
};

static void put_pair(const struct writing *w, const char *left, const char *right)
{
    enum { COLUMN = 34 };
    char line[512];
    int width = table_width(left);
    int pad = width < COLUMN ? COLUMN - width : 1;
    snprintf(line, sizeof line, "  %s%*s%s\n", left, pad, "", right);
    w->put(w->arg, line);
}

static void put_option(const struct writing *w, const struct row *r)
{
    char left[128];
    char letter[8] = "    ";
    if (r->letter)
        snprintf(letter, sizeof letter, "-%c, ", r->letter);
    if (!r->arg)
        snprintf(left, sizeof left, "%s--%s", letter, r->name);
    else if (r->arg[0] == '[')
        snprintf(left, sizeof left, "%s--%s[=%s", letter, r->name, r->arg + 1);
    else
        snprintf(left, sizeof left, "%s--%s %s", letter, r->name, r->arg);
    put_pair(w, left, _(r->help));
}

static void put_exit_codes(const struct writing *w)
{
    w->put(w->arg, _("Exit codes:\n"));
    w->put(w->arg, _("  0 ok, 1 failed, 2 usage, 3 cancelled, 4 not logged in or not allowed, 5 not found,\n"
                     "  6 conflict, 7 invalid input, 8 part of a bulk failed, 9 queued on this machine,\n"
                     "  10 server unreachable, 130 interrupted\n"));
}

static void put_columns(const struct writing *w)
{
    w->put(w->arg, _("The first row holds the titles, in English or Chinese:\n"));
    for (int i = 0; i < IMPORT_COLUMNS; i++)
        put_pair(w, import_column_names(i), _(import_column_help(i)));
    w->put(w->arg,
           _("The file is UTF-8 or GB18030, at most 1 GiB. A row has the same id in every run: what is there already is\n"
             "not doubled. Rows that fail go to FILE.csv.errors.csv with line, column and reason; mend them there and\n"
             "import that file. An import that was interrupted goes on when the same command is run again.\n\n"));
}

#define CALENDAR_HELP                                                                                                          \
    N_("A line of the file says one thing; # begins a comment, - reads standard input:\n"                                      \
       "  2026-02-17 off Spring Festival        a holiday\n"                                                                   \
       "  2026-02-14 work Spring Festival       a make-up working day\n"                                                       \
       "  2026-02-16 work 08:00-12:00 New Year's Eve  a part day\n"                                                            \
       "Only for calendar set:\n"                                                                                              \
       "  calendar rhl Ranghulu                 code and name\n"                                                               \
       "  region 230604                         where it holds; without: everywhere\n"                                         \
       "  zone +08:00\n"                                                                                                       \
       "  week 1-5 08:00-12:00 14:00-18:00      working days (1: Monday) and hours\n"                                          \
       "  season 05-01 09-30 1-5 08:00-12:00 15:00-18:30\n"                                                                    \
       "Week and seasons replace those before; days are added to those before.\n\n")
#define LIMIT_HELP                                                                                                             \
    N_("A file of limits has the columns clock, category, urgency, region, amount, from; clock and amount are\n"               \
       "needed. What is left empty means all, and from at once.\n\n")

void options_help(enum options_command c, void (*put)(void *arg, const char *text), void *arg)
{
    struct writing w = {put, arg};
    char line[256];
    if (c >= COMMANDS) {
        put(arg, _("Usage: wangge [COMMAND] [OPTIONS]\nWithout a command on a terminal the terminal interface "
                   "opens.\n\nCommands:\n"));
        for (int i = 0; i < COMMANDS; i++) {
            snprintf(line, sizeof line, "%s %s", commands[i].name, commands[i].args);
            put_pair(&w, line, _(commands[i].help));
        }
    } else {
        snprintf(line, sizeof line, _("Usage: wangge %s %s [OPTIONS]\n"), commands[c].name, commands[c].args);
        put(arg, line);
        snprintf(line, sizeof line, _("%s.\n\n"), _(commands[c].help));
        put(arg, line);
        bool any = false;
        if (c == COMMAND_IMPORT)
            put_columns(&w);
        if (c == COMMAND_CALENDAR_IMPORT || c == COMMAND_CALENDAR_SET)
            w.put(w.arg, _(CALENDAR_HELP));
        if (c == COMMAND_LIMIT_ADD || c == COMMAND_WHAT_IF)
            w.put(w.arg, _(LIMIT_HELP));
        for (int i = 0; i < OPTIONS; i++) {
            if (rows[i].where == ALL || !(rows[i].where & BIT(c)))
                continue;
            if (!any)
                put(arg, _("Options:\n"));
            any = true;
            put_option(&w, &rows[i]);
        }
    }
    put(arg, _("\nOptions of all commands:\n"));
    for (int i = 0; i < OPTIONS; i++)
        if (rows[i].where == ALL)
            put_option(&w, &rows[i]);
    put(arg, "\n");
    put_exit_codes(&w);
}

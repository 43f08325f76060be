/* SPDX-License-Identifier: MIT */
/* What the case subcommands share: finding a case by number or id, printing it, delivering a write through the outbox. */
#ifndef WG_CLIENT_CLI_CLI_CASE_H
#define WG_CLIENT_CLI_CLI_CASE_H

#include "client/cli/cli.h"

/* True if the word is a UUID rather than a number. */
bool cli_case_is_id(const char *word);
/* Fetches a case by number or id. CLI_OK with the case inside ret, or the exit code, told already. */
int cli_case_get(struct cli *c, const char *word, struct channel_result *ret, const Wangge__V1__Case **ret_case);
/* The id of the case: as given, or asked of the server by its number. CLI_OK or the exit code, told already. */
int cli_case_id(struct cli *c, const char *word, char out[37]);
/* One line: number, category, state. */
void cli_case_line(struct cli *c, const Wangge__V1__Case *cs);
/* All fields of a case and what can be done. */
void cli_case_print(struct cli *c, const Wangge__V1__Case *cs);
/* Rows of many cases as a table. */
struct table *cli_case_table(void);
bool cli_case_row(struct table *t, const Wangge__V1__Case *cs, usec_t now);

/*
 * Sends the outbox until entry seq is through, or cannot be. CLI_OK: delivered, and *ret_number holds the case's number (if
 * the server told). CLI_QUEUED: kept for later, told already. Else the exit code: the server refused it, told already, and
 * the entry is taken out again, for the person is here to mend it.
 */
int cli_case_deliver(struct cli *c, int64_t seq, char ret_number[32]);
/* The same; *ret_conflict (owned by the caller, protobuf_c_message_free_unpacked) gets what happened meanwhile if somebody was
 * first, else NULL. */
int cli_case_deliver_or(struct cli *c, int64_t seq, char ret_number[32], Wangge__V1__CaseConflict **ret_conflict);
/* The organs' names, for the words of events; answers NULL (codes stand) if they cannot be had. Undo with
 * cli_case_names_free. */
struct directory *cli_case_names(struct cli *c);
void cli_case_names_free(struct directory *d);

/*
 * The files of --attach: ids as they are, files that are uploaded to the case first (it need not exist yet) and become the
 * evidence of one step. CLI_OK with the ids in room and list, or the exit code, told already; then nothing else was done.
 */
int cli_attach(struct cli *c, const char *case_id, char (*room)[40], char **list, size_t *ret_n);
/* Looks at them without sending anything. */
int cli_attach_check(struct cli *c);

enum { CLI_ACT_TEXT_MAX = 8192, CLI_ACT_CODES_MAX = 16, CLI_FILTER_STATES = 14, CLI_FILTER_CARDS = 3, CLI_FILTER_KINDS = 4 };

/* An action as the options give it; req points into it. */
struct cli_act {
    char text[CLI_ACT_TEXT_MAX];
    char case_id[37];
    char request_id[37];
    char target_id[37];
    char co_organs[CLI_ACT_CODES_MAX][40], attachments[CLI_ACT_CODES_MAX][40];
    char *co_organ_list[CLI_ACT_CODES_MAX], *attachment_list[CLI_ACT_CODES_MAX];
    Google__Protobuf__Timestamp happened, until;
    Wangge__V1__ActRequest req;
};
/* Fills it for the action of that name; case and version are the caller's. CLI_OK or the exit code, told already. */
int cli_act_fill(struct cli *c, const char *action, struct cli_act *f);

/* A filter as the options give it; f points into it. */
struct cli_filter {
    Wangge__V1__CaseFilter f;
    Wangge__V1__CaseState states[CLI_FILTER_STATES];
    Wangge__V1__Card cards[CLI_FILTER_CARDS];
    Wangge__V1__ApprovalKind pending[CLI_FILTER_KINDS];
    unsigned lights; /* bits; the server has no filter for them. 0: all */
    Google__Protobuf__Timestamp from, to;
};
/* CLI_OK or the exit code, told already. */
int cli_filter_make(struct cli *c, struct cli_filter *f);

#endif

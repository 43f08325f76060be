/* SPDX-License-Identifier: MIT */
/*
 * What every subcommand gets: options, settings, session, connection, outbox, and how to talk to the person. Data goes to
 * standard output, remarks to standard error; a subcommand returns an exit code.
 */
#ifndef WG_CLIENT_CLI_CLI_H
#define WG_CLIENT_CLI_CLI_H

#include <event2/event.h>
#include <iconv.h>
#include <stdbool.h>
#include <stdio.h>

#include "client/cli/options.h"
#include "client/export/table.h"
#include "client/model/client_config.h"
#include "client/model/session.h"
#include "client/outbox/outbox.h"
#include "client/rpc/channel.h"
#include "client/rpc/status.h"
#include "common/base/clock.h"
#include "common/base/err.h"
#include "wangge/v1/auth.pb-c.h"

enum cli_exit {
    CLI_OK = 0,
    CLI_FAILED = 1,
    CLI_USAGE = 2,
    CLI_CANCELLED = 3,
    CLI_AUTH = 4,
    CLI_NOT_FOUND = 5,
    CLI_CONFLICT = 6,
    CLI_INVALID = 7,
    CLI_PARTIAL = 8,
    CLI_QUEUED = 9,
    CLI_UNREACHABLE = 10,
    CLI_INTERRUPTED = 130,
};

struct cli {
    struct options opt;
    struct client_config config;
    struct session session;
    bool has_session; /* one is stored, and usable at this server */
    struct event_base *base;
    struct channel *channel;
    struct outbox *outbox;
    bool json;
    bool quiet;
    bool may_ask; /* a person sits at the terminal and --no-input was not given */
    bool colour;
    int width;         /* of the terminal; 0: not a terminal, no limit */
    iconv_t converter; /* from UTF-8 to the session's character set; (iconv_t)-1 if they are the same */
    bool write_failed;
    bool interrupted; /* at a prompt */
    bool progress_shown;
    usec_t progress_at; /* the last remark of that kind */
};

/* The whole program: parses, sets up, runs, cleans up. Returns the exit code. */
int cli_main(int argc, char **argv);

/* --- Output (out.c) --- */

void out_init(struct cli *c);
void out_fini(struct cli *c);
/* Writes UTF-8 text to standard output in the session's character set. */
void out_text(struct cli *c, const char *text);
void out_printf(struct cli *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* A remark on standard error; none with --quiet. */
void out_note(struct cli *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Shows how far something is on standard error: on a terminal in one line that is written anew, else as a remark, seldom. NULL
 * takes the line away. None with --quiet. */
void out_progress(struct cli *c, const char *text);
/* "wangge: ..." on standard error, always. */
void out_error(struct cli *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* A message as one line of JSON, only the chosen fields if --json=FIELDS was given. Returns an exit code. */
int out_json(struct cli *c, const ProtobufCMessage *msg);
/* Writes the table, narrowed to the terminal. */
void out_table(struct cli *c, const struct table *t);
/* "Name   value" lines. */
void out_field(struct cli *c, const char *name, const char *value);
/* Flushes; an exit code if standard output could not take everything. */
int out_finish(struct cli *c, int code);

/* --- Session and server (cli.c) --- */

/* Says what failed; returns the exit code of the error. */
int cli_error(struct cli *c, const struct err *e);
/* The same for a gRPC status, with wrong fields, what is allowed now and what happened since. */
int cli_status(struct cli *c, const struct status_info *st);
/* The exit code of a gRPC status. */
int cli_exit_of(int grpc_code);
/* Makes the channel. Returns CLI_OK or the exit code, told already. need_login: CLI_AUTH without a session. */
int cli_connect(struct cli *c, bool need_login);
/* Connects if need be and calls; CLI_OK with ret filled, or the exit code, told already. Always undo with channel_result_fini.
 */
int cli_call(struct cli *c, const struct channel_method *m, const ProtobufCMessage *req, struct channel_result *ret);
/* The same for what the server may work at for minutes: waits ten of them unless --timeout or a setting says otherwise. */
int cli_call_long(struct cli *c, const struct channel_method *m, const ProtobufCMessage *req, struct channel_result *ret);
/* Opens the outbox for the session's account. CLI_OK or the exit code, told already. */
int cli_open_outbox(struct cli *c);
/* Account, role, region and organ as fields. a may be NULL. */
void cli_account_print(struct cli *c, const Wangge__V1__Account *a);
int cli_timeout_ms(const struct cli *c);
usec_t cli_now(void);
/* Makes a UUIDv7. */
void cli_new_id(char out[37]);

/* --- Asking (ask.c) --- */

/* Yes or no; --yes says yes; nobody to ask: CLI_USAGE told already. CLI_OK: yes, CLI_CANCELLED: no. */
int ask_confirm(struct cli *c, const char *question);
/* Reads a line from the terminal into out; false at end of input. */
bool ask_line(struct cli *c, const char *prompt, char *out, size_t size);
/* As ask_line without echo, from the terminal itself. */
bool ask_secret(struct cli *c, const char *prompt, char *out, size_t size);
/*
 * A password from the terminal, without echo. CLI_OK; CLI_CANCELLED (nothing was typed), CLI_INTERRUPTED, or CLI_USAGE (there
 * is no terminal, or --no-input), told already.
 */
int ask_password(struct cli *c, const char *prompt, char *out, size_t size);
/* Asks for a chosen password once more: CLI_INVALID, told already, if it is another one. */
int ask_again(struct cli *c, const char *first);
/* Reads all of standard input as UTF-8 text, the last newline taken off. CLI_OK or the exit code, told already. */
int ask_stdin_text(struct cli *c, char *out, size_t size);

/* --- The subcommands, one a file --- */

int cmd_login(struct cli *c);
int cmd_logout(struct cli *c);
int cmd_whoami(struct cli *c);
int cmd_case_new(struct cli *c);
int cmd_case_list(struct cli *c);
int cmd_case_show(struct cli *c);
int cmd_case_act(struct cli *c);
int cmd_case_bulk(struct cli *c);
int cmd_case_note(struct cli *c);
int cmd_case_explain(struct cli *c);
int cmd_case_similar(struct cli *c);
int cmd_case_attach(struct cli *c);
int cmd_case_files(struct cli *c);
int cmd_case_download(struct cli *c);
int cmd_search(struct cli *c);
int cmd_rules_list(struct cli *c);
int cmd_rules_set(struct cli *c);
int cmd_rules_try(struct cli *c);
int cmd_rules_suggest(struct cli *c);
int cmd_calendar_list(struct cli *c);
int cmd_calendar_show(struct cli *c);
int cmd_calendar_import(struct cli *c);
int cmd_calendar_set(struct cli *c);
int cmd_limit_list(struct cli *c);
int cmd_limit_add(struct cli *c);
int cmd_what_if(struct cli *c);
int cmd_people_show(struct cli *c);
int cmd_people_set(struct cli *c);
int cmd_people_reveal(struct cli *c);
int cmd_list(struct cli *c);
int cmd_report(struct cli *c);
int cmd_report_list(struct cli *c);
int cmd_report_pull(struct cli *c);
int cmd_report_freeze(struct cli *c);
int cmd_report_frozen(struct cli *c);
int cmd_report_restate(struct cli *c);
int cmd_report_save(struct cli *c);
int cmd_report_delete(struct cli *c);
int cmd_report_run(struct cli *c);
int cmd_watch(struct cli *c);
int cmd_inbox(struct cli *c);
int cmd_inbox_read(struct cli *c);
int cmd_import(struct cli *c);
int cmd_outbox_list(struct cli *c);
int cmd_outbox_retry(struct cli *c);
int cmd_outbox_drop(struct cli *c);
int cmd_account_list(struct cli *c);
int cmd_account_show(struct cli *c);
int cmd_account_new(struct cli *c);
int cmd_account_update(struct cli *c);
int cmd_account_disable(struct cli *c);
int cmd_account_enable(struct cli *c);
int cmd_account_reset(struct cli *c);
int cmd_account_passwd(struct cli *c);
int cmd_account_sessions(struct cli *c);
int cmd_account_end_sessions(struct cli *c);
int cmd_account_policy_set(struct cli *c);
int cmd_account_policy(struct cli *c);
int cmd_account_totp(struct cli *c);
int cmd_account_token(struct cli *c);
int cmd_account_cert(struct cli *c);
int cmd_account_credentials(struct cli *c);
int cmd_account_revoke(struct cli *c);
int cmd_audit(struct cli *c);
int cmd_config(struct cli *c);
int cmd_doctor(struct cli *c);
int cmd_version(struct cli *c);
int cmd_help(struct cli *c);
int cmd_tui(struct cli *c);

#endif

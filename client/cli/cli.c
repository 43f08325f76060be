/* SPDX-License-Identifier: MIT */
#include "client/cli/cli.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/cli/cli_case.h"
#include "client/model/case_words.h"
#include "client/model/i18n.h"
#include "client/model/labels.h"
#include "client/model/paths.h"
#include "client/model/password_words.h"
#include "client/model/rules.h"
#include "client/cli/instant.h"
#include "common/base/text.h"
#include "common/base/uuid.h"
#include "common/h2/grpc.h"

enum { LONG_CALL_MS = 600000 };

usec_t cli_now(void)
{
    const struct clock *c = clock_system();
    return c->now(c);
}

void cli_new_id(char out[37])
{
    struct uuid u = uuid_v7(cli_now());
    uuid_format(&u, out);
}

int cli_exit_of(int code)
{
    switch (code) {
    case GRPC_OK:
        return CLI_OK;
    case GRPC_CANCELLED:
        return CLI_CANCELLED;
    case GRPC_INVALID_ARGUMENT:
    case GRPC_OUT_OF_RANGE:
        return CLI_INVALID;
    case GRPC_DEADLINE_EXCEEDED:
    case GRPC_UNAVAILABLE:
        return CLI_UNREACHABLE;
    case GRPC_NOT_FOUND:
        return CLI_NOT_FOUND;
    case GRPC_PERMISSION_DENIED:
    case GRPC_UNAUTHENTICATED:
        return CLI_AUTH;
    case GRPC_ALREADY_EXISTS:
    case GRPC_FAILED_PRECONDITION:
    case GRPC_ABORTED:
        return CLI_CONFLICT;
    default:
        return CLI_FAILED;
    }
}

int cli_error(struct cli *c, const struct err *e)
{
    if (e->detail[0])
        out_error(c, "%s (%s)", e->text, e->detail);
    else
        out_error(c, "%s", e->text);
    switch (e->code) {
    case ERR_INVALID:
        return CLI_INVALID;
    case ERR_NOT_FOUND:
        return CLI_NOT_FOUND;
    case ERR_DENIED:
    case ERR_UNAUTHENTICATED:
        return CLI_AUTH;
    case ERR_EXISTS:
    case ERR_CONFLICT:
    case ERR_PRECONDITION:
        return CLI_CONFLICT;
    case ERR_UNAVAILABLE:
    case ERR_DEADLINE:
        return CLI_UNREACHABLE;
    case ERR_CANCELLED:
        return CLI_CANCELLED;
    default:
        return CLI_FAILED;
    }
}

static void tell_conflict(struct cli *c, const Wangge__V1__CaseConflict *conflict)
{
    char buf[LABELS_WORD_MAX], word[LABELS_WORD_MAX], when[INSTANT_TEXT_MAX], clean[512], words[512];
    const char *rule = rules_text(conflict->rule);
    if (rule)
        out_note(c, "  %s [%s]", rule, conflict->rule);
    out_note(c, _("  The case is now: %s, version %lld."), labels_text(LABELS_STATE, (int)conflict->state, buf),
             (long long)conflict->version);
    for (size_t i = 0; i < conflict->n_events_since; i++) {
        const Wangge__V1__CaseEvent *ev = conflict->events_since[i];
        case_words_event(ev, NULL, cli_now(), words, sizeof words);
        table_clean(words, false, clean, sizeof clean);
        out_note(c, "  %s  %s  %s  %s", instant_format(instant_of(ev->happened_at), when),
                 labels_text(LABELS_ACTION, (int)ev->action, buf), case_words_actor(ev), clean);
    }
    if (conflict->n_allowed_actions == 0) {
        out_note(c, "  %s", _("There is nothing you can do with it now."));
        return;
    }
    out_note(c, "  %s", _("What you can do now:"));
    for (size_t i = 0; i < conflict->n_allowed_actions; i++) {
        int action = (int)conflict->allowed_actions[i]->action;
        out_note(c, "    %-20s %s", labels_word(LABELS_ACTION, action, word), labels_text(LABELS_ACTION, action, buf));
    }
}

int cli_status(struct cli *c, const struct status_info *st)
{
    char clean[1024], said[512];
    password_words(st->message[0] ? st->message : status_hint(st->code), said, sizeof said);
    table_clean(said, false, clean, sizeof clean);
    out_error(c, "%s [%s]", clean, grpc_status_name(st->code));
    for (size_t i = 0; i < st->n_violations; i++) {
        password_words(st->violations[i].text, said, sizeof said);
        table_clean(said, false, clean, sizeof clean);
        out_note(c, "  %s: %s", st->violations[i].field, clean);
    }
    if (st->conflict)
        tell_conflict(c, st->conflict);
    if (st->retry_after_ms >= 0)
        out_note(c, _("  Try again in %lld s."), (long long)((st->retry_after_ms + 999) / 1000));
    /* With a field it is an old password or a code that is wrong, not the session. */
    if (st->code == GRPC_UNAUTHENTICATED && st->n_violations == 0 && c->opt.command != COMMAND_LOGIN)
        out_note(c, "  %s", _("Run: wangge login"));
    if (st->code == GRPC_UNAVAILABLE)
        out_note(c, "  %s", _("Check with: wangge doctor"));
    return cli_exit_of(st->code);
}

int cli_timeout_ms(const struct cli *c)
{
    return c->config.call_timeout_s * 1000;
}

int cli_connect(struct cli *c, bool need_login)
{
    struct err e;
    if (need_login && !c->has_session) {
        out_error(c, _("You are not logged in at %s. Run: wangge login"), c->config.server);
        return CLI_AUTH;
    }
    if (c->channel)
        return CLI_OK;
    struct channel_config cfg = {
        .target = c->config.server,
        .tls = client_config_tls(&c->config),
        .ca_file = c->config.ca_file[0] ? c->config.ca_file : NULL,
        .pinned_sha256 = c->config.pin[0] ? c->config.pin : NULL,
        .connect_timeout_ms = c->config.connect_timeout_ms,
        .language = i18n_language(),
    };
    if (!c->base)
        c->base = event_base_new();
    if (!c->base) {
        out_error(c, "%s", _("Out of memory."));
        return CLI_FAILED;
    }
    c->channel = channel_create(c->base, &cfg, &e);
    if (!c->channel)
        return cli_error(c, &e);
    if (c->has_session && channel_set_token(c->channel, c->session.token)) {
        out_error(c, "%s", _("The stored session is damaged. Run: wangge login"));
        return CLI_AUTH;
    }
    return CLI_OK;
}

static int call_within(struct cli *c, const struct channel_method *m, const ProtobufCMessage *req, int timeout_ms,
                       struct channel_result *ret)
{
    *ret = (struct channel_result){0};
    int rc = cli_connect(c, c->opt.command != COMMAND_LOGIN);
    if (rc)
        return rc;
    channel_call_wait(c->base, c->channel, m, req, timeout_ms, ret);
    if (ret->interrupted) {
        out_note(c, "%s", _("Interrupted."));
        return CLI_INTERRUPTED;
    }
    return ret->status.code == GRPC_OK ? CLI_OK : cli_status(c, &ret->status);
}

int cli_call(struct cli *c, const struct channel_method *m, const ProtobufCMessage *req, struct channel_result *ret)
{
    return call_within(c, m, req, cli_timeout_ms(c), ret);
}

int cli_call_long(struct cli *c, const struct channel_method *m, const ProtobufCMessage *req, struct channel_result *ret)
{
    bool usual = client_config_origin(&c->config, CONFIG_CALL_TIMEOUT_S) == CONFIG_DEFAULT;
    return call_within(c, m, req, usual ? LONG_CALL_MS : cli_timeout_ms(c), ret);
}

int cli_open_outbox(struct cli *c)
{
    char path[PATH_MAX];
    char account[OUTBOX_ACCOUNT_MAX];
    struct err e;
    if (c->outbox)
        return CLI_OK;
    if (!c->session.login[0]) {
        out_error(c, _("You are not logged in at %s. Run: wangge login"), c->config.server);
        return CLI_AUTH;
    }
    session_account(&c->session, account, sizeof account);
    if (paths_make(PATHS_DATA, "outbox.db", path, &e))
        return cli_error(c, &e);
    struct outbox_options opts = {.path = path, .account = account, .max_bytes = (int64_t)c->config.outbox_max_mb << 20};
    return outbox_open(&opts, &c->outbox, &e) ? cli_error(c, &e) : CLI_OK;
}

/* --- Set-up --- */

static int apply_flag(struct cli *c, enum options_option opt, const char *key)
{
    struct err e;
    const char *value = options_get(&c->opt, opt, NULL);
    if (!value || client_config_set(&c->config, key, value, CONFIG_FLAG, &e) == 0)
        return CLI_OK;
    out_error(c, "--%s: %s", options_option_name(opt), e.text);
    return CLI_USAGE;
}

static int apply_flags(struct cli *c)
{
    static const struct {
        enum options_option opt;
        const char *key;
    } flags[] = {
        {OPTION_SERVER, "server"}, {OPTION_TLS, "tls"},     {OPTION_CA_FILE, "ca_file"},        {OPTION_PIN, "pin"},
        {OPTION_LANG, "lang"},     {OPTION_COLOR, "color"}, {OPTION_TIMEOUT, "call_timeout_s"},
    };
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        int rc = apply_flag(c, flags[i].opt, flags[i].key);
        if (rc)
            return rc;
    }
    return CLI_OK;
}

/* The stored session also says which server is meant when nobody else does. */
static void load_session(struct cli *c)
{
    struct err e;
    if (session_load(&c->session, &e)) {
        memset(&c->session, 0, sizeof c->session);
        if (e.code != ERR_NOT_FOUND && c->opt.command != COMMAND_LOGIN)
            out_note(c, "%s", e.text);
        return;
    }
    if (client_config_origin(&c->config, CONFIG_SERVER) == CONFIG_DEFAULT)
        text_copy(c->config.server, sizeof c->config.server, c->session.server);
    if (strcmp(c->session.server, c->config.server) != 0) {
        memset(&c->session, 0, sizeof c->session);
        return;
    }
    c->has_session = session_usable(&c->session, c->config.server, cli_now());
}

static int (*const handlers[COMMANDS])(struct cli *c) = {
    [COMMAND_LOGIN] = cmd_login,
    [COMMAND_LOGOUT] = cmd_logout,
    [COMMAND_WHOAMI] = cmd_whoami,
    [COMMAND_CASE_NEW] = cmd_case_new,
    [COMMAND_CASE_LIST] = cmd_case_list,
    [COMMAND_CASE_SHOW] = cmd_case_show,
    [COMMAND_CASE_ACT] = cmd_case_act,
    [COMMAND_CASE_BULK] = cmd_case_bulk,
    [COMMAND_CASE_NOTE] = cmd_case_note,
    [COMMAND_CASE_EXPLAIN] = cmd_case_explain,
    [COMMAND_CASE_SIMILAR] = cmd_case_similar,
    [COMMAND_CASE_ATTACH] = cmd_case_attach,
    [COMMAND_CASE_FILES] = cmd_case_files,
    [COMMAND_CASE_DOWNLOAD] = cmd_case_download,
    [COMMAND_SEARCH] = cmd_search,
    [COMMAND_RULES_LIST] = cmd_rules_list,
    [COMMAND_RULES_SET] = cmd_rules_set,
    [COMMAND_RULES_TRY] = cmd_rules_try,
    [COMMAND_RULES_SUGGEST] = cmd_rules_suggest,
    [COMMAND_CALENDAR_LIST] = cmd_calendar_list,
    [COMMAND_CALENDAR_SHOW] = cmd_calendar_show,
    [COMMAND_CALENDAR_IMPORT] = cmd_calendar_import,
    [COMMAND_CALENDAR_SET] = cmd_calendar_set,
    [COMMAND_LIMIT_LIST] = cmd_limit_list,
    [COMMAND_LIMIT_ADD] = cmd_limit_add,
    [COMMAND_WHAT_IF] = cmd_what_if,
    [COMMAND_PEOPLE_SHOW] = cmd_people_show,
    [COMMAND_PEOPLE_SET] = cmd_people_set,
    [COMMAND_PEOPLE_REVEAL] = cmd_people_reveal,
    [COMMAND_LIST] = cmd_list,
    [COMMAND_REPORT_LIST] = cmd_report_list,
    [COMMAND_REPORT_PULL] = cmd_report_pull,
    [COMMAND_REPORT_FREEZE] = cmd_report_freeze,
    [COMMAND_REPORT_FROZEN] = cmd_report_frozen,
    [COMMAND_REPORT_RESTATE] = cmd_report_restate,
    [COMMAND_REPORT_SAVE] = cmd_report_save,
    [COMMAND_REPORT_DELETE] = cmd_report_delete,
    [COMMAND_REPORT_RUN] = cmd_report_run,
    [COMMAND_REPORT] = cmd_report,
    [COMMAND_WATCH] = cmd_watch,
    [COMMAND_INBOX_READ] = cmd_inbox_read,
    [COMMAND_INBOX] = cmd_inbox,
    [COMMAND_IMPORT] = cmd_import,
    [COMMAND_OUTBOX_LIST] = cmd_outbox_list,
    [COMMAND_OUTBOX_RETRY] = cmd_outbox_retry,
    [COMMAND_OUTBOX_DROP] = cmd_outbox_drop,
    [COMMAND_ACCOUNT_LIST] = cmd_account_list,
    [COMMAND_ACCOUNT_SHOW] = cmd_account_show,
    [COMMAND_ACCOUNT_NEW] = cmd_account_new,
    [COMMAND_ACCOUNT_UPDATE] = cmd_account_update,
    [COMMAND_ACCOUNT_DISABLE] = cmd_account_disable,
    [COMMAND_ACCOUNT_ENABLE] = cmd_account_enable,
    [COMMAND_ACCOUNT_RESET] = cmd_account_reset,
    [COMMAND_ACCOUNT_PASSWD] = cmd_account_passwd,
    [COMMAND_ACCOUNT_SESSIONS] = cmd_account_sessions,
    [COMMAND_ACCOUNT_END_SESSIONS] = cmd_account_end_sessions,
    [COMMAND_ACCOUNT_POLICY_SET] = cmd_account_policy_set,
    [COMMAND_ACCOUNT_POLICY] = cmd_account_policy,
    [COMMAND_ACCOUNT_TOTP] = cmd_account_totp,
    [COMMAND_ACCOUNT_TOKEN] = cmd_account_token,
    [COMMAND_ACCOUNT_CERT] = cmd_account_cert,
    [COMMAND_ACCOUNT_CREDENTIALS] = cmd_account_credentials,
    [COMMAND_ACCOUNT_REVOKE] = cmd_account_revoke,
    [COMMAND_AUDIT] = cmd_audit,
    [COMMAND_CONFIG] = cmd_config,
    [COMMAND_DOCTOR] = cmd_doctor,
    [COMMAND_VERSION] = cmd_version,
    [COMMAND_HELP] = cmd_help,
    [COMMAND_TUI] = cmd_tui,
};

static int set_up(struct cli *c, int argc, char **argv)
{
    struct err e;
    /* The wish for a language counts for the very first message. */
    const char *lang = getenv("WANGGE_LANG");
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--lang=", 7) == 0)
            lang = argv[i] + 7;
        else if (strcmp(argv[i], "--lang") == 0 && i + 1 < argc)
            lang = argv[i + 1];
    }
    i18n_init(lang && i18n_known(lang) ? lang : NULL);
    client_config_init(&c->config);
    out_init(c);
    if (options_parse(argc, argv, &c->opt, &e)) {
        out_error(c, "%s", e.text);
        return CLI_USAGE;
    }
    c->json = options_has(&c->opt, OPTION_JSON);
    c->quiet = options_has(&c->opt, OPTION_QUIET);
    c->may_ask = !options_has(&c->opt, OPTION_NO_INPUT) && isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
    if (c->opt.command == COMMAND_HELP || c->opt.command == COMMAND_VERSION)
        return CLI_OK;
    if (client_config_load(&c->config, &e)) {
        out_error(c, "%s", e.text);
        return CLI_USAGE;
    }
    int rc = apply_flags(c);
    if (rc)
        return rc;
    if (!lang && strcmp(c->config.lang, "auto") != 0)
        i18n_init(c->config.lang);
    out_fini(c);
    out_init(c);
    load_session(c);
    return CLI_OK;
}

int cli_main(int argc, char **argv)
{
    struct cli c = {.converter = (iconv_t)-1};
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is a failed write, told at the end */
    int rc = set_up(&c, argc, argv);
    if (rc == CLI_OK && c.opt.command == COMMAND_NONE)
        c.opt.command = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) ? COMMAND_TUI : COMMAND_HELP;
    if (rc == CLI_OK)
        rc = handlers[c.opt.command](&c);
    rc = out_finish(&c, rc);
    outbox_close(c.outbox);
    channel_destroy(c.channel);
    if (c.base)
        event_base_free(c.base);
    out_fini(&c);
    explicit_bzero(&c.session, sizeof c.session);
    return rc;
}

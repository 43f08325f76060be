/* SPDX-License-Identifier: MIT */
/*
 * wangged user add: an account without the API, above all the first administrators, who have nobody to make them. Works beside
 * a running server. The region need not be in the directory yet: at the very first start it is empty.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include <libpq-fe.h>
#include <sodium.h>

#include "common/base/text.h"
#include "server/commands.h"
#include "server/database_up.h"
#include "server/db/migrate.h"
#include "server/domain/password_rules.h"
#include "server/domain/policy.h"
#include "server/domain/region.h"
#include "server/options.h"
#include "server/service/password_pool.h"
#include "server/store/account_store.h"
#include "sql.h"

static const char usage[] =
    "usage: wangged user add --login LOGIN --name NAME --role ROLE [--region CODE] [--organ CODE] [--password-stdin]\n"
    "                        [--person CODE] [--source CODE] [--must-change]\n"
    "                        [--config FILE] [--embedded DIR | --database CONNINFO]\n"
    "Adds an account. The password (as the password policy asks) is asked for, or read as one line from standard input.\n"
    "The same account again changes nothing. ROLE is one of GRID_WORKER, COMMUNITY, ACCEPTOR, DISPATCHER, HANDLER,\n"
    "ORGAN_LEAD, DUTY_CHIEF, SUPERVISOR, MEDIATOR, EXPERT, INTEGRATION, SYSTEM_ADMIN, SECURITY_ADMIN, AUDITOR;\n"
    "--person is the staff number of who is behind it (default: the login): one person is one of the three officers at most.\n"
    "--source binds a service account (INTEGRATION) to its source. --must-change asks for a new password at the first login.\n"
    "without --region, which only the last three may be, the account belongs to the whole system.\n";

enum {
    OPTION_LOGIN = 1,
    OPTION_NAME,
    OPTION_ROLE,
    OPTION_REGION,
    OPTION_ORGAN,
    OPTION_PASSWORD_STDIN,
    OPTION_PERSON,
    OPTION_SOURCE,
    OPTION_MUST_CHANGE
};

struct request {
    const char *login, *name, *role, *region, *organ, *person, *source;
    bool password_stdin, must_change;
};

static bool own(void *arg, int val, char *value)
{
    struct request *r = arg;

    switch (val) {
    case OPTION_LOGIN:
        r->login = value;
        return true;
    case OPTION_NAME:
        r->name = value;
        return true;
    case OPTION_ROLE:
        r->role = value;
        return true;
    case OPTION_REGION:
        r->region = value;
        return true;
    case OPTION_ORGAN:
        r->organ = value;
        return true;
    case OPTION_PASSWORD_STDIN:
        r->password_stdin = true;
        return true;
    case OPTION_PERSON:
        r->person = value;
        return true;
    case OPTION_SOURCE:
        r->source = value;
        return true;
    case OPTION_MUST_CHANGE:
        r->must_change = true;
        return true;
    default:
        return false;
    }
}

static int check_text(const char *option, const char *s, size_t max, struct err *e)
{
    size_t n = s && text_is_utf8(s, strlen(s)) ? text_chars(s, strlen(s)) : 0;
    if (n < 1 || n > max)
        return err_set(e, ERR_INVALID, "%s takes 1 to %zu characters of UTF-8.", option, max);
    return 0;
}

static int decode(const struct request *req, struct account_row *acc, struct err *e)
{
    if (check_text("--login", req->login, ACCOUNT_LOGIN_MAX, e) || check_text("--name", req->name, ACCOUNT_NAME_MAX, e))
        return e->code;
    for (int role = ROLE_NONE + 1; role < ROLE_COUNT; role++)
        if (req->role && strcmp(req->role, role_name((enum role)role)) == 0)
            acc->role = (enum role)role;
    if (acc->role == ROLE_NONE)
        return err_set(e, ERR_INVALID, "--role takes a role such as SYSTEM_ADMIN, not \"%.40s\"; see wangged user add --help.",
                       req->role ? req->role : "");
    if (req->region && *req->region) {
        if (region_parse(req->region, &acc->region, e))
            return e->code;
        acc->region_level = region_level_of(acc->region);
    } else if (!policy_is_admin(acc->role)) {
        return err_set(e, ERR_INVALID, "--region is needed for this role.");
    }
    if ((req->person && check_text("--person", req->person, ACCOUNT_PERSON_MAX, e)))
        return e->code;
    if (req->source && (acc->role != ROLE_INTEGRATION || !text_copy(acc->source, sizeof(acc->source), req->source)))
        return err_set(e, ERR_INVALID, "--source is for INTEGRATION and has at most %d characters.", (int)ACCOUNT_SOURCE_MAX);
    text_copy(acc->login, sizeof(acc->login), req->login);
    text_copy(acc->name, sizeof(acc->name), req->name);
    return 0;
}

/* Reads a line without its end. False at the end of input or if it does not fit. */
static bool read_line(char *out, size_t size)
{
    size_t n;
    if (!fgets(out, (int)size, stdin))
        return false;
    n = strcspn(out, "\r\n");
    if (!out[n] && n + 1 == size)
        return false;
    out[n] = '\0';
    return true;
}

/* Asks without showing what is typed. */
static bool ask(const char *prompt, char *out, size_t size)
{
    struct termios old, quiet;
    bool ok;

    if (tcgetattr(STDIN_FILENO, &old))
        return false;
    quiet = old;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    fputs(prompt, stderr);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    ok = read_line(out, size);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &old);
    fputc('\n', stderr);
    return ok;
}

static int read_password(const struct request *req, char out[PASSWORD_SIZE], struct err *e)
{
    char again[PASSWORD_SIZE];

    if (req->password_stdin || !isatty(STDIN_FILENO)) {
        if (!read_line(out, PASSWORD_SIZE))
            return err_set(e, ERR_INVALID, "There is no password on standard input: give it as one line.");
    } else if (!ask("Password: ", out, PASSWORD_SIZE) || !ask("Again: ", again, sizeof(again)) || strcmp(out, again) != 0) {
        return err_set(e, ERR_INVALID, "The two passwords differ; nothing was changed.");
    }
    if (!text_is_utf8(out, strlen(out)))
        return err_set(e, ERR_INVALID, "The password is not UTF-8.");
    return 0;
}

static PGresult *run(PGconn *pg, const struct db_stmt *stmt, const char *const *values, struct err *e)
{
    PGresult *res = PQexecParams(pg, stmt->sql, stmt->nparams, NULL, values, NULL, NULL, 0);

    if (PQresultStatus(res) == PGRES_TUPLES_OK)
        return res;
    if (res && PQresultErrorField(res, PG_DIAG_CONSTRAINT_NAME) &&
        strcmp(PQresultErrorField(res, PG_DIAG_CONSTRAINT_NAME), "account_officer_key") == 0)
        err_set(e, ERR_PRECONDITION,
                "This person holds an officer's account already; nobody is two of system, security and audit officer.");
    else
        err_set(e, ERR_INTERNAL, "The database refused the account.");
    err_detail(e, "%s", PQresultErrorMessage(res));
    PQclear(res);
    return NULL;
}

/* The password by the rules that the installation has now. */
static int check_password(PGconn *pg, const char *login, const char *password, struct err *e)
{
    struct password_policy policy;
    PGresult *res = run(pg, &sql_password_policy_get, NULL, e);

    if (!res)
        return e->code;
    password_policy_default(&policy);
    if (PQntuples(res) == 1) {
        policy.min_length = (int)strtol(PQgetvalue(res, 0, 0), NULL, 10);
        policy.min_classes = (int)strtol(PQgetvalue(res, 0, 1), NULL, 10);
        policy.refuse_common = *PQgetvalue(res, 0, 2) == 't';
    }
    PQclear(res);
    return password_rules_check(&policy, "password", password, login, e);
}

static int add(PGconn *pg, const struct request *req, struct account_row *acc, const char *hash, struct err *e)
{
    char id[UUID_TEXT_LEN + 1], role[12], region[24], level[12], organ[12], now[25];
    const char *organ_values[] = {req->organ};
    const char *values[] = {id,          acc->login,
                            acc->name,   role,
                            region,      level,
                            NULL,        hash,
                            now,         req->must_change ? "t" : "f",
                            acc->source, req->person ? req->person : ""};
    usec_t t = clock_system()->now(clock_system());
    PGresult *res;
    int r = 0;

    if (req->organ && *req->organ) {
        res = run(pg, &sql_organ_by_code, organ_values, e);
        if (!res)
            return e->code;
        if (PQntuples(res) == 0)
            r = err_set(e, ERR_INVALID, "There is no organ %.40s; import the directory first.", req->organ);
        else
            text_copy(organ, sizeof(organ), PQgetvalue(res, 0, 0));
        PQclear(res);
        if (r)
            return r;
        values[6] = organ;
    }
    acc->id = uuid_v7(t);
    uuid_format(&acc->id, id);
    snprintf(role, sizeof(role), "%d", (int)acc->role);
    snprintf(region, sizeof(region), "%lld", (long long)acc->region);
    snprintf(level, sizeof(level), "%d", (int)acc->region_level);
    clock_format_rfc3339(t, now);
    res = run(pg, &sql_account_add, values, e);
    if (!res)
        return e->code;
    if (PQntuples(res) != 1)
        r = err_set(e, ERR_INTERNAL, "The account could not be read back.");
    else if (*PQgetvalue(res, 0, 1) == 't')
        printf("Added %s (%s).\n", acc->login, role_name(acc->role));
    else if (*PQgetvalue(res, 0, 2) == 't')
        printf("%s exists already, with the same name, role and region; nothing was changed.\n", acc->login);
    else
        r = err_set(e, ERR_EXISTS, "The login %.64s belongs to another account; choose another one.", acc->login);
    PQclear(res);
    return r;
}

static int user_add(int argc, char **argv)
{
    static const struct option table[] = {
        OPTIONS_SHARED,
        {"login", required_argument, NULL, OPTION_LOGIN},
        {"name", required_argument, NULL, OPTION_NAME},
        {"role", required_argument, NULL, OPTION_ROLE},
        {"region", required_argument, NULL, OPTION_REGION},
        {"organ", required_argument, NULL, OPTION_ORGAN},
        {"person", required_argument, NULL, OPTION_PERSON},
        {"source", required_argument, NULL, OPTION_SOURCE},
        {"must-change", no_argument, NULL, OPTION_MUST_CHANGE},
        {"password-stdin", no_argument, NULL, OPTION_PASSWORD_STDIN},
        {0},
    };
    struct request req = {0};
    struct account_row acc = {0};
    struct options o;
    struct database d = {0};
    char password[PASSWORD_SIZE] = "", hash[PASSWORD_HASH_SIZE];
    PGconn *pg = NULL;
    struct err e = {0};
    int r = options_read(argc, argv, table, usage, own, &req, &o);

    if (r >= 0)
        return r;
    log_setup(LOG_WARN, (enum log_format)o.config.log_format, STDERR_FILENO);
    if (sodium_init() < 0)
        return options_fail(&(struct err){.code = ERR_INTERNAL, .text = "libsodium could not be started."});
    if (decode(&req, &acc, &e) || config_check(&o.config, &e) || read_password(&req, password, &e))
        return options_fail(&e);
    r = database_open(&o.config, true, &d, &e);
    /* A cluster that only we use may be new. Otherwise its server keeps it up to date. */
    if (!r)
        r = d.embedded ? database_prepare(&d, &e) : migrate_check(d.conninfo, &e);
    if (!r) {
        pg = PQconnectdb(d.conninfo);
        if (PQstatus(pg) != CONNECTION_OK) {
            r = err_set(&e, ERR_UNAVAILABLE, "The database cannot be reached.");
            err_detail(&e, "%s", PQerrorMessage(pg));
        } else if (!(r = check_password(pg, acc.login, password, &e)) && !(r = password_hash_now(password, hash, &e))) {
            r = add(pg, &req, &acc, hash, &e);
        }
        PQfinish(pg);
    }
    sodium_memzero(password, sizeof(password));
    database_close(&d);
    return r ? options_fail(&e) : 0;
}

int cmd_user(int argc, char **argv)
{
    if (argc < 2 || strcmp(argv[1], "add") != 0) {
        fputs(usage, argc > 1 && strcmp(argv[1], "--help") == 0 ? stdout : stderr);
        return argc > 1 && strcmp(argv[1], "--help") == 0 ? 0 : 2;
    }
    return user_add(argc - 1, argv + 1);
}

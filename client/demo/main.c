/* SPDX-License-Identifier: MIT */
/* wangge-demo: makes the demo city of Daqing and loads it through the API, or prints what it would load. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "client/demo/demo_accounts.h"
#include "client/demo/demo_history.h"
#include "client/demo/dump.h"
#include "client/demo/load.h"
#include "common/base/text.h"

static const char usage[] =
    "Usage: wangge-demo COMMAND [OPTION]...\n"
    "Makes the demo city: Daqing with invented townships, communities and grids, its accounts, and the cases of 2020 and "
    "2021.\n"
    "\n"
    "  load       loads the city through the API; a second run changes nothing\n"
    "  dump       prints what load sends, one JSON message a line\n"
    "  generate   prints fresh incidents (SubmitCaseRequest), one JSON message a line\n"
    "  accounts   prints who may log in to the demo city\n"
    "\n"
    "load:\n"
    "      --server HOST:PORT | unix:PATH   default: as wangge is configured\n"
    "      --tls auto|on|off, --ca-file FILE, --pin SHA256\n"
    "      --from N                         goes on with item N of the history\n"
    "      --skip directory|accounts|history\n"
    "dump:\n"
    "      --what history|directory         default: history\n"
    "      --from N, --count N\n"
    "generate:\n"
    "      --count N                        needed\n"
    "      --seed S                         default: 230600\n"
    "      --from N                         starts with item N of the series\n"
    "      --region CODE                    only grids below it\n"
    "      --settled PERMILLE               share settled on the spot; default 900\n"
    "      --at TIME                        when they happened (RFC 3339); default: now\n"
    "\n"
    "load takes its secrets from the environment:\n"
    "  WANGGE_DEMO_SYSADMIN, WANGGE_DEMO_SYSADMIN_PASSWORD   an account of role SYSTEM_ADMIN, made by \"wangged user add\"\n"
    "  WANGGE_DEMO_SECADMIN, WANGGE_DEMO_SECADMIN_PASSWORD   an account of role SECURITY_ADMIN\n"
    "  WANGGE_DEMO_PASSWORD                                  what the demo accounts get; at least 12 characters\n";

enum option_id {
    OPT_HELP = 256,
    OPT_VERSION,
    OPT_SERVER,
    OPT_TLS,
    OPT_CA_FILE,
    OPT_PIN,
    OPT_FROM,
    OPT_SKIP,
    OPT_WHAT,
    OPT_COUNT,
    OPT_SEED,
    OPT_REGION,
    OPT_SETTLED,
    OPT_AT,
    OPT_NDJSON,
};

static const struct option options[] = {
    {"help", no_argument, NULL, OPT_HELP},
    {"version", no_argument, NULL, OPT_VERSION},
    {"server", required_argument, NULL, OPT_SERVER},
    {"tls", required_argument, NULL, OPT_TLS},
    {"ca-file", required_argument, NULL, OPT_CA_FILE},
    {"pin", required_argument, NULL, OPT_PIN},
    {"from", required_argument, NULL, OPT_FROM},
    {"skip", required_argument, NULL, OPT_SKIP},
    {"what", required_argument, NULL, OPT_WHAT},
    {"count", required_argument, NULL, OPT_COUNT},
    {"seed", required_argument, NULL, OPT_SEED},
    {"region", required_argument, NULL, OPT_REGION},
    {"settled", required_argument, NULL, OPT_SETTLED},
    {"at", required_argument, NULL, OPT_AT},
    {"ndjson", no_argument, NULL, OPT_NDJSON}, /* the only format there is */
    {NULL, 0, NULL, 0},
};

struct arguments {
    struct client_config cfg;
    struct load_options load;
    struct dump_options dump;
};

static int set_number(const char *what, const char *text, int64_t max, uint64_t *ret, struct err *e)
{
    int64_t v = 0;
    if (text_to_i64(text, 0, max, &v) < 0)
        return err_set(e, ERR_INVALID, "--%s needs a number from 0 to %lld, not \"%s\".", what, (long long)max, text);
    *ret = (uint64_t)v;
    return 0;
}

static int set_skip(struct load_options *o, const char *what, struct err *e)
{
    if (strcmp(what, "directory") == 0)
        o->skip_directory = true;
    else if (strcmp(what, "accounts") == 0)
        o->skip_accounts = true;
    else if (strcmp(what, "history") == 0)
        o->skip_history = true;
    else
        return err_set(e, ERR_INVALID, "--skip takes directory, accounts or history, not \"%s\".", what);
    return 0;
}

static int set_what(struct dump_options *o, const char *what, struct err *e)
{
    if (strcmp(what, "history") == 0)
        o->kind = DUMP_HISTORY;
    else if (strcmp(what, "directory") == 0)
        o->kind = DUMP_DIRECTORY;
    else
        return err_set(e, ERR_INVALID, "--what takes history or directory, not \"%s\".", what);
    return 0;
}

static int set_option(struct arguments *a, int id, const char *value, struct err *e)
{
    uint64_t n = 0;
    int rc = 0;
    switch (id) {
    case OPT_SERVER:
        return client_config_set(&a->cfg, "server", value, CONFIG_FLAG, e);
    case OPT_TLS:
        return client_config_set(&a->cfg, "tls", value, CONFIG_FLAG, e);
    case OPT_CA_FILE:
        return client_config_set(&a->cfg, "ca_file", value, CONFIG_FLAG, e);
    case OPT_PIN:
        return client_config_set(&a->cfg, "pin", value, CONFIG_FLAG, e);
    case OPT_FROM:
        rc = set_number("from", value, INT64_MAX / 2, &n, e);
        a->dump.from = n;
        a->load.from = (size_t)n;
        return rc;
    case OPT_SKIP:
        return set_skip(&a->load, value, e);
    case OPT_WHAT:
        return set_what(&a->dump, value, e);
    case OPT_COUNT:
        return set_number("count", value, INT64_MAX / 2, &a->dump.count, e);
    case OPT_SEED:
        return set_number("seed", value, INT64_MAX, &a->dump.seed, e);
    case OPT_REGION:
        a->dump.region_code = value;
        return 0;
    case OPT_SETTLED:
        rc = set_number("settled", value, 1000, &n, e);
        a->dump.settled_permille = (uint32_t)n;
        return rc;
    case OPT_AT:
        if (!clock_parse_rfc3339(value, &a->dump.at))
            return err_set(e, ERR_INVALID, "--at needs a time such as 2021-03-31T09:00:00+08:00, not \"%s\".", value);
        return 0;
    default: /* OPT_NDJSON */
        return 0;
    }
}

static int fail_usage(const char *text)
{
    (void)fprintf(stderr, "wangge-demo: %s\n", text);
    return EX_USAGE;
}

static int print_accounts(void)
{
    (void)puts("LOGIN\tROLE\tNAME\tREGION\tORGAN");
    for (size_t i = 0; i < demo_accounts_len; i++) {
        const struct demo_account *a = &demo_accounts[i];
        const ProtobufCEnumValue *role = protobuf_c_enum_descriptor_get_value(&wangge__v1__role__descriptor, (int)a->role);
        (void)printf("%s\t%s\t%s\t%s\t%s\n", a->login, role->name + strlen("ROLE_"), a->name, a->region_code, a->organ_code);
    }
    return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
}

int main(int argc, char **argv)
{
    static struct arguments a;
    struct err e = {0};
    const struct clock *clock = clock_system();
    a.dump = (struct dump_options){
        .kind = DUMP_HISTORY, .seed = DEMO_SEED, .region_code = "", .settled_permille = 900, .at = clock->now(clock)};
    client_config_init(&a.cfg);
    for (int id; (id = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        if (id == OPT_HELP || id == 'h') {
            (void)fputs(usage, stdout);
            return EX_OK;
        }
        if (id == OPT_VERSION) {
            (void)puts("wangge-demo " WANGGE_VERSION);
            return EX_OK;
        }
        if (id == '?')
            return EX_USAGE; /* getopt has said why */
        if (set_option(&a, id, optarg, &e) < 0)
            return fail_usage(e.text);
    }
    if (argc - optind != 1) {
        (void)fputs(usage, stderr);
        return EX_USAGE;
    }
    /* A server that goes away must not end the program in the middle of a write. */
    (void)signal(SIGPIPE, SIG_IGN);
    const char *command = argv[optind];
    if (strcmp(command, "load") == 0)
        return client_config_load(&a.cfg, &e) < 0 ? fail_usage(e.text) : load_run(&a.cfg, &a.load);
    if (strcmp(command, "dump") == 0)
        return dump_run(&a.dump);
    if (strcmp(command, "accounts") == 0)
        return print_accounts();
    if (strcmp(command, "generate") != 0)
        return fail_usage("There is no such command. \"wangge-demo --help\" lists them.");
    if (a.dump.count == 0)
        return fail_usage("generate needs --count.");
    a.dump.kind = DUMP_SUBMITS;
    return dump_run(&a.dump);
}

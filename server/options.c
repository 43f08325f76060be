/* SPDX-License-Identifier: MIT */
#include "server/options.h"

#include <stdio.h>
#include <string.h>

#include "common/base/text.h"

enum { OVERRIDES_MAX = 64, EXIT_USAGE = 2 };

int options_fail(const struct err *e)
{
    fprintf(stderr, "wangged: %s%s%s%s\n", e->text, *e->detail ? " (" : "", e->detail, *e->detail ? ")" : "");
    return 1;
}

/* --listen may be given more than once: the addresses add up. */
static int override(struct server_config *c, int val, const char *value, bool first_listen, struct err *e)
{
    char text[CONFIG_TEXT_SIZE], key[64];
    const char *eq;

    switch (val) {
    case OPTION_EMBEDDED:
        c->database[0] = '\0';
        return config_set(c, "embedded", value, e);
    case OPTION_DATABASE:
        c->embedded[0] = '\0';
        return config_set(c, "database", value, e);
    case OPTION_WORKERS:
        return config_set(c, "workers", value, e);
    case OPTION_LISTEN:
        if ((size_t)snprintf(text, sizeof(text), "%s%s%s", first_listen ? "" : c->listen, first_listen ? "" : " ", value) >=
            sizeof(text))
            return err_set(e, ERR_INVALID, "There are too many --listen.");
        return config_set(c, "listen", text, e);
    default:
        eq = strchr(value, '=');
        if (!eq || (size_t)(eq - value) >= sizeof(key))
            return err_set(e, ERR_INVALID, "--set takes KEY=VALUE.");
        memcpy(key, value, (size_t)(eq - value));
        key[eq - value] = '\0';
        return config_set(c, key, eq + 1, e);
    }
}

int options_read(int argc, char **argv, const struct option *table, const char *usage,
                 bool (*own)(void *arg, int val, char *value), void *arg, struct options *ret)
{
    struct {
        int val;
        const char *value;
    } later[OVERRIDES_MAX];
    int n = 0, val;
    bool listen = false;
    struct err e = {0};

    ret->config_path = NULL;
    config_init(&ret->config);
    optind = 1;
    while ((val = getopt_long(argc, argv, "h", table, NULL)) != -1) {
        if (val == OPTION_HELP || val == 'h') {
            fputs(usage, stdout);
            return 0;
        }
        if (val == OPTION_CONFIG) {
            ret->config_path = optarg;
        } else if (val > OPTION_CONFIG && val < OPTION_HELP) {
            if (n == OVERRIDES_MAX) {
                fputs("wangged: too many options\n", stderr);
                return EXIT_USAGE;
            }
            later[n].val = val;
            later[n++].value = optarg;
        } else if (val == '?' || !own || !own(arg, val, optarg)) {
            fputs(usage, stderr);
            return EXIT_USAGE;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "wangged: what is \"%s\"?\n%s", argv[optind], usage);
        return EXIT_USAGE;
    }
    if (ret->config_path && config_load(&ret->config, ret->config_path, &e))
        return options_fail(&e);
    ret->file = ret->config;
    for (int i = 0; i < n; i++) {
        if (override(&ret->config, later[i].val, later[i].value, !listen, &e))
            return options_fail(&e);
        listen |= later[i].val == OPTION_LISTEN;
    }
    return -1;
}

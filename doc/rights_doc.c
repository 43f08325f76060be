/* SPDX-License-Identifier: MIT */
/*
 * Prints the rights matrix as Markdown, from the policy table and the state table themselves: doc/rights-matrix.md is this
 * program's output. With --check FILE it compares instead and fails if they differ.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/domain/policy.h"
#include "server/domain/state_table.h"

static void head(FILE *out, const char *first)
{
    fprintf(out, "| %s |", first);
    for (enum role r = ROLE_GRID_WORKER; r < ROLE_COUNT; r++)
        fprintf(out, " %s |", role_name_zh(r));
    fputs("\n|---|", out);
    for (enum role r = ROLE_GRID_WORKER; r < ROLE_COUNT; r++)
        fputs("---|", out);
    fputc('\n', out);
}

static void cells(FILE *out, uint32_t roles)
{
    for (enum role r = ROLE_GRID_WORKER; r < ROLE_COUNT; r++)
        fputs(roles & ROLE_BIT(r) ? " ● |" : "  |", out);
    fputc('\n', out);
}

static void print(FILE *out)
{
    size_t n;
    const struct state_rule *rules = state_table(&n);
    fputs("# The rights matrix\n\nWho may do what, printed by the program from `server/domain/policy.c` and "
          "`server/domain/state_table.c`; "
          "`ninja -C build doc/rights-matrix.md`\nwrites it anew (copy the result over `doc/rights-matrix.md`), and a test "
          "fails while they "
          "differ. Region, organ, source and the separation of duties\nare checked on top; see [rights.md](rights.md) and "
          "[state-table.md](state-table.md).\n\n## Roles and kinds of calls\n\n",
          out);
    head(out, "right");
    for (enum permission p = 0; p < PERM_COUNT; p++) {
        fprintf(out, "| `%s` %s |", policy_perm_name(p), policy_perm_what(p));
        cells(out, policy_roles(p));
    }
    fputs("\n## Roles and actions on a case, in some state\n\n", out);
    head(out, "action");
    for (enum action a = ACT_SUBMIT; a < ACT_COUNT; a++) {
        uint32_t roles = 0;
        for (size_t i = 0; i < n; i++)
            if (rules[i].action == a)
                roles |= rules[i].roles;
        fprintf(out, "| `%s`%s |", action_name(a), roles & ROLE_BIT(ROLE_NONE) ? " (also the server's timers)" : "");
        cells(out, roles);
    }
}

int main(int argc, char **argv)
{
    char *text = NULL;
    size_t len = 0;
    FILE *mem = open_memstream(&text, &len);
    int ret = 1;
    if (!mem)
        return 1;
    print(mem);
    if (fclose(mem) != 0)
        return 1;
    if (argc == 3 && strcmp(argv[1], "--check") == 0) {
        FILE *f = fopen(argv[2], "re");
        char *now = malloc(len + 1);
        size_t got = f && now ? fread(now, 1, len + 1, f) : 0;
        ret = got == len && memcmp(now, text, len) == 0 ? 0 : 1;
        if (ret)
            fprintf(stderr,
                    "%s is not what the tables say; run ninja -C build doc/rights-matrix.md and copy the result over it.\n",
                    argv[2]);
        if (f)
            (void)fclose(f);
        free(now);
    } else {
        ret = fwrite(text, 1, len, stdout) == len ? 0 : 1;
    }
    free(text);
    return ret;
}

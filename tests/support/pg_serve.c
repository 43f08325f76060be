/* SPDX-License-Identifier: MIT */
/*
 * The throwaway cluster for tests in other languages: prints the connection string of a fresh migrated database, and one more
 * for every line read; ends, with the cluster, at the end of standard input.
 */
#include <stdio.h>
#include <string.h>

#include "tests/support/pg.h"

int main(int argc, char **argv)
{
    char line[64];
    test_pg_start(argc > 1 && strcmp(argv[1], "--durable") == 0 ? TEST_PG_DURABLE : TEST_PG_FAST);
    do {
        (void)printf("%s\n", test_pg_conninfo());
        (void)fflush(stdout);
    } while (fgets(line, sizeof line, stdin));
    return 0;
}

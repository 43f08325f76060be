/* SPDX-License-Identifier: MIT */
/* Every statement of the store is prepared against the migrated schema. */
#include <check.h>
#include <string.h>

#include "sql.h"
#include "tests/support/pg.h"

START_TEST(every_statement_prepares)
{
    PGconn *c = test_pg_connect(test_pg_conninfo());
    int n = 0;
    for (const struct db_stmt *const *s = sql_all; *s; s++, n++) {
        const char *name = (*s)->name;
        PGresult *res = PQprepare(c, name, (*s)->sql, 0, NULL);
        ck_assert_msg(PQresultStatus(res) == PGRES_COMMAND_OK, "%s: %s", name, PQresultErrorMessage(res));
        PQclear(res);
        res = PQdescribePrepared(c, name);
        ck_assert_msg(PQresultStatus(res) == PGRES_COMMAND_OK, "%s: %s", name, PQresultErrorMessage(res));
        ck_assert_msg(PQnparams(res) == (*s)->nparams, "%s takes %d parameters, the table says %d", name, PQnparams(res),
                      (*s)->nparams);
        for (int i = 0; i < PQnfields(res); i++)
            ck_assert_msg(strcmp(PQfname(res, i), "?column?") != 0, "%s: column %d has no name", name, i);
        PQclear(res);
    }
    ck_assert_int_gt(n, 0);
    PQfinish(c);
}
END_TEST

int main(void)
{
    test_pg_start(TEST_PG_FAST);
    Suite *s = suite_create("statements");
    TCase *t = tcase_create("statements");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, every_statement_prepares);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}

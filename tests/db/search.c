/* SPDX-License-Identifier: MIT */
/*
 * The search against plain loops. Random cases with random Chinese texts; random words, numbers, places, categories and
 * initials in random scopes, page by page; with nothing folded into the index, some of it, all of it, and after categories,
 * organs and states changed. Each answer must be the list that strstr over all texts in memory gives, in the same order.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/pinyin/pinyin.h"
#include "server/domain/number.h"
#include "server/service/search_engine.h"
#include "server/store/search_fold.h"
#include "sql.h"
#include "tests/db/fold.h"
#include "tests/support/pg.h"

enum { CASES = 600, QUERIES = 90, TEXT = 512, CATEGORIES = 6, ORGANS = 3, REGIONS = 64, FIRST_DAY = 20400, DAYS = 130 };

struct a_case {
    struct uuid id;
    int64_t number, grid;
    int32_t day;
    int category, organ, helper; /* organs: 0 none */
    bool open, birth_written;
    int version;
    char description[TEXT], address[TEXT];
};

struct world {
    struct harness h;
    char conninfo[512];
    uint64_t seed;
    struct directory *dir;
    struct a_case cases[CASES];
    int n; /* in the database */
    int64_t grids[REGIONS];
    int n_grids;
};

static struct world w;

static const char *const category_names[CATEGORIES] = {"暴露垃圾", "占道经营", "消防通道", "邻里纠纷", "管道漏水", "乱停放"};
static const char *const pieces[] = {"漏水", "居民", "反映", "楼道",   "内",   "堆放", "杂物", "垃圾", "清理", "井盖",  "破损",
                                     "，",   "。",   "路灯", "不亮",   "小区", "东门", "Ａ区", "b座",  "12号", "3单元", "消防",
                                     "通道", "占用", "1204", "０７１", "车辆", "停放", "扰民", "噪声", "夜间", "施工",  " ",
                                     "水管", "爆裂", "漏",   "水",     "阳光", "E01",  "wifi", "①号",  "庆新"};
enum { PIECES = sizeof pieces / sizeof *pieces };

static unsigned roll(unsigned n)
{
    w.seed = w.seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(w.seed >> 33) % n;
}

static void write_text(char *out, int max)
{
    out[0] = 0;
    for (int i = 0, n = 1 + (int)roll((unsigned)max); i < n; i++)
        strncat(out, pieces[roll(PIECES)], TEXT - strlen(out) - 1);
}

static void make_directory(void)
{
    static const char *const towns[] = {"庆新街道", "阳光街道", "东风镇", "西宾街道"};
    static const char *const communities[] = {"庆新社区", "漏水村", "阳光社区", "红旗社区"};
    struct directory_builder *b = directory_builder_create();
    struct err e;
    char name[64];
    for (int i = 0; i < CATEGORIES; i++) {
        const char *aliases[] = {"跑冒滴漏"};
        struct dir_category c = {
            .id = (int16_t)(i + 1), .name = category_names[i], .aliases = aliases, .naliases = i == 4, .active = true};
        (void)snprintf(c.code, sizeof c.code, "E010%d", i + 1);
        ck_assert_int_eq(directory_add_category(b, &c, &e), 0);
    }
    struct dir_region city = {.code = INT64_C(230600000000000), .name = "大庆市", .valid_from = DAY_NONE, .valid_to = DAY_NONE};
    ck_assert_int_eq(directory_add_region(b, &city, &e), 0);
    for (int county = 0; county < 2; county++) {
        struct dir_region r = city;
        int64_t c = INT64_C(230602000000000) + county * INT64_C(2000000000);
        r.code = c;
        r.name = county ? "让胡路区" : "萨尔图区";
        ck_assert_int_eq(directory_add_region(b, &r, &e), 0);
        for (int i = 0; i < 4; i++) {
            r.code = c + (1 + i / 2) * INT64_C(1000000);
            r.name = towns[county * 2 + i / 2];
            if (i % 2 == 0)
                ck_assert_int_eq(directory_add_region(b, &r, &e), 0);
            r.code += (1 + i % 2) * INT64_C(1000);
            r.name = communities[i];
            ck_assert_int_eq(directory_add_region(b, &r, &e), 0);
            for (int g = 1; g <= 2; g++) {
                r.code = r.code / 1000 * 1000 + g;
                (void)snprintf(name, sizeof name, "第%s网格", g == 1 ? "一" : "二");
                r.name = name;
                ck_assert_int_eq(directory_add_region(b, &r, &e), 0);
                w.grids[w.n_grids++] = r.code;
            }
        }
    }
    ck_assert_int_eq(directory_builder_finish(b, 1, &w.dir, &e), 0);
    directory_builder_destroy(b);
}

static void run_sql(PGconn *c, const char *sql)
{
    PGresult *r = PQexec(c, sql);
    ck_assert_msg(PQresultStatus(r) == PGRES_COMMAND_OK || PQresultStatus(r) == PGRES_TUPLES_OK, "%s: %s", sql,
                  PQerrorMessage(c));
    PQclear(r);
}

static void write_event(PGconn *c, struct a_case *k, int action, int from, int to, int old_category, int old_organ)
{
    char sql[2048], id[UUID_TEXT_LEN + 1], organ[16] = "null", before[16] = "null";
    uuid_format(&k->id, id);
    if (k->organ)
        (void)snprintf(organ, sizeof organ, "%d", k->organ);
    if (old_organ)
        (void)snprintf(before, sizeof before, "%d", old_organ);
    (void)snprintf(
        sql, sizeof sql,
        "insert into case_event (case_id, version, request_id, request_hash, happened_at, arrived_at, grid_code, cohort_day,"
        " category_id, prev_category_id, organ_id, prev_organ_id, action, from_state, to_state, check_result, stock_before,"
        " stock_after, flow, actor_role, imported, actor_id, actor_name) values ('%s', %d, gen_random_uuid(), 1, now(), now(),"
        " %" PRId64 ", date '1970-01-01' + %d, %d, %d, %s, %s, %d, %d, %d, 0, 0, 0, 0, 1, false, gen_random_uuid(), 'x')",
        id, ++k->version, k->grid, k->day, k->category, old_category, organ, before, action, from, to);
    run_sql(c, sql);
}

static void write_case(PGconn *c, struct a_case *k)
{
    char sql[4096], id[UUID_TEXT_LEN + 1];
    uuid_format(&k->id, id);
    char *description = PQescapeLiteral(c, k->description, strlen(k->description));
    char *address = PQescapeLiteral(c, k->address, strlen(k->address));
    (void)snprintf(
        sql, sizeof sql,
        "insert into case_file (id, number, version, state, prev_state, grid_code, category_id, urgency, channel, level,"
        " reporter_id, flags, round, return_count, rework_count, cohort_day, reported_at, arrived_at, last_event_at,"
        " reporter_name, address, description) values ('%s', %" PRId64 ", 1, 1, 0, %" PRId64
        ", %d, 1, 1, 1, gen_random_uuid(), 0,"
        " 1, 0, 0, date '1970-01-01' + %d, now(), now(), now(), 'x', nullif(%s, ''), %s)",
        id, k->number, k->grid, k->category, k->day, address, description);
    run_sql(c, sql);
    PQfreemem(description);
    PQfreemem(address);
    write_event(c, k, 1, 0, 1, k->category, 0);
}

static void add_cases(int until)
{
    PGconn *c = test_pg_connect(w.conninfo);
    run_sql(c, "begin");
    for (; w.n < until; w.n++) {
        struct a_case *k = &w.cases[w.n];
        struct err e;
        for (size_t i = 0; i < sizeof k->id.bytes; i++)
            k->id.bytes[i] = (uint8_t)roll(256);
        k->grid = w.grids[roll((unsigned)w.n_grids)];
        k->day = FIRST_DAY + (int32_t)roll(DAYS);
        ck_assert_int_eq(number_make(k->grid, k->day, 1 + w.n * 13, &k->number, &e), 0);
        k->category = 1 + (int)roll(CATEGORIES);
        k->open = true;
        do
            write_text(k->description, 14);
        while (text_chars(k->description, strlen(k->description)) < 1);
        k->address[0] = 0;
        if (roll(3))
            write_text(k->address, 4);
        write_case(c, k);
    }
    run_sql(c, "commit");
    PQfinish(c);
}

/* Other categories, organs, helpers; closings and one reopening or so. */
static void change_cases(int times)
{
    PGconn *c = test_pg_connect(w.conninfo);
    char sql[512], id[UUID_TEXT_LEN + 1];
    run_sql(c, "begin");
    for (int i = 0; i < times; i++) {
        struct a_case *k = &w.cases[roll((unsigned)w.n)];
        int category = k->category, organ = k->organ;
        switch (roll(4)) {
        case 0:
            k->category = 1 + (int)roll(CATEGORIES);
            write_event(c, k, 6, 1, 3, category, organ);
            break;
        case 1:
            k->organ = 1 + (int)roll(ORGANS);
            write_event(c, k, 9, 3, 4, category, organ);
            break;
        case 2:
            k->helper = 1 + (int)roll(ORGANS);
            write_event(c, k, 10, 5, 5, category, organ);
            break;
        default:
            k->open = !k->open;
            write_event(c, k, k->open ? 25 : 2, k->open ? 10 : 1, k->open ? 3 : 10, category, organ);
        }
        uuid_format(&k->id, id);
        (void)snprintf(sql, sizeof sql,
                       "update case_file set category_id = %d, organ_id = nullif(%d, 0), co_organ_ids = nullif(array[%d], "
                       "array[0]), state = %d"
                       " where id = '%s'",
                       k->category, k->organ, k->helper, k->open ? 3 : 10, id);
        run_sql(c, sql);
    }
    run_sql(c, "commit");
    PQfinish(c);
}

static bool has_ended(void *arg)
{
    return *(bool *)arg;
}

/* --- the plain way --- */

struct query {
    char text[256];
    struct search_scope scope;
    bool open_only;
};

static bool name_has(const char *name, const char *word)
{
    char buf[TEXT];
    bool latin = true;
    for (const char *s = word; *s; s++)
        latin = latin && *s >= 'a' && *s <= 'z';
    (void)search_fold(name, buf);
    return strstr(buf, word) || (latin && pinyin_match(name, word));
}

static int plain_part(const struct a_case *k, const struct query *q)
{
    char folded_query[256], d[TEXT], a[TEXT], number[NUMBER_TEXT_SIZE], *save = NULL;
    int part = SEARCH_OWN_TEXT;
    if (!region_span_contains(q->scope.span, k->grid) || (q->open_only && !k->open) ||
        (q->scope.organ_id && q->scope.organ_id != k->organ && q->scope.organ_id != k->helper))
        return -1;
    (void)search_fold(q->text, folded_query);
    (void)search_fold(k->description, d);
    (void)search_fold(k->address, a);
    number_format(k->number, number);
    for (char *word = strtok_r(folded_query, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
        size_t len = strlen(word), all = strlen(number);
        bool is_number = len >= 4 && len <= all && text_is_digits(word, len) &&
                         (strcmp(number + all - len, word) == 0 || strncmp(number + 6, word, len) == 0 ||
                          (len >= 6 && strncmp(number, word, len) == 0));
        if (strstr(d, word) || strstr(a, word) || is_number)
            continue;
        part = SEARCH_NAMES;
        bool named = text_chars(word, len) > 1 &&
                     (name_has(category_names[k->category - 1], word) || (k->category == 5 && name_has("跑冒滴漏", word)));
        for (int level = LEVEL_CITY; level <= LEVEL_GRID && text_chars(word, len) > 1; level++) {
            const struct dir_region *r = directory_region(w.dir, region_parent(k->grid, (enum region_level)level));
            named = named || name_has(r->name, word);
        }
        if (!named)
            return -1;
    }
    return part;
}

struct plain_hit {
    int part;
    const struct a_case *k;
};

static int by_order(const void *x, const void *y)
{
    const struct plain_hit *a = x, *b = y;
    if (a->part != b->part)
        return a->part - b->part;
    if (a->k->day != b->k->day)
        return a->k->day > b->k->day ? -1 : 1;
    return -memcmp(a->k->id.bytes, b->k->id.bytes, sizeof a->k->id.bytes);
}

/* --- the two side by side --- */

static struct search_result result;
static bool result_ended;
static char result_error[256];

static void on_result(void *arg, const struct search_result *ret, const struct err *e)
{
    (void)text_copy(result_error, sizeof result_error, e->text);
    ck_assert_msg(e->code == 0, "%s %s", e->text, e->detail);
    result = *ret;
    result_ended = true;
}

static void check_query(const struct query *q, int page)
{
    struct plain_hit want[CASES];
    int n = 0, at = 0;
    for (int i = 0; i < w.n; i++) {
        int part = plain_part(&w.cases[i], q);
        if (part >= 0)
            want[n++] = (struct plain_hit){part, &w.cases[i]};
    }
    qsort(want, (size_t)n, sizeof *want, by_order);
    struct search_scope scope = q->scope;
    enum search_part part = SEARCH_OWN_TEXT;
    do {
        struct arena *a = arena_create(64 << 20);
        struct search_plan *plan;
        struct err e = {0};
        ck_assert_msg(search_plan_create(a, w.dir, q->text, &scope, &plan, &e) == 0, "%s: %s", q->text, e.text);
        result_ended = false;
        ck_assert_int_eq(search_engine_run(w.h.db, plan, &scope, part, page, a, USEC_NONE, on_result, NULL, &e), 0);
        h_until(&w.h, has_ended, &result_ended, "the search");
        ck_assert_int_le(result.n, page);
        for (int i = 0; i < result.n; i++, at++) {
            ck_assert_msg(at < n, "\"%s\" found more than %d", q->text, n);
            ck_assert_msg(uuid_equal(&result.hits[i].row->snap.id, &want[at].k->id) &&
                              (int)result.hits[i].part == want[at].part,
                          "\"%s\", hit %d of %d: \"%s\" instead of \"%s\"", q->text, at, n, result.hits[i].row->description,
                          want[at].k->description);
        }
        scope.has_after = true;
        scope.after_day = result.day;
        scope.after_id = result.id;
        part = result.part;
        arena_destroy(a);
    } while (result.more);
    ck_assert_msg(at == n, "\"%s\" found %d of %d", q->text, at, n);
}

static void random_word(char *out)
{
    static const char *const fixed[] = {"暴露垃圾", "bllj",     "庆新",       "漏水",   "阳光社区", "zdjy",  "qx",   "网格",
                                        "社区",     "大庆",     "萨尔图",     "第二",   "跑冒",     "e01",   "wifi", "1号",
                                        "071",      "居民反映", "不存在的词", "230602", "2511",     "让胡路"};
    const struct a_case *k = &w.cases[roll((unsigned)w.n)];
    out[0] = 0;
    if (roll(4) == 0) {
        (void)snprintf(out, 64, "%s", fixed[roll(sizeof fixed / sizeof *fixed)]);
    } else if (roll(8) == 0) {
        char number[NUMBER_TEXT_SIZE];
        number_format(k->number, number);
        size_t from = roll(3) == 0 ? 0 : roll(2) ? 6 : strlen(number) - 4;
        (void)snprintf(out, 64, "%.*s", from ? 4 + (int)roll(4) : 6 + (int)roll(10), number + from);
    } else {
        /* A stretch of a real text. */
        char buf[TEXT];
        (void)search_fold(roll(4) ? k->description : k->address, buf);
        size_t chars = text_chars(buf, strlen(buf)), skip = chars > 2 ? roll((unsigned)chars - 1) : 0, want = 2 + roll(3);
        const char *s = buf;
        size_t len = strlen(buf), n = 0;
        uint32_t cp;
        for (size_t i = 0; i < skip + want && len; i++) {
            size_t used = text_decode(s, len, &cp);
            if (i >= skip && used < 60 - n) {
                memcpy(out + n, s, used);
                n += used;
            }
            s += used;
            len -= used;
        }
        out[n] = 0;
    }
}

static bool is_findable(const char *text)
{
    char folded_text[256];
    int chars = 0;
    (void)search_fold(text, folded_text);
    for (const char *s = folded_text; *s; s++) {
        if (*s == ' ')
            chars = 0;
        else if ((*s & 0xc0) != 0x80 && ++chars == 2)
            return true;
    }
    return false;
}

static void check_many(int times)
{
    for (int i = 0; i < times; i++) {
        struct query q = {.scope = {.span = region_span_all()}};
        random_word(q.text);
        if (roll(4) == 0) {
            char second[128];
            random_word(second);
            strncat(q.text, roll(2) ? " " : "，", sizeof q.text - strlen(q.text) - 1);
            strncat(q.text, second, sizeof q.text - strlen(q.text) - 1);
        }
        if (!is_findable(q.text))
            continue;
        if (roll(2)) {
            int64_t code = region_parent(w.grids[roll((unsigned)w.n_grids)], (enum region_level)(1 + roll(5)));
            q.scope.span = region_span_of(code);
        }
        q.open_only = roll(4) == 0;
        if (q.open_only)
            q.scope.states = STATES_OPEN;
        if (roll(5) == 0)
            q.scope.organ_id = 1 + (int32_t)roll(ORGANS);
        check_query(&q, 1 + (int)roll(40));
    }
}

START_TEST(every_search_is_what_plain_loops_find)
{
    w.seed = 20261123;
    snprintf(w.conninfo, sizeof w.conninfo, "%s", test_pg_conninfo());
    make_directory();
    h_init(&w.h, w.conninfo, sql_all);
    h_open(&w.h);
    h_wait_ready(&w.h, true);
    check_many(0);
    add_cases(CASES / 3);
    check_many(QUERIES / 4);                     /* nothing folded */
    ck_assert_int_eq(fold_once(&w.h, CASES), 0); /* too few to bother */
    ck_assert_int_eq(fold_once(&w.h, 0), CASES / 3);
    check_many(QUERIES);
    add_cases(CASES);
    change_cases(120);
    check_many(QUERIES); /* partly folded, partly stale */
    ck_assert_int_gt(fold_once(&w.h, 0), 0);
    ck_assert_int_eq(fold_once(&w.h, 0), 0);
    check_many(QUERIES);
    change_cases(200);
    check_many(QUERIES / 2);
    ck_assert_int_gt(fold_once(&w.h, 0), 0);
    check_many(QUERIES);
    ck_assert_int_eq(test_pg_int(w.conninfo, "select count(*) from search_slot"), CASES);
    h_close(&w.h);
    directory_unref(w.dir);
}
END_TEST

START_TEST(what_was_folded_meanwhile_is_not_folded_again)
{
    memset(&w, 0, sizeof w);
    w.seed = 7;
    snprintf(w.conninfo, sizeof w.conninfo, "%s", test_pg_conninfo());
    make_directory();
    h_init(&w.h, w.conninfo, sql_all);
    h_open(&w.h);
    h_wait_ready(&w.h, true);
    add_cases(50);
    test_pg_exec(w.conninfo, "create table held as select * from search_position");
    ck_assert_int_eq(fold_once(&w.h, 0), 50);
    /* A worker that read its batch before the other one wrote. */
    ck_assert_int_eq(
        test_pg_int(
            w.conninfo,
            "select search_fold(h.feed_xid, h.seq, '9', 9, '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')::integer "
            "from held h"),
        0);
    ck_assert_int_eq(test_pg_int(w.conninfo, "select count(*) from search_slot"), 50);
    test_pg_exec(w.conninfo, "select search_reset()");
    ck_assert_int_eq(test_pg_int(w.conninfo, "select count(*) from search_posting"), 0);
    ck_assert_int_eq(fold_once(&w.h, 0), 50);
    h_close(&w.h);
    directory_unref(w.dir);
}
END_TEST

static void add_notes(int n)
{
    PGconn *c = test_pg_connect(w.conninfo);
    run_sql(c, "begin");
    for (int i = 0; i < n; i++)
        write_event(c, &w.cases[0], 36, 1, 1, w.cases[0].category, 0);
    run_sql(c, "commit");
    PQfinish(c);
}

START_TEST(many_steps_do_not_wait_for_cases)
{
    memset(&w, 0, sizeof w);
    w.seed = 8;
    snprintf(w.conninfo, sizeof w.conninfo, "%s", test_pg_conninfo());
    make_directory();
    h_init(&w.h, w.conninfo, sql_all);
    h_open(&w.h);
    h_wait_ready(&w.h, true);
    add_cases(3);
    ck_assert_int_eq(fold_once(&w.h, 0), 3);
    /* Remarks change nothing in the index, but every search would look through them. */
    add_notes(SEARCH_FOLD_MANY - 1);
    ck_assert_int_eq(fold_once(&w.h, 256), 0);
    add_notes(1);
    ck_assert_int_eq(fold_once(&w.h, 256), SEARCH_FOLD_MANY);
    ck_assert_int_eq(fold_once(&w.h, 0), 0);
    h_close(&w.h);
    directory_unref(w.dir);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("search");
    TCase *tc = tcase_create("search");
    test_pg_start(TEST_PG_FAST);
    tcase_set_timeout(tc, 170);
    tcase_add_test(tc, every_search_is_what_plain_loops_find);
    tcase_add_test(tc, what_was_folded_meanwhile_is_not_folded_again);
    tcase_add_test(tc, many_steps_do_not_wait_for_cases);
    suite_add_tcase(s, tc);
    SRunner *sr = srunner_create(s);
    srunner_run_all(sr, CK_NORMAL);
    int failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed ? 1 : 0;
}

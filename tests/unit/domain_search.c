/* SPDX-License-Identifier: MIT */
/* What a case is found by, how alike two are, and which dispatch rule comes first. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain_fixture.h"
#include "server/domain/dispatch_rule.h"
#include "server/domain/number.h"
#include "server/domain/posting.h"
#include "server/domain/similar.h"

static const struct {
    const char *text, *folded;
} folds[] = {
    {"", ""},
    {"漏水", "漏水"},
    {"ＡＢ座１２号", "ab座12号"},
    {"Wi-Fi 5G", "wi fi 5g"},
    {" ，漏水。\n了 ", "漏水 了"},
    {"①号楼", "1号楼"},
    {"ÄÖÜ ПРИВЕТ", "äöü привет"},
    {"人々〇", "人々〇"},
    {"！？", ""},
};

START_TEST(text_is_folded)
{
    char out[256];
    ck_assert_uint_eq(search_fold(folds[_i].text, out), strlen(folds[_i].folded));
    ck_assert_str_eq(out, folds[_i].folded);
}
END_TEST

static bool has(const struct search_terms *t, int32_t item)
{
    for (int i = 0; i < t->n; i++) {
        if (t->items[i] == item)
            return true;
    }
    return false;
}

START_TEST(a_word_inside_a_text_has_its_terms_there)
{
    static const char *const words[] = {"漏水", "楼漏水", "3号楼", "ab", "水管漏水"};
    struct search_terms *t = calloc(1, sizeof *t);
    int32_t terms[SEARCH_WORD_CHARS_MAX];
    const char *text = "ab座3号楼漏水 水管漏水";
    search_terms_add_text(t, text);
    search_terms_finish(t);
    for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
        int n = search_terms_of_word(words[w], terms);
        ck_assert(search_contains(text, words[w]));
        ck_assert_int_gt(n, 0);
        for (int i = 0; i < n; i++)
            ck_assert_msg(has(t, terms[i]), "%s", words[w]);
    }
    /* The blank parts: 水水 does not occur. */
    ck_assert_int_eq(search_terms_of_word("水水", terms), 1);
    ck_assert(!has(t, terms[0]));
    ck_assert_int_eq(search_terms_of_word("水", terms), 0);
    free(t);
}
END_TEST

START_TEST(a_case_has_its_keys_and_each_once)
{
    struct search_terms *t = calloc(1, sizeof *t);
    int32_t helpers[] = {7};
    char buf[64];
    struct search_case c = {.number = INT64_C(230604211109000123),
                            .grid = INT64_C(230604001002003),
                            .category_id = 5,
                            .organ_id = 9,
                            .co_organ_ids = helpers,
                            .n_co = 1,
                            .open = true,
                            .description = "漏水漏水漏水",
                            .address = NULL};
    search_terms_of_case(t, &c, buf);
    ck_assert(has(t, search_term_category(5)) && has(t, search_term_organ(9)) && has(t, search_term_organ(7)));
    ck_assert(has(t, search_term_open()));
    ck_assert(has(t, search_term_region(INT64_C(230604000000000))) && has(t, search_term_region(INT64_C(230604001002000))));
    ck_assert(!has(t, search_term_category(6)));
    ck_assert_int_eq(search_term_region(INT64_C(230604001002003)), 0);
    ck_assert_int_eq(search_term_region(INT64_C(230600000000000)), 0);
    for (int i = 1; i < t->n; i++)
        ck_assert_int_lt(t->items[i - 1], t->items[i]);
    /* Of the number also 13 different pairs and 14 different triples of neighbouring digits. */
    ck_assert_int_eq(t->n, 5 + 1 + 3 + 2 + 1 + 2 + 13 + 14);
    free(t);
}
END_TEST

START_TEST(every_part_of_a_number_is_held)
{
    const char *number = "2306042111090123";
    struct search_terms *t = calloc(1, sizeof *t);
    int32_t terms[SEARCH_NUMBER_PARTS];
    char part[NUMBER_TEXT_SIZE];
    search_terms_add_number(t, INT64_C(230604211109000123));
    for (size_t from = 0; from < 16; from++) {
        for (size_t len = 2; from + len <= 16; len++) {
            (void)snprintf(part, sizeof part, "%.*s", (int)len, number + from);
            int n = search_terms_of_number_part(part, terms);
            ck_assert_int_eq(n, len == 2 ? 1 : (int)len - 2);
            for (int i = 0; i < n; i++)
                ck_assert_msg(has(t, terms[i]), "%s", part);
        }
    }
    ck_assert_int_eq(search_terms_of_number_part("0124", terms), 2);
    ck_assert(!(has(t, terms[0]) && has(t, terms[1])));
    ck_assert_int_eq(search_terms_of_number_part("1", terms), 0);
    ck_assert_int_eq(search_terms_of_number_part("12a", terms), 0);
    ck_assert_int_eq(search_terms_of_number_part("１２", terms), 0);
    ck_assert_int_eq(search_terms_of_number_part("1234567890123456789", terms), 0);
    free(t);
}
END_TEST

START_TEST(a_scope_has_its_narrowest_region)
{
    static const struct {
        int64_t lo, hi, region;
    } table[] = {
        {230604001002003, 230604001002003, 230604001002000},
        {230604001002000, 230604001002999, 230604001002000},
        {230604001000000, 230604001999999, 230604001000000},
        {230604000000000, 230604999999999, 230604000000000},
        {230600000000000, 230699999999999, 0},
        {0, INT64_MAX, 0},
    };
    int32_t terms[SEARCH_SCOPE_TERMS];
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const struct region_span span = {table[i].lo, table[i].hi};
        int n = search_terms_of_scope(span, 0, false, terms);
        ck_assert_int_eq(n, table[i].region != 0);
        if (n)
            ck_assert_int_eq(terms[0], search_term_region(table[i].region));
        ck_assert_int_eq(search_terms_of_scope(span, 9, true, terms), n + 2);
        ck_assert(terms[n] == search_term_organ(9) && terms[n + 1] == search_term_open());
    }
}
END_TEST

static const struct {
    const char *word;
    bool found;
} numbers[] = {
    {"2306042111090123", true},
    {"0123", true},
    {"90123", true},
    {"230604", true},
    {"2306042111", true},
    {"211109", true},
    {"2111", true},
    {"2111090", true},
    {"23060", false},
    {"2306", false},
    {"1109", false},
    {"0124", false},
    {"123", false},
    {"02306042111090123", false},
};

START_TEST(digits_find_a_number)
{
    struct search_number_way ways[SEARCH_NUMBER_WAYS];
    struct search_terms *t = calloc(1, sizeof *t);
    const int64_t number = INT64_C(230604211109000123); /* "2306042111090123" */
    const char *word = numbers[_i].word;
    ck_assert_int_eq(search_number_matches(number, word), numbers[_i].found);
    search_terms_add_number(t, number);
    bool candidate = false;
    for (int i = 0, n = search_number_ways(word, ways); i < n; i++) {
        bool all = true;
        for (int k = 0; k < ways[i].n; k++)
            all = all && has(t, ways[i].terms[k]);
        candidate = candidate || all;
    }
    if (numbers[_i].found)
        ck_assert_msg(candidate, "%s", word);
    free(t);
}
END_TEST

START_TEST(postings_survive_being_stored)
{
    uint64_t seed = 5;
    for (int round = 0; round < 300; round++) {
        struct posting p, q;
        unsigned char bytes[POSTING_BYTES_MAX], again[POSTING_BYTES_MAX];
        int n = 1 << (round % 13), count = 0;
        posting_clear(&p);
        posting_clear(&q);
        for (int i = 0; i < n; i++) {
            seed = seed * UINT64_C(6364136223846793005) + 1;
            count += posting_set(&p, (int)(seed >> 40) % POSTING_SLOTS);
        }
        ck_assert_int_eq(posting_count(&p), count);
        size_t len = posting_encode(&p, bytes);
        ck_assert_uint_le(len, POSTING_BYTES_MAX);
        ck_assert_uint_le(len, 1 + 2 * (size_t)count);
        ck_assert_int_eq(posting_decode(&q, bytes, len), 0);
        ck_assert_mem_eq(&p, &q, sizeof p);
        ck_assert_uint_eq(posting_encode(&q, again), len);
        ck_assert_mem_eq(bytes, again, len);
    }
    struct posting p;
    unsigned char out[POSTING_BYTES_MAX];
    posting_fill(&p, 70);
    ck_assert_int_eq(posting_count(&p), 70);
    ck_assert(posting_unset(&p, 69) && !posting_unset(&p, 69) && !posting_has(&p, 69));
    posting_clear(&p);
    ck_assert_uint_eq(posting_encode(&p, out), 0);
    ck_assert_int_ne(posting_decode(&p, (const unsigned char *)"", 0), 0);
    ck_assert_int_ne(posting_decode(&p, (const unsigned char *)"\x01\x10\x00", 3), 0);
    ck_assert_int_ne(posting_decode(&p, (const unsigned char *)"\x01\x10", 2), 0);
    ck_assert_int_ne(posting_decode(&p, (const unsigned char *)"\x03", 1), 0);
}
END_TEST

static struct similar_score score_of(const char *a, const char *b, double metres, double hours)
{
    struct search_terms *scratch = calloc(2, sizeof *scratch);
    struct similar_side x = {.text = a, .has_place = metres >= 0, .place = {.lat = 46.6, .lon = 125.1}, .at = 0};
    struct similar_side y = {.text = b,
                             .has_place = true,
                             .place = {.lat = 46.6 + fmax(metres, 0) / 111195.0, .lon = 125.1},
                             .at = (usec_t)(hours * 3600e6)};
    struct similar_score s;
    similar_compare(&x, &y, scratch, &s);
    free(scratch);
    return s;
}

START_TEST(likeness_follows_its_formula)
{
    struct similar_score same = score_of("路面塌陷一处", "路面塌陷一处", 0, 0);
    ck_assert_double_eq_tol(same.score, 1, 1e-9);
    ck_assert_int_eq(same.n_words, 1);
    ck_assert_str_eq(same.words[0], "路面塌陷一处");
    /* Half of the shorter text's four pairs, half of the way, half of the day. */
    struct similar_score half = score_of("路面塌陷一", "路面塌了个洞", 25, 12);
    ck_assert_double_eq_tol(half.score, 0.5 * 2 / 4 + 0.3 * 0.5 + 0.2 * 0.5, 1e-6);
    ck_assert_double_eq_tol(half.distance_m, 25, 0.1);
    ck_assert_double_eq_tol(half.hours, 12, 1e-6);
    ck_assert_double_eq_tol(score_of("路面塌陷", "路面塌陷", -1, 0).score, 0.5 + 0.3 * 0.5 + 0.2, 1e-9);
    ck_assert_double_eq(score_of("路面塌陷", "路面塌陷", 51, 0).score, 0);
    ck_assert_double_eq(score_of("路面塌陷", "路面塌陷", 0, 24.1).score, 0);
    ck_assert_double_eq(score_of("路面塌陷", "井盖破损", 30, 1).score, 0);
    ck_assert_double_gt(score_of("路面塌陷", "井盖破损", 5, 1).score, 0);
    ck_assert_double_gt(score_of("路面塌陷", "路面塌陷", 10, 1).score, score_of("路面塌陷", "路面塌陷", 40, 1).score);
}
END_TEST

START_TEST(the_most_specific_rule_comes_first)
{
    /* In their order. */
    struct dispatch_rule rules[] = {
        {.category_prefix = "E0102", .id = {{9}}},
        {.category_prefix = "E01", .region = INT64_C(230604001000000), .id = {{8}}},
        {.category_prefix = "E01", .region = INT64_C(230604000000000), .from_minute = 480, .to_minute = 1080, .id = {{7}}},
        {.category_prefix = "E01", .region = INT64_C(230604000000000), .weekdays = 31, .id = {{6}}},
        {.category_prefix = "E01", .region = INT64_C(230604000000000), .priority = 2, .id = {{5}}},
        {.category_prefix = "E01", .region = INT64_C(230604000000000), .id = {{3}}},
        {.category_prefix = "E01", .region = INT64_C(230604000000000), .id = {{4}}},
        {.category_prefix = "E01", .id = {{2}}},
        {.category_prefix = "", .region = INT64_C(230604001000000), .priority = 99, .id = {{1}}},
    };
    enum { N = sizeof rules / sizeof *rules };
    struct dispatch_rule shuffled[N];
    for (int i = 0; i < N; i++)
        shuffled[i] = rules[(i * 4 + 3) % N];
    dispatch_rules_sort(shuffled, N);
    for (int i = 0; i < N; i++)
        ck_assert_msg(memcmp(shuffled[i].id.bytes, rules[i].id.bytes, 16) == 0, "rule %d", i);
}
END_TEST

START_TEST(a_rule_matches_its_category_region_and_time)
{
    /* 2026-11-23 is a Monday; 08:30 in Daqing. */
    struct dispatch_case c;
    const usec_t monday = ((usec_t)clock_days_from_civil(2026, 11, 23) * 86400 + 1800) * USEC_PER_SEC;
    char reason[DISPATCH_REASON_SIZE];
    dispatch_case_at(&c, "E0102", INT64_C(230604001001001), monday, 28800);
    ck_assert_int_eq(c.local_minute, 510);
    struct dispatch_rule r = {
        .category_prefix = "E01", .region = INT64_C(230604000000000), .weekdays = 31, .from_minute = 480, .to_minute = 1080};
    ck_assert(dispatch_rule_matches(&r, &c));
    dispatch_rule_reason(&r, reason);
    ck_assert_str_eq(reason, "category E01, region 230604, Mon-Fri 08:00-18:00");
    r.weekdays = 1 << 1;
    ck_assert(!dispatch_rule_matches(&r, &c));
    r.weekdays = 0;
    r.from_minute = 511;
    ck_assert(!dispatch_rule_matches(&r, &c));
    r.from_minute = 0;
    r.to_minute = 510;
    ck_assert(!dispatch_rule_matches(&r, &c));
    r.to_minute = 511;
    ck_assert(dispatch_rule_matches(&r, &c));
    r.region = INT64_C(230602000000000);
    ck_assert(!dispatch_rule_matches(&r, &c));
    r.region = 0;
    ck_assert(dispatch_rule_matches(&r, &c));
    r.category_prefix[2] = '2';
    ck_assert(!dispatch_rule_matches(&r, &c));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("domain search");
    TCase *tc = tcase_create("search");
    tcase_add_loop_test(tc, text_is_folded, 0, sizeof folds / sizeof folds[0]);
    tcase_add_test(tc, a_word_inside_a_text_has_its_terms_there);
    tcase_add_test(tc, a_case_has_its_keys_and_each_once);
    tcase_add_test(tc, every_part_of_a_number_is_held);
    tcase_add_test(tc, a_scope_has_its_narrowest_region);
    tcase_add_loop_test(tc, digits_find_a_number, 0, sizeof numbers / sizeof numbers[0]);
    tcase_add_test(tc, postings_survive_being_stored);
    tcase_add_test(tc, likeness_follows_its_formula);
    tcase_add_test(tc, the_most_specific_rule_comes_first);
    tcase_add_test(tc, a_rule_matches_its_category_region_and_time);
    suite_add_tcase(s, tc);
    SRunner *sr = srunner_create(s);
    srunner_run_all(sr, CK_NORMAL);
    int failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed ? 1 : 0;
}

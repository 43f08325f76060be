/* SPDX-License-Identifier: MIT */
/* Keys from bytes, split anywhere; paste; folding; the key table. */
#include <check.h>
#include <libintl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/term/input.h"
#include "client/term/width.h"
#include "client/ui/keys.h"

struct seen {
    uint32_t keys[64];
    int n;
    char paste[256];
    int reports;
};

static void on_event(void *arg, const struct term_event *ev)
{
    struct seen *s = arg;
    if (ev->kind == TERM_EV_KEY && s->n < 64)
        s->keys[s->n++] = ev->key;
    if (ev->kind == TERM_EV_PASTE)
        snprintf(s->paste, sizeof s->paste, "%.*s", (int)ev->len, ev->text);
    if (ev->kind == TERM_EV_REPORT)
        s->reports = ev->col;
}

static const struct {
    const char *bytes;
    uint32_t keys[4];
} decode[] = {
    {"a", {'a'}},
    {"中", {0x4e2d}},
    {"\r", {TK_ENTER}},
    {"\t", {TK_TAB}},
    {"\x7f", {TK_BACKSPACE}},
    {"\033OP", {TK_F(1)}},
    {"\033[11~", {TK_F(1)}},
    {"\033[[A", {TK_F(1)}},
    {"\033[1;5P", {TK_F(1)}},
    {"\033[15~", {TK_F(5)}},
    {"\033[24~", {TK_F(12)}},
    {"\0334", {TK_F(4)}},
    {"\0330", {TK_F(10)}},
    {"\033[A\033OB", {TK_UP, TK_DOWN}},
    {"\033[1;2C", {TK_RIGHT}},
    {"\033[5~\033[6~", {TK_PGUP, TK_PGDN}},
    {"\033[3;5~", {TK_DELETE}},
    {"\033[Z", {TK_BACKTAB}},
    {"\033[999z", {0}}, /* unknown: swallowed whole */
    {"\033[Ia", {'a'}}, /* focus report */
    {"\033[3;7R", {0}}, /* a late answer of the probe is no text */
    {"\xff"
     "a",
     {'a'}}, /* malformed */
    {"\x11", {TK_CTRL('Q')}},
    {"\033", {TK_ESC}},
    {"\033x", {TK_ESC, 'x'}},
    {"\033中", {TK_ESC, 0x4e2d}},
};

static void check_keys(const struct seen *s, const uint32_t *want, const char *how)
{
    int n = 0;
    while (n < 4 && want[n])
        n++;
    ck_assert_msg(s->n == n, "%s: %d keys, not %d", how, s->n, n);
    for (int i = 0; i < n; i++)
        ck_assert_msg(s->keys[i] == want[i], "%s: key %d is %x, not %x", how, i, s->keys[i], want[i]);
}

START_TEST(test_decode)
{
    struct input in;
    struct seen s = {0};
    const char *b = decode[_i].bytes;
    input_init(&in);
    input_feed(&in, b, strlen(b), on_event, &s);
    input_timeout(&in, on_event, &s);
    check_keys(&s, decode[_i].keys, "whole");
    for (size_t cut = 1; cut < strlen(b); cut++) { /* split at every offset */
        memset(&s, 0, sizeof s);
        input_feed(&in, b, cut, on_event, &s);
        input_feed(&in, b + cut, strlen(b) - cut, on_event, &s);
        input_timeout(&in, on_event, &s);
        check_keys(&s, decode[_i].keys, "split");
    }
    input_fini(&in);
}
END_TEST

START_TEST(test_paste)
{
    static const char bytes[] = "\033[200~第一行\r\nsecond \033[31mline\033[201~z";
    struct input in;
    input_init(&in);
    for (size_t cut = 0; cut < sizeof bytes - 1; cut++) {
        struct seen s = {0};
        input_feed(&in, bytes, cut, on_event, &s);
        input_feed(&in, bytes + cut, sizeof bytes - 1 - cut, on_event, &s);
        ck_assert_ptr_nonnull(strstr(s.paste, "第一行\nsecond "));
        ck_assert_ptr_null(strchr(s.paste, '\033'));
        ck_assert_int_eq(s.n, 1);
        ck_assert_int_eq(s.keys[0], 'z');
    }
    input_fini(&in);
}
END_TEST

START_TEST(test_report)
{
    struct input in;
    struct seen s = {0};
    input_init(&in);
    input_expect_report(&in, true);
    input_feed(&in, "\033[1;5R", 6, on_event, &s);
    ck_assert_int_eq(s.reports, 5);
    input_fini(&in);
}
END_TEST

START_TEST(test_huge_paste)
{
    struct input in;
    struct seen s = {0};
    static char big[INPUT_PASTE_MAX + 1000];
    memset(big, 'x', sizeof big);
    input_init(&in);
    input_feed(&in, "\033[200~", 6, on_event, &s);
    input_feed(&in, big, sizeof big, on_event, &s);
    input_feed(&in, "\033[201~a", 7, on_event, &s);
    ck_assert_int_eq(s.n, 1);
    input_fini(&in);
}
END_TEST

START_TEST(test_fold)
{
    static const uint32_t pairs[][2] = {
        {0xff1f, '?'}, {0xff1a, ':'}, {0x3001, '/'},    {0xff41, 'a'}, {0xff11, '1'},
        {0x3000, ' '}, {0x3010, '['}, {0x4e2d, 0x4e2d}, {'a', 'a'},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        ck_assert_uint_eq(input_fold(pairs[i][0]), pairs[i][1]);
}
END_TEST

/* In no context does one key mean two things, and none is one an input method or a text field needs. */
START_TEST(test_keys_unique)
{
    for (unsigned bit = 0; bit < CTX_COUNT; bit++) {
        for (const struct ui_key *a = ui_keys(); a->action != UA_NONE; a++) {
            if (!(a->contexts & (1u << bit)))
                continue;
            const uint32_t keys[] = {a->safe[0], a->safe[1], a->letter[0], a->letter[1]};
            for (int i = 0; i < 4; i++) {
                if (!keys[i])
                    continue;
                ck_assert_msg(i >= 2 || keys[i] < 0x20 || keys[i] >= TK_BASE, "%s: a safe key prints", a->label);
                ck_assert_msg(i < 2 || (keys[i] >= 0x20 && keys[i] < 0x7f), "%s: a letter does not print", a->label);
                ck_assert_uint_ne(keys[i], TK_CTRL('A'));
                ck_assert_uint_ne(keys[i], TK_CTRL('B'));
                for (const struct ui_key *b = a + 1; b->action != UA_NONE; b++) {
                    bool same = (b->contexts & (1u << bit)) && (b->safe[0] == keys[i] || b->safe[1] == keys[i] ||
                                                                b->letter[0] == keys[i] || b->letter[1] == keys[i]);
                    ck_assert_msg(!same, "context %u: %s and %s have the same key", bit, a->label, b->label);
                }
            }
        }
    }
}
END_TEST

/* Whatever has only a letter can be done by the F4 menu, a tab's own key, or the palette there. */
START_TEST(test_keys_safe)
{
    for (const struct ui_key *k = ui_keys(); k->action != UA_NONE; k++) {
        if (k->safe[0])
            continue;
        for (unsigned bit = 0; bit < CTX_COUNT; bit++) {
            if (k->contexts & (1u << bit))
                ck_assert_msg(ui_key_of(UA_PALETTE, 1u << bit) != NULL, "%s has no key that an input method lets through",
                              k->label);
        }
    }
}
END_TEST

START_TEST(test_lookup)
{
    ck_assert_int_eq(ui_keys_lookup(CTX_WORK, 'a', false), UA_ACCEPT);
    ck_assert_int_eq(ui_keys_lookup(CTX_WORK, 'a', true), UA_NONE);
    ck_assert_int_eq(ui_keys_lookup(CTX_WORK, TK_F(1), true), UA_HELP);
    ck_assert_int_eq(ui_keys_lookup(CTX_INTAKE, TK_CTRL('N'), true), UA_SUBMIT_NEW);
    ck_assert_int_eq(ui_keys_lookup(CTX_WORK, TK_CTRL('N'), false), UA_NEW);
}
END_TEST

START_TEST(test_footer_fits)
{
    char line[1024];
    for (unsigned bit = 0; bit < CTX_COUNT; bit++) {
        for (int cols = 10; cols <= 200; cols += 10) {
            ui_keys_footer(1u << bit, cols, NULL, NULL, line, sizeof line);
            ck_assert_int_le(width_str(line), cols);
        }
    }
}
END_TEST

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    Suite *s = suite_create("tui_input");
    TCase *tc = tcase_create("input");
    tcase_add_loop_test(tc, test_decode, 0, sizeof decode / sizeof *decode);
    tcase_add_test(tc, test_paste);
    tcase_add_test(tc, test_report);
    tcase_add_test(tc, test_huge_paste);
    tcase_add_test(tc, test_fold);
    tcase_add_test(tc, test_keys_unique);
    tcase_add_test(tc, test_keys_safe);
    tcase_add_test(tc, test_lookup);
    tcase_add_test(tc, test_footer_fits);
    suite_add_tcase(s, tc);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

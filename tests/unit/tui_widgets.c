/* SPDX-License-Identifier: MIT */
/* Text field, picker, list and bars. */
#include <check.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/ui/bars.h"
#include "client/ui/field.h"
#include "client/ui/list.h"
#include "client/ui/menu.h"
#include "client/ui/picker.h"
#include "common/base/text.h"

static void type(struct field *f, const char *keys)
{
    for (size_t i = 0; keys[i];) {
        uint32_t cp;
        size_t n = text_decode(keys + i, strlen(keys) - i, &cp);
        i += n;
        uint32_t key = cp == '<'    ? TK_LEFT
                       : cp == '>'  ? TK_RIGHT
                       : cp == '#'  ? TK_BACKSPACE
                       : cp == '^'  ? TK_DELETE
                       : cp == '\n' ? TK_ENTER
                                    : cp;
        field_key(f, key, NULL);
    }
}

static const struct {
    const char *keys, *want;
    size_t cursor;
} edits[] = {
    {"abc", "abc", 3},
    {"中文", "中文", 6},
    {"中文<x", "中x文", 4},
    {"中文#", "中", 3},
    {"中文<^", "中", 3},
    {"ab\x01"
     "x",
     "xab", 1},
    {"ab\x01\x05"
     "x",
     "abx", 3},
    {"one two\x17", "one ", 4},
    {"one two\x15", "", 0},
    {"one two<<<\x0b", "one ", 4},
    {"解放路 垃圾\x17", "解放路 ", 10},
    {"e\xcc\x81#", "", 0}, /* a letter and its accent are one */
    {"a<<<<<b", "ba", 1},
    {"12345678901234", "1234567890", 10}, /* the limit counts characters */
    {"一二三四五六七八九十百", "一二三四五六七八九十", 30},
};

START_TEST(test_field)
{
    struct field f;
    ck_assert_int_eq(field_init(&f, 10), 0);
    type(&f, edits[_i].keys);
    ck_assert_str_eq(f.text, edits[_i].want);
    ck_assert_uint_eq(f.cursor, edits[_i].cursor);
    ck_assert(text_is_utf8(f.text, f.len));
    field_fini(&f);
}
END_TEST

START_TEST(test_field_paste)
{
    struct field f;
    ck_assert_int_eq(field_init(&f, 100), 0);
    ck_assert(field_insert(&f, "两\n行\033\x07", strlen("两\n行\033\x07")));
    ck_assert_str_eq(f.text, "两 行");
    field_set(&f, "");
    f.lines = true;
    field_insert(&f, "a\r\nb\tc", 6);
    ck_assert_str_eq(f.text, "a\nb c");
    field_fini(&f);
    ck_assert_int_eq(field_init(&f, 3), 0);
    ck_assert(!field_insert(&f, "abcdef", 6));
    ck_assert_str_eq(f.text, "abc");
    field_fini(&f);
}
END_TEST

static struct term *small(int rows, int cols)
{
    struct err e;
    struct term *t = term_fake_create(rows, cols, &(struct term_options){0}, &e);
    ck_assert_ptr_nonnull(t);
    return t;
}

static void screen_is(struct term *t, const char *want)
{
    term_flush(t);
    char *got = term_fake_dump(t);
    ck_assert_str_eq(got, want);
    free(got);
}

/* The insertion point is always visible, also among wide glyphs. */
START_TEST(test_field_scroll)
{
    struct term *t = small(1, 8);
    struct field f;
    ck_assert_int_eq(field_init(&f, 100), 0);
    type(&f, "一二三四五");
    field_paint(&f, t, 0, 0, 1, 8, true);
    screen_is(t, "[四五__]\n");
    ck_assert_int_eq(t->cursor_col, 5);
    type(&f, "\x01");
    field_paint(&f, t, 0, 0, 1, 8, true);
    screen_is(t, "[一二三]\n");
    ck_assert_int_eq(t->cursor_col, 1);
    field_fini(&f);
    term_destroy(t);
}
END_TEST

START_TEST(test_field_lines)
{
    struct term *t = small(3, 8);
    struct field f;
    ck_assert_int_eq(field_init(&f, 100), 0);
    f.lines = true;
    type(&f, "一二三四\nb");
    field_paint(&f, t, 0, 0, 3, 8, true);
    screen_is(t, "[一二三]\n[四____]\n[b_____]\n");
    ck_assert_int_eq(t->cursor_row, 2);
    ck_assert_int_eq(t->cursor_col, 2);
    type(&f, "\nc\nd");
    field_paint(&f, t, 0, 0, 3, 8, true);
    screen_is(t, "[b_____]\n[c_____]\n[d_____]\n");
    field_fini(&f);
    term_destroy(t);
}
END_TEST

START_TEST(test_field_secret)
{
    struct term *t = small(1, 10);
    struct field f;
    ck_assert_int_eq(field_init(&f, 100), 0);
    f.secret = true;
    type(&f, "密码x");
    field_paint(&f, t, 0, 0, 1, 10, true);
    screen_is(t, "[***_____]\n");
    field_fini(&f);
    term_destroy(t);
}
END_TEST

START_TEST(test_wrap)
{
    size_t next;
    ck_assert_uint_eq(field_wrap("hello big world", 15, 11, &next), 10);
    ck_assert_uint_eq(next, 10);
    ck_assert_uint_eq(field_wrap("一二三", 9, 5, &next), 6);
    ck_assert_uint_eq(field_wrap("a\nb", 3, 5, &next), 1);
    ck_assert_uint_eq(next, 2);
    ck_assert_uint_eq(field_wrap("一", 3, 1, &next), 3); /* goes on even where nothing fits */
}
END_TEST

static const struct picker_item items[] = {
    {.id = "E0102", .text = "乱倒垃圾", .initials = "LDLJ", .aliases = "建筑垃圾 倒垃圾"},
    {.id = "E0103", .text = "垃圾清运", .initials = "LJQY"},
    {.id = "D0102", .text = "邻里纠纷", .initials = "LLJF"},
    {.id = "H0101", .text = "消防隐患", .initials = NULL},
};

static const struct {
    const char *query;
    int n;
    const char *first;
} finds[] = {
    {"", 4, "E0102"},     {"lj", 3, "E0103"},  {"LJ", 3, "E0103"}, {"ldlj", 1, "E0102"}, {"垃圾", 2, "E0103"},
    {"建筑", 1, "E0102"}, {"E01", 2, "E0102"}, {"xf", 1, "H0101"}, {"zzz", 0, NULL},     {"纠", 1, "D0102"},
};

static enum picker_result pick_type(struct picker *p, const char *keys)
{
    enum picker_result r = PICKER_IGNORED;
    for (size_t i = 0; keys[i];) {
        uint32_t cp;
        i += text_decode(keys + i, strlen(keys) - i, &cp);
        r = picker_key(p, cp);
    }
    return r;
}

START_TEST(test_picker)
{
    struct picker p;
    ck_assert_int_eq(picker_init(&p), 0);
    picker_set_items(&p, items, 4);
    pick_type(&p, finds[_i].query);
    ck_assert_uint_eq(p.n_hits, (size_t)finds[_i].n);
    if (finds[_i].first)
        ck_assert_str_eq(picker_choice(&p)->id, finds[_i].first);
    else
        ck_assert_ptr_null(picker_choice(&p));
    picker_fini(&p);
}
END_TEST

START_TEST(test_picker_digits)
{
    struct picker p;
    ck_assert_int_eq(picker_init(&p), 0);
    picker_set_items(&p, items, 4);
    ck_assert_int_eq(pick_type(&p, "lj2"), PICKER_CHOSEN); /* no item matches "lj2" */
    ck_assert_str_eq(picker_choice(&p)->id, "E0102");
    picker_reset(&p);
    ck_assert_int_eq(pick_type(&p, "E 2"), PICKER_CHOSEN); /* after a blank a digit chooses */
    ck_assert_str_eq(picker_choice(&p)->id, "E0103");
    picker_reset(&p);
    ck_assert_int_eq(pick_type(&p, "E01"), PICKER_HANDLED); /* a digit that goes on with a code does not */
    picker_reset(&p);
    ck_assert_int_eq(pick_type(&p, "ｌｊ２"), PICKER_CHOSEN); /* full-width letters, as an input method types them */
    picker_fini(&p);
}
END_TEST

static const char *ids[8];

static const char *id_of(void *arg, size_t i)
{
    return ids[i];
}

START_TEST(test_list)
{
    struct list l;
    const char *before[] = {"a", "b", "c", "d"}, *after[] = {"x", "y", "a", "c", "d"}, *gone[] = {"x", "a", "d"};
    list_init(&l, id_of, NULL);
    memcpy(ids, before, sizeof before);
    list_refresh(&l, 4);
    list_act(&l, UA_DOWN);
    list_act(&l, UA_MARK);
    ck_assert_str_eq(l.selected_id, "c");
    ck_assert_uint_eq(l.n_marks, 1);
    memcpy(ids, after, sizeof after);
    list_refresh(&l, 5); /* two arrived above, the marked one went */
    ck_assert_str_eq(l.selected_id, "c");
    ck_assert_uint_eq(l.selected, 3);
    ck_assert_uint_eq(l.n_marks, 0);
    memcpy(ids, gone, sizeof gone);
    list_refresh(&l, 3); /* the selected one went: stay near */
    ck_assert_uint_eq(l.selected, 2);
    list_refresh(&l, 0);
    list_act(&l, UA_DOWN);
    ck_assert_uint_eq(l.selected, 0);
    list_fini(&l);
}
END_TEST

START_TEST(test_list_window)
{
    struct list l;
    static const char *many[8] = {"1", "2", "3", "4", "5", "6", "7", "8"};
    memcpy(ids, many, sizeof many);
    list_init(&l, id_of, NULL);
    list_refresh(&l, 8);
    ck_assert_uint_eq(list_window(&l, 3), 0);
    list_act(&l, UA_LAST);
    ck_assert_uint_eq(list_window(&l, 3), 5);
    list_act(&l, UA_UP);
    ck_assert_uint_eq(list_window(&l, 3), 5);
    list_act(&l, UA_PAGE_UP);
    list_act(&l, UA_PAGE_UP);
    ck_assert_uint_eq(list_window(&l, 3), 2);
    list_fini(&l);
}
END_TEST

START_TEST(test_bars)
{
    struct term *t = small(3, 10);
    bars_paint(t, 0, 0, 10, 50, 100, -1, 0);
    bars_paint(t, 1, 0, 10, 1, 100000, 90000, 0);
    bars_paint(t, 2, 0, 10, 5, 0, -1, 0);
    screen_is(t, "#####\n#        |\n\n");
    term_destroy(t);
}
END_TEST

START_TEST(test_menu)
{
    struct menu m;
    menu_open(&m, "t");
    menu_add(&m, 7, "seven");
    menu_add(&m, 9, "nine");
    ck_assert_int_eq(menu_key(&m, TK_DOWN), MENU_STAY);
    ck_assert_int_eq(menu_key(&m, TK_ENTER), 9);
    menu_open(&m, "t");
    menu_add(&m, 7, "seven");
    ck_assert_int_eq(menu_key(&m, 0xff11), 7); /* a full-width digit */
    menu_open(&m, "t");
    ck_assert_int_eq(menu_key(&m, TK_ENTER), MENU_STAY);
    ck_assert_int_eq(menu_key(&m, TK_ESC), MENU_LEFT);
    ck_assert(!m.open);
}
END_TEST

/* New items, as from an answer that puts a suggestion first, between looking at the list and pressing Enter. */
START_TEST(test_picker_new_items)
{
    static const struct picker_item before[] = {{.id = "A", .text = "网格中心", .initials = "WGZX"},
                                                {.id = "B", .text = "城管一中队", .initials = "CGYZD"},
                                                {.id = "C", .text = "城管二中队", .initials = "CGEZD"}};
    static const struct picker_item after[] = {{.id = "C", .text = "城管二中队", .initials = "CGEZD"},
                                               {.id = "A", .text = "网格中心", .initials = "WGZX"},
                                               {.id = "B", .text = "城管一中队", .initials = "CGYZD"}};
    struct picker p;
    ck_assert_int_eq(picker_init(&p), 0);
    picker_set_items(&p, before, 3);
    picker_set_items(&p, after, 3);
    ck_assert_str_eq(picker_choice(&p)->id, "C"); /* nobody has touched it: the suggestion stands first */
    picker_set_items(&p, before, 3);
    picker_key(&p, TK_DOWN);
    picker_set_items(&p, after, 3);
    ck_assert_str_eq(picker_choice(&p)->id, "B");
    picker_reset(&p);
    picker_set_items(&p, before, 3);
    picker_paste(&p, "城管", strlen("城管"));
    ck_assert_str_eq(picker_choice(&p)->id, "B");
    picker_set_items(&p, after, 3);
    ck_assert_str_eq(picker_choice(&p)->id, "B");
    picker_set_items(&p, after, 2); /* it is gone: the first that matches */
    ck_assert_str_eq(picker_choice(&p)->id, "C");
    picker_fini(&p);
}
END_TEST

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    Suite *s = suite_create("tui_widgets");
    TCase *tc = tcase_create("widgets");
    tcase_add_loop_test(tc, test_field, 0, sizeof edits / sizeof *edits);
    tcase_add_test(tc, test_field_paste);
    tcase_add_test(tc, test_field_scroll);
    tcase_add_test(tc, test_field_lines);
    tcase_add_test(tc, test_field_secret);
    tcase_add_test(tc, test_wrap);
    tcase_add_loop_test(tc, test_picker, 0, sizeof finds / sizeof *finds);
    tcase_add_test(tc, test_picker_digits);
    tcase_add_test(tc, test_picker_new_items);
    tcase_add_test(tc, test_list);
    tcase_add_test(tc, test_list_window);
    tcase_add_test(tc, test_bars);
    tcase_add_test(tc, test_menu);
    suite_add_tcase(s, tc);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

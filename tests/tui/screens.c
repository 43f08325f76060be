/* SPDX-License-Identifier: MIT */
/* Every screen, whole, in both languages and several sizes. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "screen.h"

static const struct {
    const char *name;
    const char *keys;
    bool logged_out;
} screens[] = {
    {"login", "", true},
    {"work", "", false},
    {"work-menu", "\033[B\033[B\033OS", false},
    {"work-filter", "/zyrm", false},
    {"case", "\033[B\033[B\r", false},
    {"case-dispatch", "\033[B\033[B\r|prhlx", false},
    {"intake", "\033OQ", false},
    {"intake-category", "\033OQlj", false},
    {"report", "3", false},
    {"report-menu", "3\033OS", false},
    {"figure", "3|\033[B\r", false},
    {"outbox", "4", false},
    {"help", "\033OP", false},
    {"palette", "\013", false},
};

static const struct {
    const char *lang;
    int cols, rows;
    bool unicode;
} shapes[] = {
    {"zh_CN", 80, 24, false}, {"en", 80, 24, false}, {"zh_CN", 120, 40, true}, {"en", 120, 40, false}, {"zh_CN", 40, 12, false},
};

enum { SCREENS = sizeof screens / sizeof *screens, SHAPES = sizeof shapes / sizeof *shapes };

START_TEST(test_screen)
{
    struct screen s;
    char name[96];
    int k = _i % SCREENS, h = _i / SCREENS;
    struct screen_options opts = {
        .lang = shapes[h].lang,
        .rows = shapes[h].rows,
        .cols = shapes[h].cols,
        .unicode = shapes[h].unicode,
        .logged_in = !screens[k].logged_out,
    };
    if (shapes[h].rows < 24 && k > 0) /* below the minimum every screen says the same */
        return;
    snprintf(name, sizeof name, "%s.%s.%dx%d", screens[k].name, shapes[h].lang, shapes[h].cols, shapes[h].rows);
    screen_open(&s, &opts);
    /* '|' is where a person would wait for the screen */
    for (const char *at = screens[k].keys; *at;) {
        char part[64];
        size_t n = strcspn(at, "|");
        snprintf(part, sizeof part, "%.*s", (int)n, at);
        screen_type(&s, part);
        at += n + (at[n] == '|');
    }
    screen_compare(&s, name);
    screen_close(&s);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tui_screens");
    TCase *tc = tcase_create("screens");
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, test_screen, 0, SCREENS * SHAPES);
    suite_add_tcase(suite, tc);
    SRunner *r = srunner_create(suite);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
/* Every screen, whole, in both languages and several sizes. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "screen.h"

/* What the city is like. */
enum { RICH = 1, HELPS = 2, STALE = 4, CLASH = 8, RULE = 16, DESK = 32, REFUSES = 64, FIRST_PASSWORD = 128, CODES = 256 };

#define F7    "\033[18~"
#define FIRST "r|g/0412\r|\r|"

static const struct {
    const char *name;
    const char *keys;
    bool logged_out;
    int city;
} screens[] = {
    {"login", "", true, 0},
    {"work", "", false, 0},
    {"work-menu", "\033[B\033[B\033OS", false, 0},
    {"work-filter", "/zyrm", false, 0},
    {"case", "\033[B\033[B\r", false, 0},
    {"case-dispatch", "\033[B\033[B\r|prhlx", false, 0},
    {"intake", "\033OQ", false, 0},
    {"intake-category", "\033OQlj", false, 0},
    {"report", "3", false, 0},
    {"report-menu", "3\033OS", false, 0},
    {"figure", "3|\033[B\r", false, 0},
    {"outbox", "4", false, 0},
    {"help", "\033OP", false, 0},
    {"palette", "\013", false, 0},
    {"work-rich", "r|g", false, RICH},
    {"work-views", "r|gv", false, RICH},
    {"intake-person", "\033OQldlj\r|\033[19~", false, 0},
    {"case-rich", FIRST, false, RICH | HELPS},
    {"case-rich-menu", FIRST "\033OS", false, RICH | HELPS},
    {"case-details", FIRST "\t", false, RICH},
    {"form-extend", FIRST "\033OS|1", false, RICH | HELPS},
    {"form-endorse", FIRST "\033OS|2", false, RICH},
    {"form-escalate", FIRST "\033OS|4|2", false, RICH},
    {"form-urge", FIRST "\033OS|6|3\t", false, RICH},
    {"form-merge", FIRST "\033OS|7", false, RICH | HELPS},
    {"form-dispatch", FIRST "\033OS|8|\r", false, RICH | HELPS},
    {"form-stale", "\033[B\033[B\r|pxfz\r\023|", false, STALE},
    {"form-clash", "\033[B\033[B\r|pxfz\r\023|", false, STALE | CLASH},
    {"explain", FIRST "w", false, RICH | DESK},
    {"explain-absent", FIRST "w", false, RICH},
    {"files", FIRST F7, false, RICH | DESK},
    {"files-add", FIRST F7 F7 "~/", false, RICH | DESK},
    {"inbox", "5", false, DESK},
    {"inbox-kinds", "5|v", false, DESK},
    {"search", "s昆仑大街\r", false, DESK},
    {"search-nothing", "sxx\r", false, DESK},
    {"bulk-tried", "\033[B   a|\023", false, REFUSES},
    {"bulk-done", "\033[B   a|\023|2", false, REFUSES},
    {"password", "wangli\ra first password\r|short\rshort\r", true, FIRST_PASSWORD},
    {"login-code", "wangli\ra good password\r", true, CODES},
    {"form-refused", "\033[B\033[B\r|a|", false, RULE},
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
    s.city.rich = (screens[k].city & RICH) != 0;
    s.city.helps = (screens[k].city & HELPS) != 0;
    s.city.conflict = (screens[k].city & STALE) != 0;
    s.city.clash = (screens[k].city & CLASH) != 0;
    s.city.desk = (screens[k].city & DESK) != 0;
    s.city.bulk_refused = screens[k].city & REFUSES ? 1 : 0;
    s.city.first_password = (screens[k].city & FIRST_PASSWORD) != 0;
    s.city.codes = (screens[k].city & CODES) != 0;
    s.city.rule = screens[k].city & RULE ? "RETURN_LIMIT" : NULL;
    /* '|' is where a person would wait for the screen */
    for (const char *at = screens[k].keys; *at;) {
        char part[64];
        size_t n = strcspn(at, "|");
        snprintf(part, sizeof part, "%.*s", (int)n, at);
        screen_type(&s, part);
        if (screens[k].city & (STALE | RULE))
            screen_rest(&s);
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
    tcase_set_timeout(tc, 240);
    tcase_add_loop_test(tc, test_screen, 0, SCREENS * SHAPES);
    suite_add_tcase(suite, tc);
    SRunner *r = srunner_create(suite);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
#include "client/model/i18n.h"

#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DOMAIN "wangge"

bool i18n_known(const char *lang)
{
    return strcmp(lang, "auto") == 0 || strcmp(lang, "zh_CN") == 0 || strcmp(lang, "en") == 0;
}

bool i18n_console_without_chinese(void)
{
    const char *term = getenv("TERM");
    return term && strcmp(term, "linux") == 0;
}

static bool set(const char *s)
{
    return s && *s;
}

/* The language the environment asks for, in gettext's order. */
static const char *environment_language(void)
{
    static const char *const names[] = {"LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *v = getenv(names[i]);
        if (set(v))
            return strncmp(v, "zh", 2) == 0 ? "zh_CN" : "en";
    }
    return "en";
}

static void use_locale(int category)
{
    if (!setlocale(category, ""))
        setlocale(category, "C.UTF-8");
}

static bool has_catalogue(const char *folder)
{
    char path[PATH_MAX];
    int n = snprintf(path, sizeof path, "%s/zh_CN/LC_MESSAGES/" DOMAIN ".mo", folder);
    return n > 0 && (size_t)n < sizeof path && access(path, R_OK) == 0;
}

/* Where the catalogues are: told, installed, or in the build tree the program was started from. */
static void bind_catalogue(void)
{
    const char *told = getenv("WANGGE_LOCALEDIR");
    if (set(told)) {
        bindtextdomain(DOMAIN, told);
        return;
    }
    if (!has_catalogue(WANGGE_LOCALEDIR)) {
        char exe[PATH_MAX];
        ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
        if (n > 0) {
            exe[n] = '\0';
            /* BUILD/client/cli/wangge or BUILD/tests/unit/test_x: three names up, then po */
            for (int up = 0; up < 3; up++) {
                char *slash = strrchr(exe, '/');
                if (!slash)
                    break;
                *slash = '\0';
            }
            char folder[PATH_MAX];
            int m = snprintf(folder, sizeof folder, "%s/po", exe);
            if (m > 0 && (size_t)m < sizeof folder && has_catalogue(folder)) {
                bindtextdomain(DOMAIN, folder);
                return;
            }
        }
    }
    bindtextdomain(DOMAIN, WANGGE_LOCALEDIR);
}

void i18n_init(const char *lang)
{
    use_locale(LC_CTYPE);
    use_locale(LC_MESSAGES);
    use_locale(LC_TIME);
    if (MB_CUR_MAX == 1)
        setlocale(LC_CTYPE, "C.UTF-8");
    if (!lang || strcmp(lang, "auto") == 0) {
        lang = environment_language();
        if (isatty(STDOUT_FILENO) && i18n_console_without_chinese())
            lang = "en";
    }
    /* gettext ignores LANGUAGE only while the locale of messages is plain "C". */
    const char *messages = setlocale(LC_MESSAGES, NULL);
    if (!messages || strcmp(messages, "C") == 0 || strcmp(messages, "POSIX") == 0)
        setlocale(LC_MESSAGES, "C.UTF-8");
    setenv("LANGUAGE", lang, 1);
    bind_catalogue();
    bind_textdomain_codeset(DOMAIN, "UTF-8");
    textdomain(DOMAIN);
}

const char *i18n_language(void)
{
    /* The catalogue answers itself, so this can never disagree with what is printed. */
    return strcmp(C_("language of this catalogue", "en"), "zh_CN") == 0 ? "zh_CN" : "en";
}

bool i18n_chinese(void)
{
    return strcmp(i18n_language(), "zh_CN") == 0;
}

bool i18n_locale_replaced(void)
{
    const char *asked = getenv("LC_ALL");
    if (!set(asked))
        asked = getenv("LC_CTYPE");
    if (!set(asked))
        asked = getenv("LANG");
    const char *now = setlocale(LC_CTYPE, NULL);
    return !now || strcmp(now, "C.UTF-8") != 0 ? false : !set(asked) || strncmp(asked, "C.", 2) != 0;
}

const char *i18n_context(const char *msgid)
{
    const char *text = gettext(msgid);
    if (text != msgid)
        return text;
    const char *end = strchr(msgid, '\004');
    return end ? end + 1 : msgid;
}

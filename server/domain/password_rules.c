/* SPDX-License-Identifier: MIT */
/*
 * How many characters are the person's own is found by covering the password, in lower case and with the usual substitutions
 * (@ for a, 0 for o, …) undone, so that as few as possible stay uncovered: one pass from left to right over a table.
 */
#include "server/domain/password_rules.h"

#include <string.h>

#include "common/base/text.h"

enum { WORD_MIN = 2, WORD_MAX = 24, RUN_MIN = 3, BYTES_MAX = PASSWORD_LENGTH_MAX * 4 };

/* The sorted list, a word a line. Made from schema/data/common_passwords.txt. */
extern const unsigned char common_passwords[];
extern const size_t common_passwords_len;

void password_policy_default(struct password_policy *ret)
{
    *ret =
        (struct password_policy){.min_length = 12, .min_classes = 3, .refuse_common = true, .max_age_days = 90, .history = 5};
}

int password_policy_check(const struct password_policy *p, struct err *e)
{
    if (p->min_length < PASSWORD_POLICY_LENGTH_MIN || p->min_length > PASSWORD_POLICY_LENGTH_MAX)
        return err_field(e, ERR_INVALID, "policy.min_length", "The least length is %d to %d characters.",
                         (int)PASSWORD_POLICY_LENGTH_MIN, (int)PASSWORD_POLICY_LENGTH_MAX);
    if (p->min_classes < 1 || p->min_classes > 4)
        return err_field(e, ERR_INVALID, "policy.min_classes", "1 to 4 kinds of characters can be asked for.");
    if (p->max_age_days < 0 || p->max_age_days > PASSWORD_POLICY_AGE_MAX)
        return err_field(e, ERR_INVALID, "policy.max_age_days", "The age is 0 (never too old) to %d days.",
                         (int)PASSWORD_POLICY_AGE_MAX);
    if (p->history < 0 || p->history > PASSWORD_POLICY_HISTORY_MAX)
        return err_field(e, ERR_INVALID, "policy.history", "The history is 0 to %d passwords.",
                         (int)PASSWORD_POLICY_HISTORY_MAX);
    return 0;
}

static int compare_word(const unsigned char *line, size_t line_len, const char *word, size_t len)
{
    int c = memcmp(line, word, line_len < len ? line_len : len);
    return c ? c : (line_len > len) - (line_len < len);
}

bool password_is_common_word(const char *word, size_t len)
{
    size_t lo = 0, hi = common_passwords_len;

    while (lo < hi) {
        size_t start = lo + (hi - lo) / 2;
        const unsigned char *end;
        size_t line_len;
        int c;
        while (start > lo && common_passwords[start - 1] != '\n')
            start--;
        end = memchr(common_passwords + start, '\n', common_passwords_len - start);
        line_len = end ? (size_t)(end - (common_passwords + start)) : common_passwords_len - start;
        c = compare_word(common_passwords + start, line_len, word, len);
        if (c == 0)
            return true;
        if (c < 0)
            lo = start + line_len + 1;
        else
            hi = start;
    }
    return false;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* The letter that a sign commonly stands for. */
static char plain(char c)
{
    static const char from[] = "@4$5013!|7+", to[] = "aassoleiltt";
    const char *at = c ? strchr(from, c) : NULL;
    return at ? to[at - from] : c;
}

/* Whether b follows a along the alphabet, the digits or a row of the keyboard: 1, -1, or 0 if it does not; 2 if it is the same.
 */
static int step_of(char a, char b)
{
    static const char *const rows[] = {"`1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./", "!@#$%^&*()_+"};

    if (a == b)
        return 2;
    if ((is_digit(a) && is_digit(b)) || (a >= 'a' && a <= 'z' && b >= 'a' && b <= 'z')) {
        if (b == a + 1 || b == a - 1)
            return b - a;
    }
    for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
        const char *x = strchr(rows[r], a), *y = strchr(rows[r], b);
        if (x && y && (y == x + 1 || y == x - 1))
            return (int)(y - x);
    }
    return 0;
}

static int number(const char *s, size_t n)
{
    int v = 0;
    for (size_t i = 0; i < n; i++)
        v = v * 10 + (s[i] - '0');
    return v;
}

/* A date as yyyymmdd, yyyymm, yymmdd, a year, or a mobile number; how many digits it takes, 0 if none begins here. */
static size_t number_at(const char *s, size_t len)
{
    size_t n = 0;

    while (n < len && is_digit(s[n]))
        n++;
    if (n >= 11 && s[0] == '1' && s[1] >= '3')
        return 11;
    if (n >= 4 && number(s, 4) >= 1930 && number(s, 4) <= 2039) {
        bool month = n >= 6 && number(s + 4, 2) >= 1 && number(s + 4, 2) <= 12;
        if (month && n >= 8 && number(s + 6, 2) >= 1 && number(s + 6, 2) <= 31)
            return 8;
        return month ? 6 : 4;
    }
    if (n >= 6 && number(s + 2, 2) >= 1 && number(s + 2, 2) <= 12 && number(s + 4, 2) >= 1 && number(s + 4, 2) <= 31)
        return 6;
    return 0;
}

/* Lets the cover of the first i bytes go on by n bytes at no cost. */
static void take(int *cost, size_t i, size_t n)
{
    if (cost[i] < cost[i + n])
        cost[i + n] = cost[i];
}

int password_own_chars(const char *password)
{
    char low[BYTES_MAX + 1], undone[BYTES_MAX + 1];
    int cost[BYTES_MAX + 1];
    size_t len = strnlen(password, BYTES_MAX);

    for (size_t i = 0; i < len; i++) {
        low[i] = lower(password[i]);
        undone[i] = plain(low[i]);
    }
    low[len] = undone[len] = '\0';
    cost[0] = 0;
    for (size_t i = 1; i <= len; i++)
        cost[i] = BYTES_MAX + 1;
    for (size_t i = 0; i < len; i++) {
        /* One's own character; the further bytes of one in UTF-8 are free. */
        int own = cost[i] + (((unsigned char)low[i] & 0xC0) != 0x80);
        size_t n;
        int step;
        if (own < cost[i + 1])
            cost[i + 1] = own;
        for (n = WORD_MIN; n <= WORD_MAX && i + n <= len; n++)
            if (password_is_common_word(low + i, n) || password_is_common_word(undone + i, n))
                take(cost, i, n);
        step = step_of(low[i], i + 1 < len ? low[i + 1] : '\0');
        for (n = 2; step && i + n <= len; n++) {
            if (n >= RUN_MIN)
                take(cost, i, n);
            if (i + n == len || step_of(low[i + n - 1], low[i + n]) != step)
                break;
        }
        n = number_at(low + i, len - i);
        if (n)
            take(cost, i, n);
    }
    return cost[len];
}

static int classes_of(const char *s)
{
    bool upper = false, small = false, digit = false, other = false;

    for (; *s; s++) {
        if (*s >= 'A' && *s <= 'Z')
            upper = true;
        else if (*s >= 'a' && *s <= 'z')
            small = true;
        else if (is_digit(*s))
            digit = true;
        else
            other = true;
    }
    return upper + small + digit + other;
}

/* Whether the login, if it is long enough to be a word, stands in the password. */
static bool holds_login(const char *password, const char *login)
{
    size_t n = strlen(login), len = strlen(password);

    if (n < RUN_MIN)
        return false;
    for (size_t i = 0; i + n <= len; i++) {
        size_t k = 0;
        while (k < n && lower(password[i + k]) == lower(login[k]))
            k++;
        if (k == n)
            return true;
    }
    return false;
}

int password_rules_check(const struct password_policy *p, const char *field, const char *password, const char *login,
                         struct err *e)
{
    size_t chars = text_chars(password, strlen(password));

    if (chars < (size_t)p->min_length || chars > PASSWORD_LENGTH_MAX)
        return err_field(e, ERR_INVALID, field, "A new password has %d to %d characters.", p->min_length,
                         (int)PASSWORD_LENGTH_MAX);
    if (classes_of(password) < p->min_classes)
        return err_field(e, ERR_INVALID, field,
                         "A new password has at least %d of these kinds of characters: upper case, lower case, digits, others.",
                         p->min_classes);
    if (!p->refuse_common)
        return 0;
    if (holds_login(password, login))
        return err_field(e, ERR_INVALID, field, "The password holds the login; choose one that does not.");
    if (password_own_chars(password) < PASSWORD_OWN_MIN)
        return err_field(e, ERR_INVALID, field,
                         "The password is made of common words, sequences or dates; add words of your own.");
    return 0;
}

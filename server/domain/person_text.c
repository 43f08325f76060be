/* SPDX-License-Identifier: MIT */
/*
 * Mobile and ID numbers that somebody wrote into a free text. A text is read as groups of digits (half or full width); groups
 * that one blank or hyphen joins are one number if their lengths are those in which people write such a number.
 */
#include <string.h>

#include "server/domain/person.h"

enum { MAX_GROUPS = 5 };

/* Lengths of the groups of a number, 0 after the last. */
static const unsigned char mobile_shapes[][MAX_GROUPS] = {{11},   {3, 4, 4}, {4, 3, 4}, {3, 8},
                                                          {7, 4}, {5, 6},    {3, 3, 5}, {3, 2, 2, 4}};
static const unsigned char id_shapes[][MAX_GROUPS] = {{18},    {6, 8, 4},  {6, 4, 4, 4},   {6, 12},
                                                      {14, 4}, {10, 4, 4}, {3, 3, 4, 4, 4}};

/* A run of digits in a text. */
struct group {
    const char *begin;
    const char *end;
    int n;
};

/* Bytes of the digit at s and its value; 0 if there is none. */
static int digit_at(const char *s, int *value)
{
    if (*s >= '0' && *s <= '9') {
        *value = *s - '0';
        return 1;
    }
    /* U+FF10 to U+FF19. */
    if (s[0] == '\xEF' && s[1] == '\xBC' && (unsigned char)s[2] >= 0x90 && (unsigned char)s[2] <= 0x99) {
        *value = (unsigned char)s[2] - 0x90;
        return 3;
    }
    return 0;
}

/* The X a resident's number may end in, half or full width, either case. */
static int x_at(const char *s)
{
    if (*s == 'X' || *s == 'x')
        return 1;
    return strncmp(s, "Ｘ", 3) == 0 || strncmp(s, "ｘ", 3) == 0 ? 3 : 0;
}

static bool read_group(const char *s, struct group *ret)
{
    int value;
    *ret = (struct group){.begin = s, .end = s};
    for (int step; (step = digit_at(ret->end, &value)) > 0; ret->end += step)
        ret->n++;
    return ret->n > 0;
}

/* The group that one blank or hyphen joins to g. */
static bool read_next(const struct group *g, struct group *ret)
{
    const char *s = g->end;
    if (*s == ' ' || *s == '-')
        s++;
    else if (strncmp(s, "　", 3) == 0 || strncmp(s, "－", 3) == 0)
        s += 3;
    else
        return false;
    return read_group(s, ret);
}

/* Copies the digits of n groups. */
static void digits_of(const struct group *g, int n, char *out)
{
    for (int i = 0; i < n; i++) {
        int value = 0;
        for (const char *s = g[i].begin; s < g[i].end; s += digit_at(s, &value)) {
            (void)digit_at(s, &value);
            *out++ = (char)('0' + value);
        }
    }
}

static bool has_shape(const struct group *g, int n_groups, const unsigned char shape[MAX_GROUPS], int last_less, int *ret_n)
{
    int n = 0;
    while (n < MAX_GROUPS && shape[n])
        n++;
    if (n > n_groups)
        return false;
    for (int i = 0; i < n; i++) {
        if (g[i].n != shape[i] - (i == n - 1 ? last_less : 0))
            return false;
    }
    *ret_n = n;
    return true;
}

static bool is_mobile(const struct group *g, int n)
{
    char d[12] = "";
    digits_of(g, n, d);
    return d[0] == '1' && d[1] >= '3';
}

/* Mistyped ones too: the check digit is not asked, the birth date is, because case numbers have as many digits. */
static bool is_resident_id(const struct group *g, int n)
{
    char d[20] = "";
    digits_of(g, n, d);
    int century = (d[6] - '0') * 10 + d[7] - '0';
    int month = (d[10] - '0') * 10 + d[11] - '0';
    int day = (d[12] - '0') * 10 + d[13] - '0';
    return d[0] != '0' && (century == 19 || century == 20) && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/* A number found in a text: its groups, and how many digits at both ends stay. */
struct found {
    struct group g[MAX_GROUPS];
    int n;
    int digits;
    int x; /* bytes of an X behind them */
    int head;
    int tail;
};

/* True if a number begins with the group at s. */
static bool find_number(const char *s, struct found *ret)
{
    int n = 0;
    if (!read_group(s, &ret->g[0]))
        return false;
    for (n = 1; n < MAX_GROUPS && read_next(&ret->g[n - 1], &ret->g[n]); n++)
        ;
    for (size_t i = 0; i < sizeof mobile_shapes / sizeof mobile_shapes[0]; i++) {
        if (has_shape(ret->g, n, mobile_shapes[i], 0, &ret->n) && is_mobile(ret->g, ret->n)) {
            ret->digits = 11;
            ret->x = 0;
            ret->head = 3;
            ret->tail = 4;
            return true;
        }
    }
    for (size_t i = 0; i < sizeof id_shapes / sizeof id_shapes[0]; i++) {
        for (int less = 0; less < 2; less++) {
            if (!has_shape(ret->g, n, id_shapes[i], less, &ret->n) || !is_resident_id(ret->g, ret->n))
                continue;
            ret->x = less ? x_at(ret->g[ret->n - 1].end) : 0;
            if (less && !ret->x)
                continue;
            ret->digits = 18 - less;
            ret->head = 4;
            ret->tail = 4 - less;
            return true;
        }
    }
    /* 86 before a mobile number, written without a gap. */
    static const char *const prefixes[] = {"0086", "86"};
    for (size_t i = 0; i < 2; i++) {
        int len = (int)strlen(prefixes[i]);
        if (strncmp(s, prefixes[i], (size_t)len) != 0 || ret->g[0].n <= len)
            continue;
        ret->g[0].begin += len;
        ret->g[0].n -= len;
        for (size_t k = 0; k < sizeof mobile_shapes / sizeof mobile_shapes[0]; k++) {
            if (has_shape(ret->g, n, mobile_shapes[k], 0, &ret->n) && is_mobile(ret->g, ret->n)) {
                ret->digits = 11;
                ret->x = 0;
                ret->head = 3;
                ret->tail = 4;
                return true;
            }
        }
        ret->g[0].begin -= len;
        ret->g[0].n += len;
    }
    return false;
}

/* Copies what find_number found, up to the end of its last group, and returns where the copy ends. */
static char *copy_masked(const char *from, const struct found *f, char *out)
{
    int seen = 0;
    const char *end = f->g[f->n - 1].end;
    for (const char *s = from; s < end;) {
        int value;
        int step = digit_at(s, &value);
        bool counts = step && s >= f->g[0].begin;
        if (counts && seen >= f->head && seen < f->digits - f->tail)
            *out++ = '*';
        else
            for (int i = 0; i < (step ? step : 1); i++)
                *out++ = s[i];
        seen += counts;
        s += step ? step : 1;
    }
    return out;
}

/* Finds the first number at or behind s; *ret_from is where its first group begins, prefix included. */
static bool find_first(const char *s, struct found *ret, const char **ret_from)
{
    int value;
    while (*s) {
        int step = digit_at(s, &value);
        if (!step) {
            s++;
            continue;
        }
        if (find_number(s, ret)) {
            *ret_from = s;
            return true;
        }
        struct group g;
        (void)read_group(s, &g);
        s = g.end;
    }
    return false;
}

bool person_text_holds_any(const char *text)
{
    struct found f;
    const char *from;
    return find_first(text, &f, &from);
}

void person_mask_text(const char *text, char *out)
{
    struct found f;
    const char *from;
    while (find_first(text, &f, &from)) {
        memcpy(out, text, (size_t)(from - text));
        out = copy_masked(from, &f, out + (from - text));
        text = f.g[f.n - 1].end;
    }
    memcpy(out, text, strlen(text) + 1);
}

/* SPDX-License-Identifier: MIT */
/* The values of a person: validity, forms and masks. Texts of others are in person_text.c. */
#include "server/domain/person.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/text.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int number_of(const char *s, int n)
{
    int v = 0;
    for (int i = 0; i < n; i++)
        v = v * 10 + (s[i] - '0');
    return v;
}

/* Forms ------------------------------------------------------------------------------------------------------------------- */

/* Half-width for full-width ASCII; 0 for what separates names and digits. */
static uint32_t fold(uint32_t cp)
{
    if (cp >= 0xFF01 && cp <= 0xFF5E)
        cp -= 0xFEE0;
    if (cp <= ' ' || cp == 0xA0 || cp == 0x3000 || cp == 0x2003 || cp == 0xB7 || cp == 0x2022 || cp == 0x30FB)
        return 0;
    return cp >= 'A' && cp <= 'Z' ? cp + ('a' - 'A') : cp;
}

bool person_name_form(const char *s, char *out)
{
    size_t len = strlen(s);
    size_t n = 0;
    int chars = 0;
    *out = 0;
    for (size_t pos = 0; pos < len;) {
        uint32_t cp;
        size_t step = text_decode(s + pos, len - pos, &cp);
        if (step == 0)
            return *out = 0, false;
        pos += step;
        cp = fold(cp);
        if (cp == 0)
            continue;
        if (++chars > PERSON_NAME_MAX)
            return *out = 0, false;
        n += text_encode(cp, out + n);
    }
    out[n] = 0;
    return n > 0;
}

/* The digits of a number of at most PERSON_PHONE_MAX characters; *plus: it began with '+'. Returns how many, or -1. */
static int phone_digits(const char *s, char digits[PERSON_PHONE_MAX + 1], bool *plus)
{
    int n = 0;
    *plus = false;
    for (const char *p = s; *p; p++) {
        if (p - s >= PERSON_PHONE_MAX)
            return -1;
        if (is_digit(*p))
            digits[n++] = *p;
        else if (*p == '+' && p == s)
            *plus = true;
        else if (*p != '-' && *p != ' ')
            return -1;
    }
    digits[n] = 0;
    return n;
}

static bool is_mobile(const char *d, int n)
{
    return n == 11 && d[0] == '1' && d[1] >= '3';
}

/* Digits of the area code a landline begins with, or 0. */
static int area_len(const char *d, int n)
{
    if (n < 10 || d[0] != '0')
        return 0;
    if ((d[1] == '1' && d[2] == '0') || d[1] == '2')
        return 3;
    return d[1] >= '3' && d[1] <= '9' ? 4 : 0;
}

static bool is_landline(const char *d, int n)
{
    int area = area_len(d, n);
    int local = n - area;
    return (local == 7 || local == 8) && d[area] >= '2' && d[area] <= '9' && (area != 3 || local == 8);
}

/* 400 and 800 numbers, which a firm gives as its own. */
static bool is_service(const char *d, int n)
{
    return n == 10 && (d[0] == '4' || d[0] == '8') && d[1] == '0' && d[2] == '0';
}

/* Takes an extension ("0459-6601234-802") off the digits. */
static int without_extension(const char *s, const char *d, int n)
{
    const char *last = strrchr(s, '-');
    int ext = last ? (int)strlen(last + 1) : 0;
    if (!last || last == s || ext < 1 || ext > 5 || strspn(last + 1, "0123456789") != (size_t)ext)
        return n;
    return area_len(d, n - ext) && is_landline(d, n - ext) ? n - ext : n;
}

bool person_phone_form(const char *s, char *out)
{
    char buf[PERSON_PHONE_MAX + 1];
    const char *d = buf;
    bool plus;
    int n = phone_digits(s, buf, &plus);
    *out = 0;
    if (n <= 0)
        return false;
    /* +86, 0086, and 86 before a mobile number, are home. */
    if (n > 2 && strncmp(d, "86", 2) == 0 && (plus || is_mobile(d + 2, n - 2))) {
        d += 2;
        n -= 2;
        plus = false;
        /* +86 459 6601234: the area code lost its zero on the way. */
        if (!is_mobile(d, n) && d[0] != '0' && n >= 9 && n <= 11) {
            out[0] = '0';
            memcpy(out + 1, d, (size_t)n + 1);
            if (is_landline(out, n + 1))
                return true;
            *out = 0;
        }
    } else if (n > 4 && strncmp(d, "0086", 4) == 0) {
        d += 4;
        n -= 4;
    }
    bool foreign = plus && n >= 7 && n <= 15 && d[0] != '0';
    if (!plus)
        n = without_extension(s, d, n);
    if (!foreign && !is_mobile(d, n) && !is_landline(d, n) && !is_service(d, n))
        return false;
    if (foreign)
        *out++ = '+';
    memcpy(out, d, (size_t)n);
    out[n] = 0;
    return true;
}

bool person_id_form(const char *s, char *out)
{
    int n = 0;
    *out = 0;
    for (const char *p = s; *p; p++) {
        if (*p == ' ' || *p == '-')
            continue;
        bool ok = is_digit(*p) || (*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z') || *p == '(' || *p == ')';
        if (!ok || n >= PERSON_ID_MAX)
            return *out = 0, false;
        out[n++] = *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') : *p;
    }
    out[n] = 0;
    return n >= 5;
}

/* Validity ---------------------------------------------------------------------------------------------------------------- */

/* GB/T 2260: first two digits of the county of registration. */
static bool is_province(int code)
{
    static const unsigned char known[] = {11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43,
                                          44, 45, 46, 50, 51, 52, 53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83, 91};
    return memchr(known, code, sizeof known) != NULL;
}

static bool looks_like_resident_id(const char *id)
{
    return strlen(id) == 18 && strspn(id, "0123456789") >= 17 && (is_digit(id[17]) || id[17] == 'X' || id[17] == 'x');
}

static bool is_birth_date(const char *id, int32_t today)
{
    int year = number_of(id + 6, 4);
    int month = number_of(id + 10, 2);
    int day = number_of(id + 12, 2);
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < 1850 || month < 1 || month > 12 || day < 1)
        return false;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return day <= days[month - 1] + (month == 2 && leap) && clock_days_from_civil(year, month, day) <= today;
}

bool person_id_is_valid(const char *id, int32_t today)
{
    static const int weights[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    if (!looks_like_resident_id(id) || !is_province(number_of(id, 2)) || !is_birth_date(id, today))
        return false;
    int sum = 0;
    for (int i = 0; i < 17; i++)
        sum += (id[i] - '0') * weights[i];
    char expected = "10X98765432"[sum % 11];
    return expected == id[17] || (expected == 'X' && id[17] == 'x');
}

/* Length, no control characters, no mask. */
static int check_text(const char *s, size_t max, const char *field, struct err *e)
{
    size_t chars = text_chars(s, strlen(s));
    if (chars > max)
        return err_field(e, ERR_INVALID, field, "%s has %zu characters; at most %zu are allowed.", field, chars, max);
    if (strchr(s, '*'))
        return err_field(e, ERR_INVALID, field, "%s is masked. Give the whole value, or leave the people as they are.", field);
    for (const char *p = s; *p; p++) {
        if ((unsigned char)*p < ' ' || *p == 0x7F)
            return err_field(e, ERR_INVALID, field, "%s holds a control character or a line break. Write it in one line.",
                             field);
    }
    return 0;
}

static int check_id(const char *id, const char *field, int32_t today, struct err *e)
{
    char form[PERSON_FORM_SIZE];
    if (!*id)
        return 0;
    if (!person_id_form(id, form))
        return err_field(e, ERR_INVALID, field, "%s must have 5 to %d letters and digits.", field, PERSON_ID_MAX);
    if (!looks_like_resident_id(form) || person_id_is_valid(form, today))
        return 0;
    if (!is_province(number_of(form, 2)))
        return err_field(e, ERR_INVALID, field, "%s begins with a region that does not exist. Compare it with the document.",
                         field);
    if (!is_birth_date(form, today))
        return err_field(e, ERR_INVALID, field, "%s has no valid birth date. Compare it with the document.", field);
    return err_field(e, ERR_INVALID, field,
                     "The check digit of %s is wrong: a digit is mistyped. Compare it with the document.", field);
}

int person_check(const struct person *p, int index, int32_t today, struct err *e)
{
    char field[48];
    char form[PERSON_FORM_SIZE];
    const struct {
        const char *name;
        const char *value;
        size_t max;
    } parts[] = {
        {"name", p->name, PERSON_NAME_MAX},
        {"phone", p->phone, PERSON_PHONE_MAX},
        {"id_number", p->id_number, PERSON_ID_MAX},
        {"address", p->address, PERSON_ADDRESS_MAX},
    };
    (void)snprintf(field, sizeof field, "people[%d].kind", index);
    if (p->kind <= PERSON_NONE || p->kind >= PERSON_KIND_COUNT)
        return err_field(e, ERR_INVALID, field, "%s must be REPORTER, PARTY or CONTACT.", field);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        (void)snprintf(field, sizeof field, "people[%d].%s", index, parts[i].name);
        int rc = check_text(parts[i].value, parts[i].max, field, e);
        if (rc)
            return rc;
    }
    (void)snprintf(field, sizeof field, "people[%d].name", index);
    if (!*p->name && !*p->phone && !*p->id_number)
        return err_field(e, ERR_INVALID, field, "people[%d] needs a name, a phone number or an ID number.", index);
    if (*p->name && !person_name_form(p->name, form))
        return err_field(e, ERR_INVALID, field, "%s has nothing but blanks.", field);
    (void)snprintf(field, sizeof field, "people[%d].phone", index);
    if (*p->phone && !person_phone_form(p->phone, form))
        return err_field(e, ERR_INVALID, field,
                         "%s is neither a mobile number of 11 digits nor a landline with or without area code.", field);
    (void)snprintf(field, sizeof field, "people[%d].id_number", index);
    return check_id(p->id_number, field, today, e);
}

/* Masks ------------------------------------------------------------------------------------------------------------------- */

void person_mask_name(const char *s, char *out)
{
    size_t len = strlen(s);
    uint32_t cp;
    size_t first = text_decode(s, len, &cp);
    size_t chars = text_chars(s, len);
    size_t n = 0;
    if (chars > 1) {
        memcpy(out, s, first);
        n = first;
        chars--;
    }
    memset(out + n, '*', chars);
    out[n + chars] = 0;
}

void person_mask_phone(const char *s, char *out)
{
    char form[PERSON_FORM_SIZE];
    if (person_phone_form(s, form)) {
        int n = (int)strlen(form);
        if (is_mobile(form, n)) {
            memcpy(out, form, 3);
            memcpy(out + 3, "****", 4);
            memcpy(out + 7, form + 7, 5);
            return;
        }
    }
    int digits = 0;
    for (const char *p = s; *p; p++)
        digits += is_digit(*p);
    int head = area_len(form, (int)strlen(form));
    int seen = 0;
    /* The area code as it was written; with another prefix before it nothing is left of the head. */
    if (!is_digit(*s) || *s != '0' || s[1] == '0')
        head = 0;
    for (; *s; s++) {
        bool hide = is_digit(*s) && seen >= head && seen < digits - 2;
        seen += is_digit(*s);
        *out++ = hide ? '*' : *s;
    }
    *out = 0;
}

void person_mask_id(const char *s, char *out)
{
    size_t len = strlen(s);
    size_t head = len >= 16 ? 4 : len >= 6 ? 1 : 0;
    size_t tail = len >= 16 ? 4 : len >= 6 ? 2 : 0;
    for (size_t i = 0; i < len; i++) {
        /* A document may be written with other bytes than it should; a character is hidden whole. */
        out[i] = (i < head || i >= len - tail) && (unsigned char)s[i] < 0x80 ? s[i] : '*';
    }
    out[len] = 0;
}

static bool starts(const char *s, const char *word)
{
    return strncmp(s, word, strlen(word)) == 0;
}

/* Bytes of the name of a road or community that ends at s, or 0. */
static size_t road_end(const char *s)
{
    static const char *const ends[] = {"社区", "大道", "胡同", "路", "街", "巷", "弄", "村", "屯"};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        size_t len = strlen(ends[i]);
        if (!starts(s, ends[i]))
            continue;
        /* 街道 is a township, 让胡路区 a county: neither ends a road. */
        return starts(s + len, "道") || starts(s + len, "区") ? 0 : len;
    }
    return 0;
}

void person_mask_address(const char *s, char *out)
{
    static const char *const wider[] = {"街道", "省", "市", "区", "县", "镇", "乡", "旗"};
    size_t len = strlen(s);
    size_t keep = 0;
    for (size_t pos = 0; pos < len;) {
        uint32_t cp;
        size_t step = text_decode(s + pos, len - pos, &cp);
        size_t road = road_end(s + pos);
        if (road && pos > 0) {
            keep = pos + road;
            break;
        }
        /* House numbers begin: what is behind them is nearer than a road. */
        if (step == 0 || (cp >= '0' && cp <= '9') || (cp >= 0xFF10 && cp <= 0xFF19))
            break;
        for (size_t i = 0; i < sizeof wider / sizeof wider[0]; i++) {
            /* 小区 is where somebody lives, not where a district is. */
            bool estate = pos >= 3 && starts(s + pos, "区") && starts(s + pos - 3, "小");
            if (pos > 0 && !estate && starts(s + pos, wider[i]))
                keep = pos + strlen(wider[i]);
        }
        pos += step;
    }
    memcpy(out, s, keep);
    memcpy(out + keep, keep < len ? "***" : "", keep < len ? 4 : 1);
}

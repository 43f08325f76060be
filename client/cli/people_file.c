/* SPDX-License-Identifier: MIT */
#include "client/cli/people_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "client/model/i18n.h"
#include "common/base/text.h"

/* Strings are decoded where they stand: decoded they are never longer. */
struct reader {
    char *at;
    int line;
};

bool people_file_kind(const char *word, Wangge__V1__PersonKind *ret)
{
    static const char *const words[] = {"", "reporter", "party", "contact"};
    for (int i = 1; i < 4; i++) {
        if (strcmp(word, words[i]) == 0) {
            *ret = (Wangge__V1__PersonKind)i;
            return true;
        }
    }
    return false;
}

static void skip_blanks(struct reader *r)
{
    for (; *r->at == ' ' || *r->at == '\t' || *r->at == '\r' || *r->at == '\n'; r->at++)
        r->line += *r->at == '\n';
}

static bool take(struct reader *r, char ch)
{
    skip_blanks(r);
    if (*r->at != ch)
        return false;
    r->at++;
    return true;
}

/* Four hexadecimal digits, or -1. */
static long hex4(const char *s)
{
    long v = 0;
    for (int i = 0; i < 4; i++) {
        const char *digits = "0123456789abcdef";
        const char *p = s[i] ? strchr(digits, s[i] >= 'A' && s[i] <= 'F' ? s[i] + ('a' - 'A') : s[i]) : NULL;
        if (!p)
            return -1;
        v = v * 16 + (p - digits);
    }
    return v;
}

/* \uXXXX, both halves of a pair; 0 if it is malformed. s is behind the 'u'. */
static size_t unescape_u(const char *s, char out[4], size_t *ret_len)
{
    long cp = hex4(s);
    size_t used = 4;
    if (cp >= 0xD800 && cp < 0xDC00 && s[4] == '\\' && s[5] == 'u') {
        long low = hex4(s + 6);
        if (low < 0xDC00 || low > 0xDFFF)
            return 0;
        cp = 0x10000 + (cp - 0xD800) * 0x400 + (low - 0xDC00);
        used = 10;
    }
    if (cp <= 0 || (cp >= 0xD800 && cp < 0xE000))
        return 0;
    *ret_len = text_encode((uint32_t)cp, out);
    return used;
}

/* Reads a string in place; NULL if there is none or it does not end. */
static char *take_string(struct reader *r)
{
    static const char escaped[] = "\"\\/bfnrt";
    static const char meant[] = "\"\\/\b\f\n\r\t";
    if (!take(r, '"'))
        return NULL;
    char *begin = r->at, *out = r->at;
    while (*r->at != '"') {
        if ((unsigned char)*r->at < ' ')
            return NULL;
        if (*r->at != '\\') {
            *out++ = *r->at++;
            continue;
        }
        r->at++;
        const char *p = *r->at ? strchr(escaped, *r->at) : NULL;
        if (p) {
            *out++ = meant[p - escaped];
            r->at++;
        } else {
            size_t len = 0;
            char bytes[4];
            size_t used = *r->at == 'u' ? unescape_u(r->at + 1, bytes, &len) : 0;
            if (used == 0)
                return NULL;
            memcpy(out, bytes, len);
            out += len;
            r->at += 1 + used;
        }
    }
    r->at++;
    *out = '\0';
    return begin;
}

static int bad(const struct reader *r, struct err *e, const char *why)
{
    return err_set(e, ERR_INVALID, _("Line %d of the people is wrong: %s"), r->line, why);
}

static int take_person(struct reader *r, Wangge__V1__Person *p, struct err *e)
{
    if (!take(r, '{'))
        return bad(r, e, _("a person begins with \"{\"."));
    if (take(r, '}'))
        return 0;
    do {
        const struct {
            const char *name;
            char **value;
        } texts[] = {{"name", &p->name}, {"phone", &p->phone}, {"id_number", &p->id_number}, {"address", &p->address}};
        const char *key = take_string(r);
        if (!key || !take(r, ':'))
            return bad(r, e, _("a name in quotes and \":\" are missing."));
        char *value = take_string(r);
        if (!value)
            return bad(r, e, _("the value must be a text in quotes."));
        bool known = strcmp(key, "kind") == 0;
        if (known && !people_file_kind(value, &p->kind))
            return bad(r, e, _("kind is reporter, party or contact."));
        for (size_t i = 0; !known && i < sizeof texts / sizeof texts[0]; i++) {
            if (strcmp(key, texts[i].name) == 0) {
                *texts[i].value = value;
                known = true;
            }
        }
        if (!known)
            return bad(r, e, _("a person has kind, name, phone, id_number and address."));
    } while (take(r, ','));
    return take(r, '}') ? 0 : bad(r, e, _("\"}\" is missing."));
}

int people_file_parse(struct people_file *f, struct err *e)
{
    struct reader r = {.at = f->text, .line = 1};
    f->n = 0;
    if (!text_is_utf8(f->text, strlen(f->text)))
        return err_set(e, ERR_INVALID, "%s", _("The people are not UTF-8 text."));
    if (!take(&r, '['))
        return bad(&r, e, _("the list begins with \"[\"."));
    if (!take(&r, ']')) {
        do {
            if (f->n == PEOPLE_FILE_MAX)
                return err_set(e, ERR_INVALID, _("At most %d people are kept with a case."), PEOPLE_FILE_MAX);
            Wangge__V1__Person *p = &f->person[f->n];
            wangge__v1__person__init(p);
            f->list[f->n++] = p;
            int rc = take_person(&r, p, e);
            if (rc)
                return rc;
        } while (take(&r, ','));
        if (!take(&r, ']'))
            return bad(&r, e, _("\"]\" is missing."));
    }
    skip_blanks(&r);
    return *r.at ? bad(&r, e, _("something follows the list.")) : 0;
}

int people_file_read(struct people_file *f, const char *path, struct err *e)
{
    FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    if (!in)
        return err_errno(e, errno, _("%s cannot be opened."), path);
    size_t n = fread(f->text, 1, sizeof f->text, in);
    bool failed = ferror(in) != 0;
    if (in != stdin)
        (void)fclose(in);
    if (failed)
        return err_set(e, ERR_IO, _("%s cannot be read."), path);
    if (n >= sizeof f->text || memchr(f->text, '\0', n)) {
        f->text[sizeof f->text - 1] = '\0';
        return err_set(e, ERR_INVALID, _("%s is too long, or no text."), path);
    }
    f->text[n] = '\0';
    return people_file_parse(f, e);
}

void people_file_wipe(struct people_file *f)
{
    explicit_bzero(f, sizeof *f);
}

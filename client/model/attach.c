/* SPDX-License-Identifier: MIT */
/* Files of cases, on this side; see attach.h. */
#include "client/model/attach.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include <openssl/sha.h>

#include "client/model/i18n.h"
#include "common/base/text.h"
#include "common/base/uuid.h"

enum { ENDING_BYTES_MAX = 12, DIRS_LINE_MAX = 1024 };

/* The time in ids made from a hash: any will do, as long as it stays the same. 2026-01-01. */
#define ID_TIME_MS INT64_C(1767225600000)

static const struct kind {
    const char *type;
    const char *text;
    const char *endings[3];
} kinds[] = {
    {"image/jpeg", "JPEG", {".jpg", ".jpeg"}}, {"image/png", "PNG", {".png"}},         {"image/webp", "WebP", {".webp"}},
    {"application/pdf", "PDF", {".pdf"}},      {"video/mp4", "MP4", {".mp4", ".m4v"}}, {"audio/mpeg", "MP3", {".mp3"}},
};

enum { KINDS = sizeof kinds / sizeof *kinds };

static bool has(const uint8_t *d, size_t len, size_t at, const char *what, size_t n)
{
    return len >= at + n && memcmp(d + at, what, n) == 0;
}

/* The server looks closer; this spares the way there where the answer is plain. */
const char *attach_kind(const uint8_t *d, size_t len)
{
    if (has(d, len, 0, "\xff\xd8\xff", 3))
        return kinds[0].type;
    if (has(d, len, 0, "\x89PNG\r\n\x1a\n", 8))
        return kinds[1].type;
    if (has(d, len, 0, "RIFF", 4) && has(d, len, 8, "WEBP", 4))
        return kinds[2].type;
    if (has(d, len, 0, "%PDF-", 5))
        return kinds[3].type;
    if (has(d, len, 4, "ftyp", 4))
        return kinds[4].type;
    if (has(d, len, 0, "ID3", 3) || (len >= 2 && d[0] == 0xff && (d[1] & 0xe6) == 0xe2))
        return kinds[5].type;
    return NULL;
}

const char *attach_kind_of_name(const char *name)
{
    const char *dot = strrchr(name, '.');
    for (size_t k = 0; dot && k < KINDS; k++)
        for (size_t i = 0; i < 3 && kinds[k].endings[i]; i++)
            if (strcasecmp(dot, kinds[k].endings[i]) == 0)
                return kinds[k].type;
    return NULL;
}

static bool is_picture(const char *type)
{
    return strncmp(type, "image/", 6) == 0;
}

int attach_check(const char *name, const uint8_t *first, size_t len, struct err *e)
{
    const char *kind = attach_kind(first, len), *claimed = attach_kind_of_name(name);
    if (!kind)
        return err_set(e, ERR_INVALID, _("%s is no file that can be attached; allowed are JPEG, PNG, WebP, PDF, MP4 and MP3."),
                       attach_short(name, (char[ATTACH_SHORT_SIZE]){0}));
    if (claimed && claimed != kind && !(is_picture(claimed) && is_picture(kind)))
        return err_set(e, ERR_INVALID, _("%s holds %s, not what its name says; rename it."),
                       attach_short(name, (char[ATTACH_SHORT_SIZE]){0}), attach_kind_text(kind));
    return 0;
}

int attach_check_size(const char *name, int64_t size, struct err *e)
{
    char text[ATTACH_TEXT_SIZE];
    if (size <= 0)
        return err_set(e, ERR_INVALID, _("%s is empty."), attach_short(name, (char[ATTACH_SHORT_SIZE]){0}));
    if (size > ATTACH_SIZE_MAX)
        return err_set(e, ERR_INVALID, _("%s has %s; a file has at most 8 MB. Make it smaller."),
                       attach_short(name, (char[ATTACH_SHORT_SIZE]){0}), attach_size_text(size, text));
    return 0;
}

const char *attach_kind_text(const char *media_type)
{
    for (size_t k = 0; k < KINDS; k++)
        if (strcmp(kinds[k].type, media_type) == 0)
            return kinds[k].text;
    return media_type;
}

const char *attach_size_text(int64_t bytes, char out[ATTACH_TEXT_SIZE])
{
    if (bytes < 1024)
        snprintf(out, ATTACH_TEXT_SIZE, "%d B", (int)bytes);
    else if (bytes < 1024 * 1024)
        snprintf(out, ATTACH_TEXT_SIZE, "%d KB", (int)((bytes + 512) / 1024));
    else
        snprintf(out, ATTACH_TEXT_SIZE, "%.1f MB", (double)bytes / (1024 * 1024));
    return out;
}

void attach_progress(const char *what, const char *name, int64_t done, int64_t size, int tries, int tries_max, char *out,
                     size_t out_size)
{
    char a[ATTACH_TEXT_SIZE], b[ATTACH_TEXT_SIZE];
    int used = snprintf(out, out_size, "%s%s%.200s  %d%%  %s / %s", what, what[0] ? " " : "", name,
                        size > 0 ? (int)(done * 100 / size) : 0, attach_size_text(done, a), attach_size_text(size, b));
    if (tries > 0 && used > 0 && (size_t)used < out_size)
        snprintf(out + used, out_size - (size_t)used, _("  connection lost, try %d of %d"), tries, tries_max);
    text_mend(out);
}

/* --- Names --- */

static bool is_unsafe(uint32_t cp)
{
    return cp == '\\' || text_cp_deceives(cp);
}

/* The bytes of s[0..len) that make at most max_chars characters and max_bytes bytes. */
static size_t fit(const char *s, size_t len, size_t max_chars, size_t max_bytes)
{
    size_t at = 0, n;
    uint32_t cp;
    for (size_t chars = 0; at < len && chars < max_chars && (n = text_decode(s + at, len - at, &cp)) && at + n <= max_bytes;
         chars++)
        at += n;
    return at;
}

/* Where the ending begins, or the end if it has none that is worth keeping. */
static size_t ending_of(const char *name, size_t len)
{
    const char *dot = strrchr(name, '.');
    return dot && dot > name && len - (size_t)(dot - name) <= ENDING_BYTES_MAX ? (size_t)(dot - name) : len;
}

/* Joins stem and ending so that both limits hold; the stem gives way. */
static void join(const char *stem, size_t stem_len, const char *middle, const char *ending, char *out, size_t size)
{
    size_t tail = strlen(middle) + strlen(ending);
    size_t tail_chars = text_chars(middle, strlen(middle)) + text_chars(ending, strlen(ending));
    size_t bytes = tail < size - 1 ? size - 1 - tail : 0;
    size_t n = fit(stem, stem_len, tail_chars < ATTACH_NAME_CHARS ? ATTACH_NAME_CHARS - tail_chars : 0, bytes);
    while (n > 0 && stem[n - 1] == ' ')
        n--;
    snprintf(out, size, "%.*s%s%s", (int)n, stem, middle, ending);
    text_trim_partial(out);
}

void attach_safe_name(const char *name, char *out, size_t size)
{
    char clean[ATTACH_NAME_SIZE * 4], mended[ATTACH_NAME_SIZE * 4];
    const char *slash = strrchr(name, '/');
    size_t used = 0, at = 0, n;
    uint32_t cp;
    const char *from = slash ? slash + 1 : name;
    size_t from_len = strlen(from);
    /* What is far too long loses its middle at the end below; here only its very end counts besides. */
    snprintf(mended, sizeof mended, "%s", from_len < sizeof mended ? from : from + from_len - (sizeof mended - 1));
    text_mend(mended);
    size_t len = strlen(mended);
    for (; at < len && (n = text_decode(mended + at, len - at, &cp)); at += n) {
        if (is_unsafe(cp) || (used == 0 && (cp == '.' || cp == ' ')))
            continue;
        memcpy(clean + used, mended + at, n);
        used += n;
    }
    while (used > 0 && (clean[used - 1] == ' ' || clean[used - 1] == '.'))
        used--;
    clean[used] = '\0';
    if (used == 0)
        snprintf(clean, sizeof clean, "file");
    used = strlen(clean);
    size_t ending = ending_of(clean, used);
    join(clean, ending, "", clean + ending, out, size);
}

const char *attach_short(const char *path, char out[ATTACH_SHORT_SIZE])
{
    size_t len = strlen(path), max = ATTACH_SHORT_SIZE - 1;
    const char *from = path;
    if (len > max) {
        from = path + len - (max - 3);
        while (((unsigned char)*from & 0xc0) == 0x80)
            from++;
    }
    snprintf(out, ATTACH_SHORT_SIZE, "%s%s", from == path ? "" : "...", from);
    text_mend(out);
    for (char *p = out; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = '?';
    return out;
}

void attach_other_name(const char *name, int n, char *out, size_t size)
{
    char middle[16];
    size_t len = strlen(name), ending = ending_of(name, len);
    snprintf(middle, sizeof middle, "-%d", n);
    join(name, ending, middle, name + ending, out, size);
}

/* --- Ids --- */

void attach_hex(const unsigned char *bytes, size_t n, char *out)
{
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
        out[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
    }
    out[2 * n] = '\0';
}

void attach_id(const char *account, const char *case_id, const char *name, const char *sha256, unsigned again, char out[37])
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    char seed[2048];
    int n = snprintf(seed, sizeof seed, "wangge attachment %u\n%s\n%s\n%s\n%s\n", again, account, case_id, sha256, name);
    SHA256((const unsigned char *)seed, n > 0 && (size_t)n < sizeof seed ? (size_t)n : sizeof seed - 1, digest);
    struct uuid u = uuid_from_hash(digest);
    for (int i = 0; i < 6; i++)
        u.bytes[i] = (uint8_t)(ID_TIME_MS >> (40 - 8 * i));
    u.bytes[6] = (uint8_t)(0x70 | (u.bytes[6] & 0x0f));
    uuid_format(&u, out);
}

/* --- Where downloads go --- */

static bool is_folder(const char *path)
{
    struct stat st;
    return path[0] == '/' && stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* XDG_DOWNLOAD_DIR="$HOME/..." in the file that xdg-user-dirs keeps. */
static bool folder_of_user_dirs(const char *home, char out[PATH_MAX])
{
    char path[PATH_MAX], line[DIRS_LINE_MAX], value[DIRS_LINE_MAX];
    const char *config = getenv("XDG_CONFIG_HOME");
    bool found = false;
    if (config && config[0] == '/')
        snprintf(path, sizeof path, "%.3000s/user-dirs.dirs", config);
    else
        snprintf(path, sizeof path, "%.3000s/.config/user-dirs.dirs", home);
    FILE *f = fopen(path, "re");
    while (f && !found && fgets(line, sizeof line, f)) {
        if (sscanf(line, " XDG_DOWNLOAD_DIR=\"%1000[^\"\n]\"", value) != 1)
            continue;
        bool at_home = strncmp(value, "$HOME/", 6) == 0;
        snprintf(out, PATH_MAX, "%.2000s%s%.1000s", at_home ? home : "", at_home ? "/" : "", at_home ? value + 6 : value);
        found = is_folder(out);
    }
    if (f)
        fclose(f);
    return found;
}

void attach_folder(char out[PATH_MAX])
{
    const char *env = getenv("XDG_DOWNLOAD_DIR"), *home = getenv("HOME");
    if (env && is_folder(env) && text_copy(out, PATH_MAX, env))
        return;
    if (!home || home[0] != '/') {
        snprintf(out, PATH_MAX, ".");
        return;
    }
    if (folder_of_user_dirs(home, out))
        return;
    snprintf(out, PATH_MAX, "%.3000s/Downloads", home);
    if (!is_folder(out))
        text_copy(out, PATH_MAX, home);
}

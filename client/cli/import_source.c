/* SPDX-License-Identifier: MIT */
#include "client/cli/import_source.h"

#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "client/model/i18n.h"
#include "common/base/text.h"

enum { CHUNK = 64 * 1024, CARRY = 8 };

#define SIZE_MAX_BYTES (INT64_C(1) << 30)

/* How much of the file is good and bad UTF-8. */
struct tally {
    int64_t good;       /* characters of three bytes and more, as Chinese ones are */
    int64_t short_ones; /* of two */
    int64_t bad;        /* bytes */
    int64_t lines;
};

static ssize_t read_some(int fd, char *buf, size_t size)
{
    ssize_t n;
    do
        n = read(fd, buf, size);
    while (n < 0 && errno == EINTR);
    return n;
}

/* Counts in buf[0..len); returns how many bytes at the end may be the beginning of a character that goes on. */
static size_t tally_chunk(struct tally *t, const char *buf, size_t len, bool last)
{
    size_t i = 0;
    while (i < len) {
        uint32_t cp;
        unsigned char ch = (unsigned char)buf[i];
        if (ch < 0x80) {
            t->lines += ch == '\n';
            i++;
            continue;
        }
        size_t n = text_decode(buf + i, len - i, &cp);
        if (n > 0) {
            if (n > 2)
                t->good++;
            else
                t->short_ones++;
            i += n;
        } else if (!last && len - i < 4) {
            break;
        } else {
            t->bad++;
            i++;
        }
    }
    return len - i;
}

static void hex(const unsigned char *bytes, size_t n, char *out)
{
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
        out[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
    }
    out[2 * n] = '\0';
}

static int look_over(struct import_source *s, const char *path, struct tally *t, char first[4], struct err *e)
{
    char buf[CHUNK + CARRY];
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned digest_len;
    size_t carry = 0;
    int rc = 0;
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    bool fine = hash && EVP_DigestInit_ex(hash, EVP_sha256(), NULL) == 1;
    while (fine) {
        ssize_t n = read_some(s->_fd, buf + carry, CHUNK);
        if (n < 0) {
            rc = err_errno(e, errno, _("Cannot read %s."), path);
            break;
        }
        if (s->size == 0)
            memcpy(first, buf, n < 4 ? (size_t)n : 4);
        fine = EVP_DigestUpdate(hash, buf + carry, (size_t)n) == 1;
        s->size += n;
        if (s->size > SIZE_MAX_BYTES) {
            rc = err_set(e, ERR_INVALID, _("%s is larger than 1 GiB; split it."), path);
            break;
        }
        size_t len = carry + (size_t)n;
        carry = tally_chunk(t, buf, len, n == 0);
        memmove(buf, buf + len - carry, carry);
        if (n == 0)
            break;
    }
    if (rc == 0 && (!fine || EVP_DigestFinal_ex(hash, digest, &digest_len) != 1))
        rc = err_set(e, ERR_NOMEM, _("Out of memory."));
    if (rc == 0)
        hex(digest, 32, s->sha256);
    EVP_MD_CTX_free(hash);
    return rc;
}

int import_source_open(struct import_source *s, const char *path, struct err *e)
{
    struct stat st;
    struct tally t = {0};
    char first[4] = "";
    *s = (struct import_source){._fd = open(path, O_RDONLY | O_CLOEXEC)};
    if (s->_fd < 0)
        return errno == ENOENT ? err_set(e, ERR_NOT_FOUND, _("There is no file %s."), path)
                               : err_errno(e, errno, _("Cannot read %s."), path);
    int rc = 0;
    if (fstat(s->_fd, &st) != 0 || !S_ISREG(st.st_mode))
        rc = err_set(e, ERR_INVALID, _("%s is not a regular file. Save the table to a file first, so that it can be resumed."),
                     path);
    if (rc == 0)
        rc = look_over(s, path, &t, first, e);
    if (rc == 0 && (memcmp(first, "\xff\xfe", 2) == 0 || memcmp(first, "\xfe\xff", 2) == 0))
        rc = err_set(e, ERR_INVALID, _("%s is UTF-16. Save it as \"CSV UTF-8\"."), path);
    if (rc == 0 && memcmp(first, "PK\x03\x04", 4) == 0)
        rc = err_set(e, ERR_INVALID, _("%s is a workbook, not a CSV file. Save it as \"CSV UTF-8\"."), path);
    if (memcmp(first, "\xef\xbb\xbf", 3) == 0)
        s->_skip = 3;
    /* GB18030 text is full of bytes that are no UTF-8, or by chance two-byte characters, hardly ever longer ones. A few bad
     * bytes in good UTF-8 are the fault of their rows. */
    bool utf8 = t.bad <= t.good && (t.good > 0 || t.short_ones == 0);
    s->encoding = s->_skip || utf8 ? IMPORT_UTF8 : IMPORT_GB18030;
    s->lines = t.lines;
    if (rc)
        import_source_close(s);
    return rc;
}

void import_source_close(struct import_source *s)
{
    if (s->_fd >= 0)
        close(s->_fd);
    s->_fd = -1;
}

/* Converts what it can of buf and feeds it; what may be half a character stays in buf. */
static int feed_converted(iconv_t cd, struct csv_reader *r, char *buf, size_t *len, bool last)
{
    char *in = buf;
    size_t left = *len;
    int rc = 0;
    while (left > 0 && rc == 0) {
        char text[CHUNK];
        char *out = text;
        size_t room = sizeof text;
        size_t n = iconv(cd, &in, &left, &out, &room);
        rc = csv_reader_feed(r, text, sizeof text - room);
        if (rc || n != (size_t)-1 || errno == E2BIG)
            continue;
        if (errno == EINVAL && !last)
            break;
        /* No character: let the row be refused for it, at its place. */
        rc = csv_reader_feed(r, "\xff", 1);
        in++;
        left--;
    }
    memmove(buf, in, left);
    *len = left;
    return rc;
}

int import_source_read(struct import_source *s, struct csv_reader *r, int64_t *ret_offset, struct err *e)
{
    char buf[CHUNK + CARRY];
    size_t len = 0;
    int rc = 0;
    int64_t offset = s->_skip;
    iconv_t cd = (iconv_t)-1;
    if (s->encoding == IMPORT_GB18030 && (cd = iconv_open("UTF-8", "GB18030")) == (iconv_t)-1)
        return err_set(e, ERR_IO, _("This system cannot convert GB18030. Save the file as \"CSV UTF-8\"."));
    if (lseek(s->_fd, s->_skip, SEEK_SET) < 0)
        rc = err_errno(e, errno, _("The file cannot be read again."));
    while (rc == 0) {
        ssize_t n = read_some(s->_fd, buf + len, CHUNK);
        if (n < 0) {
            rc = err_errno(e, errno, _("The file cannot be read again."));
            break;
        }
        offset += n;
        if (ret_offset)
            *ret_offset = offset;
        len += (size_t)n;
        if (cd != (iconv_t)-1) {
            rc = feed_converted(cd, r, buf, &len, n == 0);
        } else {
            rc = csv_reader_feed(r, buf, len);
            len = 0;
        }
        if (n == 0)
            break;
    }
    if (rc == 0)
        rc = csv_reader_end(r);
    if (cd != (iconv_t)-1)
        iconv_close(cd);
    return rc;
}

/* SPDX-License-Identifier: MIT */
#include "server/domain/media.h"

#include <string.h>
#include <strings.h>

#include "server/domain/exif.h"

static const struct {
    const char *type;
    const char *endings[3];
} kinds[MEDIA_COUNT] = {
    [MEDIA_NONE] = {"", {NULL}},
    [MEDIA_JPEG] = {"image/jpeg", {".jpg", ".jpeg", NULL}},
    [MEDIA_PNG] = {"image/png", {".png", NULL}},
    [MEDIA_WEBP] = {"image/webp", {".webp", NULL}},
    [MEDIA_PDF] = {"application/pdf", {".pdf", NULL}},
    [MEDIA_MP4] = {"video/mp4", {".mp4", ".m4v", NULL}},
    [MEDIA_MP3] = {"audio/mpeg", {".mp3", NULL}},
};

static const uint8_t png_signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint32_t le32(const uint8_t *p)
{
    return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

/* ISO 14496-12: a file type box whose major brand is a video's, not a picture's (HEIC is one of the latter). */
static bool is_mp4(const uint8_t *d, size_t len)
{
    static const char brands[][5] = {"isom", "iso2", "iso4", "iso5", "iso6", "mp41",
                                     "mp42", "avc1", "M4V ", "3gp4", "3gp5", "3gp6"};
    if (len < 16 || memcmp(d + 4, "ftyp", 4) != 0)
        return false;
    for (size_t i = 0; i < sizeof brands / sizeof brands[0]; i++)
        if (memcmp(d + 8, brands[i], 4) == 0)
            return true;
    return false;
}

/* An ID3v2 tag, or a frame header of MPEG audio layer III (ISO 11172-3) with a valid rate. */
static bool is_mp3(const uint8_t *d, size_t len)
{
    if (len >= 10 && memcmp(d, "ID3", 3) == 0 && d[3] < 0xff && d[4] < 0xff)
        return true;
    return len >= 4 && d[0] == 0xff && (d[1] & 0xe6) == 0xe2 && (d[1] & 0x18) != 0x08 && (d[2] & 0xf0) != 0xf0 &&
           (d[2] & 0xf0) != 0 && (d[2] & 0x0c) != 0x0c;
}

enum media_kind media_detect(const uint8_t *d, size_t len)
{
    if (len >= 4 && d[0] == 0xff && d[1] == 0xd8 && d[2] == 0xff)
        return MEDIA_JPEG;
    if (len >= sizeof png_signature && memcmp(d, png_signature, sizeof png_signature) == 0)
        return MEDIA_PNG;
    if (len >= 12 && memcmp(d, "RIFF", 4) == 0 && memcmp(d + 8, "WEBP", 4) == 0)
        return MEDIA_WEBP;
    if (len >= 8 && memcmp(d, "%PDF-1.", 7) == 0)
        return MEDIA_PDF;
    if (len >= 8 && memcmp(d, "%PDF-2.", 7) == 0)
        return MEDIA_PDF;
    if (is_mp4(d, len))
        return MEDIA_MP4;
    return is_mp3(d, len) ? MEDIA_MP3 : MEDIA_NONE;
}

const char *media_type(enum media_kind k)
{
    return (unsigned)k < MEDIA_COUNT ? kinds[k].type : "";
}

enum media_kind media_kind_of_name(const char *name)
{
    const char *dot = strrchr(name, '.');
    for (int k = 1; dot && k < MEDIA_COUNT; k++)
        for (int i = 0; kinds[k].endings[i]; i++)
            if (strcasecmp(dot, kinds[k].endings[i]) == 0)
                return (enum media_kind)k;
    return MEDIA_NONE;
}

static int broken(struct err *e, const char *what)
{
    return err_field(e, ERR_INVALID, "data", "The %s file is broken or cut off; send it again from the original.", what);
}

/* JPEG (ITU-T T.81) -------------------------------------------------------------------------------------------------- */

enum {
    JPEG_SOI = 0xd8,
    JPEG_EOI = 0xd9,
    JPEG_SOS = 0xda,
    JPEG_APP0 = 0xe0,
    JPEG_APP1 = 0xe1,
    JPEG_APP2 = 0xe2,
    JPEG_APP14 = 0xee,
    JPEG_APP15 = 0xef,
    JPEG_COM = 0xfe,
};

/* Application data that changes how the picture looks: JFIF, the colour profile, Adobe's colour transform. */
static bool jpeg_keeps(uint8_t marker, const uint8_t *body, size_t len)
{
    if (marker == JPEG_COM)
        return false;
    if (marker < JPEG_APP0 || marker > JPEG_APP15)
        return true;
    if (marker == JPEG_APP0)
        return len >= 5 && memcmp(body, "JFIF", 5) == 0;
    if (marker == JPEG_APP2)
        return len >= 12 && memcmp(body, "ICC_PROFILE", 12) == 0;
    return marker == JPEG_APP14 && len >= 5 && memcmp(body, "Adobe", 5) == 0;
}

/* The end of the coded data that begins at i: the next marker that is neither a restart nor a stuffed byte. */
static size_t jpeg_scan_end(const uint8_t *d, size_t len, size_t i)
{
    for (; i + 1 < len; i++)
        if (d[i] == 0xff && d[i + 1] != 0 && d[i + 1] != 0xff && (d[i + 1] < 0xd0 || d[i + 1] > 0xd7))
            return i;
    return len;
}

struct jpeg_walk {
    const uint8_t *d;
    size_t len;
    size_t at;
    uint8_t marker;
    const uint8_t *body; /* of a segment, behind its length */
    size_t body_len;
    bool ended;
};

/* Steps to the next segment; false if the structure is broken. */
static bool jpeg_next(struct jpeg_walk *w)
{
    while (w->at + 1 < w->len && w->d[w->at] == 0xff && w->d[w->at + 1] == 0xff)
        w->at++; /* fill bytes */
    if (w->at + 2 > w->len || w->d[w->at] != 0xff)
        return false;
    w->marker = w->d[w->at + 1];
    w->at += 2;
    w->ended = w->marker == JPEG_EOI;
    if (w->ended)
        return true;
    /* Restarts, a second beginning, reserved codes: no segment, and behind a dropped one they would join the coded data. */
    if (w->marker < 0xc0 || (w->marker >= 0xd0 && w->marker <= JPEG_SOI) || w->len - w->at < 2)
        return false;
    size_t n = (size_t)w->d[w->at] << 8 | w->d[w->at + 1];
    if (n < 2 || n > w->len - w->at)
        return false;
    w->body = w->d + w->at + 2;
    w->body_len = n - 2;
    w->at += n;
    return true;
}

static int jpeg_put_exif(const struct media_facts *f, struct buf *out)
{
    uint8_t block[EXIF_WRITE_MAX];
    size_t n = exif_write(f, block);
    if (n == 0)
        return 0;
    size_t seg = 2 + 6 + n;
    const uint8_t head[] = {0xff, JPEG_APP1, (uint8_t)(seg >> 8), (uint8_t)seg, 'E', 'x', 'i', 'f', 0, 0};
    int rc = buf_append(out, head, sizeof head);
    return rc ? rc : buf_append(out, block, n);
}

/* First pass: the facts, and whether the structure holds to its end. */
static bool jpeg_read(const uint8_t *d, size_t len, int32_t utc_offset_s, struct media_facts *f)
{
    struct jpeg_walk w = {.d = d, .len = len, .at = 2};
    bool seen = false, scanned = false;
    while (jpeg_next(&w)) {
        if (w.ended)
            return scanned;
        if (w.marker == JPEG_APP1 && !seen && w.body_len > 6 && memcmp(w.body, "Exif\0\0", 6) == 0) {
            exif_read(w.body + 6, w.body_len - 6, utc_offset_s, f);
            seen = true;
        }
        if (w.marker == JPEG_SOS) {
            w.at = jpeg_scan_end(d, len, w.at);
            scanned = true;
        }
    }
    return false;
}

static int jpeg_strip(const uint8_t *d, size_t len, int32_t utc_offset_s, struct buf *out, struct media_facts *f, struct err *e)
{
    if (!jpeg_read(d, len, utc_offset_s, f))
        return broken(e, "JPEG");
    int rc = buf_append(out, d, 2);
    struct jpeg_walk w = {.d = d, .len = len, .at = 2};
    bool told = false;
    size_t from = 2;
    while (!rc && jpeg_next(&w)) {
        /* JFIF wants to be first, EXIF next. */
        if (!told && w.marker != JPEG_APP0) {
            rc = jpeg_put_exif(f, out);
            told = true;
        }
        if (w.ended)
            return rc ? rc : buf_append(out, "\xff\xd9", 2);
        size_t to = w.marker == JPEG_SOS ? jpeg_scan_end(d, len, w.at) : w.at;
        if (!rc && jpeg_keeps(w.marker, w.body, w.body_len))
            rc = buf_append(out, d + from, to - from);
        from = w.at = to;
    }
    return rc;
}

/* PNG (ISO 15948) ---------------------------------------------------------------------------------------------------- */

static uint32_t crc32_of(uint32_t crc, const uint8_t *p, size_t n)
{
    crc = ~crc;
    for (size_t i = 0; i < n; i++) {
        crc ^= p[i];
        for (int k = 0; k < 8; k++)
            crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0xedb88320) : 0);
    }
    return ~crc;
}

static void put_be32(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 24);
    p[1] = (uint8_t)(v >> 16);
    p[2] = (uint8_t)(v >> 8);
    p[3] = (uint8_t)v;
}

static int png_put_exif(const struct media_facts *f, struct buf *out)
{
    uint8_t chunk[8 + EXIF_WRITE_MAX + 4];
    size_t n = exif_write(f, chunk + 8);
    if (n == 0)
        return 0;
    put_be32(chunk, (uint32_t)n);
    memcpy(chunk + 4, "eXIf", 4);
    put_be32(chunk + 8 + n, crc32_of(0, chunk + 4, n + 4));
    return buf_append(out, chunk, 8 + n + 4);
}

/* Texts, times and EXIF; everything else draws the picture. */
static bool png_keeps(const uint8_t *type)
{
    static const char dropped[][5] = {"tEXt", "zTXt", "iTXt", "tIME", "eXIf", "zxIf", "dSIG"};
    for (size_t i = 0; i < sizeof dropped / sizeof dropped[0]; i++)
        if (memcmp(type, dropped[i], 4) == 0)
            return false;
    return true;
}

/* The length of the chunk at i with its head and checksum; 0 if it is cut off. */
static size_t png_chunk(const uint8_t *d, size_t len, size_t i)
{
    if (len - i < 12)
        return 0;
    uint32_t n = be32(d + i);
    return n <= len - i - 12 ? (size_t)n + 12 : 0;
}

static int png_strip(const uint8_t *d, size_t len, int32_t utc_offset_s, struct buf *out, struct media_facts *f, struct err *e)
{
    size_t n;
    bool whole = false;
    for (size_t i = sizeof png_signature; !whole && i < len && (n = png_chunk(d, len, i)); i += n) {
        if (memcmp(d + i + 4, "eXIf", 4) == 0)
            exif_read(d + i + 8, n - 12, utc_offset_s, f);
        whole = memcmp(d + i + 4, "IEND", 4) == 0;
    }
    if (!whole)
        return broken(e, "PNG");
    int rc = buf_append(out, d, sizeof png_signature);
    for (size_t i = sizeof png_signature; !rc && (n = png_chunk(d, len, i)); i += n) {
        if (png_keeps(d + i + 4))
            rc = buf_append(out, d + i, n);
        if (!rc && memcmp(d + i + 4, "IHDR", 4) == 0)
            rc = png_put_exif(f, out);
        if (memcmp(d + i + 4, "IEND", 4) == 0)
            break;
    }
    return rc;
}

/* WebP (RFC 9649) ---------------------------------------------------------------------------------------------------- */

enum { WEBP_HAS_XMP = 1 << 2, WEBP_HAS_EXIF = 1 << 3 };

/* The length of the chunk at i with its head and padding; 0 if it is cut off. */
static size_t webp_chunk(const uint8_t *d, size_t len, size_t i)
{
    if (len - i < 8)
        return 0;
    size_t n = le32(d + i + 4);
    if (n > len - i - 8)
        return 0;
    n += n % 2;
    return n <= len - i - 8 ? n + 8 : 0;
}

static void put_le32(uint8_t *p, size_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

static int webp_put_exif(const struct media_facts *f, struct buf *out)
{
    uint8_t chunk[8 + EXIF_WRITE_MAX];
    size_t n = exif_write(f, chunk + 8);
    if (n == 0)
        return 0;
    memcpy(chunk, "EXIF", 4);
    put_le32(chunk + 4, n);
    return buf_append(out, chunk, 8 + n + n % 2);
}

static int webp_strip(const uint8_t *d, size_t len, int32_t utc_offset_s, struct buf *out, struct media_facts *f, struct err *e)
{
    size_t end = (size_t)le32(d + 4) + 8, n;
    if (end > len || end < 20)
        return broken(e, "WebP");
    size_t i;
    bool extended = false;
    for (i = 12; i < end && (n = webp_chunk(d, end, i)); i += n) {
        if (memcmp(d + i, "VP8X", 4) == 0 && n >= 18)
            extended = true;
        if (memcmp(d + i, "EXIF", 4) == 0) {
            const uint8_t *body = d + i + 8;
            size_t body_len = le32(d + i + 4);
            if (body_len > 6 && memcmp(body, "Exif\0\0", 6) == 0) {
                body += 6;
                body_len -= 6;
            }
            exif_read(body, body_len, utc_offset_s, f);
        }
    }
    if (i != end)
        return broken(e, "WebP");
    struct buf body;
    buf_init(&body, len + EXIF_WRITE_MAX + 64);
    int rc = 0;
    for (i = 12; !rc && i < end && (n = webp_chunk(d, end, i)); i += n) {
        if (memcmp(d + i, "EXIF", 4) == 0 || memcmp(d + i, "XMP ", 4) == 0)
            continue;
        uint8_t head[18];
        if (memcmp(d + i, "VP8X", 4) == 0 && n >= sizeof head) {
            uint8_t block[EXIF_WRITE_MAX];
            memcpy(head, d + i, sizeof head);
            head[8] = (uint8_t)(head[8] & ~(WEBP_HAS_XMP | WEBP_HAS_EXIF));
            if (exif_write(f, block))
                head[8] |= WEBP_HAS_EXIF;
            rc = buf_append(&body, head, sizeof head);
            if (!rc)
                rc = buf_append(&body, d + i + sizeof head, n - sizeof head);
        } else {
            rc = buf_append(&body, d + i, n);
        }
    }
    if (!rc && buf_len(&body) == 0) /* nothing but metadata */
        rc = broken(e, "WebP");
    if (!rc && extended)
        rc = webp_put_exif(f, &body);
    uint8_t riff[12];
    memcpy(riff, "RIFF", 4);
    put_le32(riff + 4, buf_len(&body) + 4);
    memcpy(riff + 8, "WEBP", 4);
    if (!rc)
        rc = buf_append(out, riff, sizeof riff);
    if (!rc)
        rc = buf_append(out, buf_data(&body), buf_len(&body));
    buf_fini(&body);
    return rc;
}

int media_strip(enum media_kind k, const uint8_t *data, size_t len, int32_t utc_offset_s, struct buf *out,
                struct media_facts *facts, struct err *e)
{
    int rc;
    exif_clear(facts);
    switch (k) {
    case MEDIA_JPEG:
        rc = jpeg_strip(data, len, utc_offset_s, out, facts, e);
        break;
    case MEDIA_PNG:
        rc = png_strip(data, len, utc_offset_s, out, facts, e);
        break;
    case MEDIA_WEBP:
        rc = webp_strip(data, len, utc_offset_s, out, facts, e);
        break;
    case MEDIA_PDF:
    case MEDIA_MP4:
    case MEDIA_MP3:
        rc = buf_append(out, data, len);
        break;
    case MEDIA_NONE:
    case MEDIA_COUNT:
    default:
        return err_field(e, ERR_INVALID, "data", "This kind of file is not taken; send JPEG, PNG, WebP, PDF, MP4 or MP3.");
    }
    if (rc == ERR_NOMEM || rc == ERR_EXHAUSTED)
        return err_set(e, rc, "The server is out of memory for this file; try again later.");
    return rc;
}

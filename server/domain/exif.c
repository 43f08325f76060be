/* SPDX-License-Identifier: MIT */
#include "server/domain/exif.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
    TAG_GPS_LAT_REF = 1,
    TAG_GPS_LAT = 2,
    TAG_GPS_LON_REF = 3,
    TAG_GPS_LON = 4,
    TAG_ORIENTATION = 0x0112,
    TAG_DATE_TIME = 0x0132,
    TAG_EXIF_IFD = 0x8769,
    TAG_GPS_IFD = 0x8825,
    TAG_DATE_TIME_ORIGINAL = 0x9003,
    TAG_OFFSET_TIME_ORIGINAL = 0x9011,
    TYPE_ASCII = 2,
    TYPE_SHORT = 3,
    TYPE_LONG = 4,
    TYPE_RATIONAL = 5,
    ENTRY_SIZE = 12,
    MAX_ENTRIES = 512, /* of one directory; a photo has some dozens */
};

void exif_clear(struct media_facts *f)
{
    *f = (struct media_facts){.taken_at = USEC_NONE};
}

/* Reading ------------------------------------------------------------------------------------------------------------ */

struct tiff {
    const uint8_t *data;
    size_t len;
    bool little;
};

static uint16_t get16(const struct tiff *t, size_t at)
{
    const uint8_t *p = t->data + at;
    return (uint16_t)(t->little ? p[0] | p[1] << 8 : p[0] << 8 | p[1]);
}

static uint32_t get32(const struct tiff *t, size_t at)
{
    return t->little ? get16(t, at) | (uint32_t)get16(t, at + 2) << 16 : (uint32_t)get16(t, at) << 16 | get16(t, at + 2);
}

struct entry {
    uint16_t tag;
    uint16_t type;
    uint32_t count;
    size_t at;  /* of the value */
    size_t len; /* of the value, within the block */
};

/* The n-th entry of a directory; false if there is none or its value lies outside. */
static bool entry_at(const struct tiff *t, size_t ifd, int n, struct entry *ret)
{
    static const uint8_t size[] = {0, 1, 1, 2, 4, 8};
    size_t at = ifd + 2 + (size_t)n * ENTRY_SIZE;
    if (at > t->len || t->len - at < ENTRY_SIZE)
        return false;
    ret->tag = get16(t, at);
    ret->type = get16(t, at + 2);
    ret->count = get32(t, at + 4);
    if (ret->type >= sizeof size || !size[ret->type] || ret->count > t->len)
        return false;
    ret->len = (size_t)ret->count * size[ret->type];
    ret->at = ret->len <= 4 ? at + 8 : get32(t, at + 8);
    return ret->at <= t->len && ret->len <= t->len - ret->at;
}

static int entries(const struct tiff *t, size_t ifd)
{
    if (ifd > t->len || t->len - ifd < 2)
        return 0;
    int n = get16(t, ifd);
    return n < MAX_ENTRIES ? n : MAX_ENTRIES;
}

static bool find(const struct tiff *t, size_t ifd, uint16_t tag, struct entry *ret)
{
    int n = entries(t, ifd);
    for (int i = 0; i < n; i++)
        if (entry_at(t, ifd, i, ret) && ret->tag == tag)
            return true;
    return false;
}

static size_t sub_directory(const struct tiff *t, size_t ifd, uint16_t tag)
{
    struct entry v;
    if (!find(t, ifd, tag, &v) || v.type != TYPE_LONG || v.count != 1)
        return 0;
    return get32(t, v.at);
}

/* n digits at s, or -1. */
static int digits(const char *s, int n)
{
    int v = 0;
    for (int i = 0; i < n; i++) {
        if (s[i] < '0' || s[i] > '9')
            return -1;
        v = v * 10 + (s[i] - '0');
    }
    return v;
}

/* "+08:00" in seconds; false if it is something else. */
static bool read_offset(const struct tiff *t, size_t ifd, int32_t *ret)
{
    struct entry v;
    if (!find(t, ifd, TAG_OFFSET_TIME_ORIGINAL, &v) || v.type != TYPE_ASCII || v.len < 6)
        return false;
    const char *s = (const char *)t->data + v.at;
    int h = digits(s + 1, 2), m = digits(s + 4, 2);
    if ((s[0] != '+' && s[0] != '-') || s[3] != ':' || h < 0 || h > 14 || m < 0 || m > 59)
        return false;
    *ret = (s[0] == '-' ? -1 : 1) * (h * 3600 + m * 60);
    return true;
}

static usec_t read_time(const struct tiff *t, size_t ifd, uint16_t tag, int32_t utc_offset_s)
{
    struct entry v;
    if (!find(t, ifd, tag, &v) || v.type != TYPE_ASCII || v.len < 19)
        return USEC_NONE;
    const char *s = (const char *)t->data + v.at;
    struct tm tm = {
        .tm_year = digits(s, 4) - 1900,
        .tm_mon = digits(s + 5, 2) - 1,
        .tm_mday = digits(s + 8, 2),
        .tm_hour = digits(s + 11, 2),
        .tm_min = digits(s + 14, 2),
        .tm_sec = digits(s + 17, 2),
    };
    if (tm.tm_year < 70 || tm.tm_year > 199 || tm.tm_mon < 0 || tm.tm_mon > 11 || tm.tm_mday < 1 || tm.tm_mday > 31 ||
        tm.tm_hour < 0 || tm.tm_hour > 23 || tm.tm_min < 0 || tm.tm_min > 59 || tm.tm_sec < 0 || tm.tm_sec > 59)
        return USEC_NONE;
    int day = tm.tm_mday;
    time_t at = timegm(&tm);
    if (tm.tm_mday != day) /* 30 February became another day */
        return USEC_NONE;
    return ((usec_t)at - utc_offset_s) * USEC_PER_SEC;
}

static bool read_degrees(const struct tiff *t, size_t gps, uint16_t tag, uint16_t ref_tag, char negative, double max,
                         double *ret)
{
    struct entry v, ref;
    if (!find(t, gps, tag, &v) || v.type != TYPE_RATIONAL || v.count != 3 || !find(t, gps, ref_tag, &ref) || ref.len < 1)
        return false;
    double part[3];
    for (size_t i = 0; i < 3; i++) {
        uint32_t below = get32(t, v.at + i * 8 + 4);
        if (below == 0)
            return false;
        part[i] = (double)get32(t, v.at + i * 8) / below;
    }
    double d = part[0] + part[1] / 60 + part[2] / 3600;
    if (!(d <= max))
        return false;
    *ret = t->data[ref.at] == (uint8_t)negative ? -d : d;
    return true;
}

void exif_read(const uint8_t *tiff, size_t len, int32_t utc_offset_s, struct media_facts *f)
{
    struct tiff t = {.data = tiff, .len = len};
    if (len < 8 || !((tiff[0] == 'I' && tiff[1] == 'I') || (tiff[0] == 'M' && tiff[1] == 'M')))
        return;
    t.little = tiff[0] == 'I';
    if (get16(&t, 2) != 42)
        return;
    size_t ifd = get32(&t, 4);
    struct entry v;
    if (find(&t, ifd, TAG_ORIENTATION, &v) && v.type == TYPE_SHORT && v.count == 1) {
        int o = get16(&t, v.at);
        if (o >= 1 && o <= 8)
            f->orientation = o;
    }
    size_t sub = sub_directory(&t, ifd, TAG_EXIF_IFD);
    if (sub) {
        int32_t offset = utc_offset_s;
        (void)read_offset(&t, sub, &offset);
        f->taken_at = read_time(&t, sub, TAG_DATE_TIME_ORIGINAL, offset);
    }
    if (f->taken_at == USEC_NONE)
        f->taken_at = read_time(&t, ifd, TAG_DATE_TIME, utc_offset_s);
    size_t gps = sub_directory(&t, ifd, TAG_GPS_IFD);
    double lat, lon;
    if (gps && read_degrees(&t, gps, TAG_GPS_LAT, TAG_GPS_LAT_REF, 'S', 90, &lat) &&
        read_degrees(&t, gps, TAG_GPS_LON, TAG_GPS_LON_REF, 'W', 180, &lon) && (lat != 0 || lon != 0)) {
        f->has_place = true;
        f->latitude = lat;
        f->longitude = lon;
    }
}

/* Writing ------------------------------------------------------------------------------------------------------------ */

struct writer {
    uint8_t *out;
    size_t at;   /* of the next entry */
    size_t data; /* of the next value that does not fit into its entry */
};

static void put16(uint8_t *p, unsigned v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
}

static void put32(uint8_t *p, uint32_t v)
{
    put16(p, v & 0xffff);
    put16(p + 2, v >> 16);
}

static void put_entry(struct writer *w, uint16_t tag, uint16_t type, uint32_t count, const void *value, size_t len)
{
    uint8_t *p = w->out + w->at;
    put16(p, tag);
    put16(p + 2, type);
    put32(p + 4, count);
    memset(p + 8, 0, 4);
    if (len <= 4) {
        memcpy(p + 8, value, len);
    } else {
        put32(p + 8, (uint32_t)w->data);
        memcpy(w->out + w->data, value, len);
        w->data += len + len % 2;
    }
    w->at += ENTRY_SIZE;
}

static void put_short(struct writer *w, uint16_t tag, unsigned v)
{
    uint8_t b[2];
    put16(b, v);
    put_entry(w, tag, TYPE_SHORT, 1, b, sizeof b);
}

static void put_long(struct writer *w, uint16_t tag, uint32_t v)
{
    uint8_t b[4];
    put32(b, v);
    put_entry(w, tag, TYPE_LONG, 1, b, sizeof b);
}

static void put_text(struct writer *w, uint16_t tag, const char *s)
{
    size_t len = strlen(s) + 1;
    put_entry(w, tag, TYPE_ASCII, (uint32_t)len, s, len);
}

/* Degrees and minutes whole, seconds to a thousandth: 3 cm. */
static void put_degrees(struct writer *w, uint16_t tag, double v)
{
    uint8_t b[24];
    uint32_t ms = (uint32_t)llround(fabs(v) * 3600000);
    const uint32_t part[6] = {ms / 3600000, 1, ms / 60000 % 60, 1, ms % 60000, 1000};
    for (size_t i = 0; i < 6; i++)
        put32(b + i * 4, part[i]);
    put_entry(w, tag, TYPE_RATIONAL, 3, b, sizeof b);
}

/* Starts a directory of n entries where the last value ended; returns its place. */
static uint32_t begin(struct writer *w, int n)
{
    size_t ifd = w->data;
    put16(w->out + ifd, (unsigned)n);
    w->at = ifd + 2;
    w->data = w->at + (size_t)n * ENTRY_SIZE + 4;
    memset(w->out + w->data - 4, 0, 4); /* no next directory */
    return (uint32_t)ifd;
}

size_t exif_write(const struct media_facts *f, uint8_t out[EXIF_WRITE_MAX])
{
    bool timed = f->taken_at != USEC_NONE;
    int n = (f->orientation > 0) + timed + f->has_place;
    if (n == 0)
        return 0;
    memset(out, 0, EXIF_WRITE_MAX);
    memcpy(out, "II*\0\x08\0\0\0", 8);
    struct writer w = {.out = out, .data = 8};
    (void)begin(&w, n);
    size_t root = w.at;
    w.at += (size_t)(f->orientation > 0) * ENTRY_SIZE;
    size_t pointers = w.at;
    uint32_t exif = 0, gps = 0;
    if (timed) {
        char text[32];
        time_t t = (time_t)(f->taken_at / USEC_PER_SEC);
        struct tm tm;
        gmtime_r(&t, &tm);
        (void)strftime(text, sizeof text, "%Y:%m:%d %H:%M:%S", &tm);
        exif = begin(&w, 2);
        put_text(&w, TAG_DATE_TIME_ORIGINAL, text);
        put_text(&w, TAG_OFFSET_TIME_ORIGINAL, "+00:00");
    }
    if (f->has_place) {
        gps = begin(&w, 4);
        put_text(&w, TAG_GPS_LAT_REF, f->latitude < 0 ? "S" : "N");
        put_degrees(&w, TAG_GPS_LAT, f->latitude);
        put_text(&w, TAG_GPS_LON_REF, f->longitude < 0 ? "W" : "E");
        put_degrees(&w, TAG_GPS_LON, f->longitude);
    }
    w.at = root;
    if (f->orientation > 0)
        put_short(&w, TAG_ORIENTATION, (unsigned)f->orientation);
    w.at = pointers;
    if (exif)
        put_long(&w, TAG_EXIF_IFD, exif);
    if (gps)
        put_long(&w, TAG_GPS_IFD, gps);
    return w.data;
}

/* SPDX-License-Identifier: MIT */
/* Files by content, and photos without what nobody asked for. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/base/buf.h"
#include "domain_fixture.h"
#include "server/domain/exif.h"
#include "server/domain/media.h"

enum { CHINA = 28800 };
#define SECRET "Zhang San 13800001111"

static void put(struct buf *b, const void *data, size_t n)
{
    ck_assert_int_eq(buf_append(b, data, n), 0);
}
#define PUT(b, s) put((b), (s), sizeof(s) - 1)

/* A TIFF block with everything a camera tells: big-endian, with maker's notes of its own. Written by hand, not by exif_write.
 */
static size_t camera_block(uint8_t *out, bool with_offset)
{
    static const uint8_t head[] = {
        'M',
        'M',
        0,
        42,
        0,
        0,
        0,
        8,
        /* IFD0 at 8: make, orientation, exif, gps */
        0,
        4,
        0x01,
        0x0f,
        0,
        2,
        0,
        0,
        0,
        22,
        0,
        0,
        0,
        62,
        0x01,
        0x12,
        0,
        3,
        0,
        0,
        0,
        1,
        0,
        6,
        0,
        0,
        0x87,
        0x69,
        0,
        4,
        0,
        0,
        0,
        1,
        0,
        0,
        0,
        84,
        0x88,
        0x25,
        0,
        4,
        0,
        0,
        0,
        1,
        0,
        0,
        0,
        142,
        0,
        0,
        0,
        0,
    };
    memcpy(out, head, sizeof head);
    ck_assert_uint_eq(sizeof head, 62);
    memcpy(out + 62, SECRET "\0", 22);
    /* Exif IFD at 84: the time, and its offset or something else in its place */
    static const uint8_t exif[] = {
        0, 2, 0x90, 0x03, 0, 2, 0, 0, 0, 20, 0, 0, 0, 114, 0x90, 0x11, 0, 2, 0, 0, 0, 7, 0, 0, 0, 134, 0, 0, 0, 0,
    };
    memcpy(out + 84, exif, sizeof exif);
    memcpy(out + 114, "2021:09:17 16:00:05", 20);
    memcpy(out + 134, "+09:00\0", 8);
    if (!with_offset)
        out[84 + 2 + 12 + 1] = 0x99;
    static const uint8_t gps[] = {
        0,
        4,
        0,
        1,
        0,
        2,
        0,
        0,
        0,
        2,
        'N',
        0,
        0,
        0,
        0,
        2,
        0,
        5,
        0,
        0,
        0,
        3,
        0,
        0,
        0,
        196,
        0,
        3,
        0,
        2,
        0,
        0,
        0,
        2,
        'E',
        0,
        0,
        0,
        0,
        4,
        0,
        5,
        0,
        0,
        0,
        3,
        0,
        0,
        0,
        220,
        0,
        0,
        0,
        0,
        /* 46° 35' 30.5" and 125° 6' 0" */
        0,
        0,
        0,
        46,
        0,
        0,
        0,
        1,
        0,
        0,
        0,
        35,
        0,
        0,
        0,
        1,
        0,
        0,
        1,
        49,
        0,
        0,
        0,
        10,
        0,
        0,
        0,
        125,
        0,
        0,
        0,
        1,
        0,
        0,
        0,
        6,
        0,
        0,
        0,
        1,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        1,
    };
    memcpy(out + 142, gps, sizeof gps);
    return 142 + sizeof gps;
}

static void jpeg(struct buf *b, bool with_offset)
{
    uint8_t block[400];
    size_t n = camera_block(block, with_offset);
    PUT(b, "\xff\xd8\xff\xe0\x00\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
    uint8_t seg[] = {0xff, 0xe1, (uint8_t)((n + 8) >> 8), (uint8_t)(n + 8), 'E', 'x', 'i', 'f', 0, 0};
    put(b, seg, sizeof seg);
    put(b, block, n);
    PUT(b, "\xff\xfe\x00\x17" SECRET);
    PUT(b, "\xff\xed\x00\x17" SECRET);
    PUT(b, "\xff\xdb\x00\x04qt");
    PUT(b, "\xff\xda\x00\x04s1\x01\xff\x00\x02\xff\xd3\x03");
    PUT(b, "\xff\xc4\x00\x04ht\xff\xda\x00\x04s2\x04\x05");
    PUT(b, "\xff\xd9" SECRET);
}

static bool holds(const struct buf *b, const char *text)
{
    return memmem(buf_data(b), buf_len(b), text, strlen(text)) != NULL;
}

static void check_facts(const struct media_facts *f, bool with_offset)
{
    usec_t want;
    ck_assert(clock_parse_rfc3339(with_offset ? "2021-09-17T16:00:05+09:00" : "2021-09-17T16:00:05+08:00", &want));
    ck_assert_int_eq(f->taken_at, want);
    ck_assert(f->has_place);
    ck_assert(fabs(f->latitude - (46 + 35 / 60.0 + 30.5 / 3600)) < 1e-7);
    ck_assert(fabs(f->longitude - 125.1) < 1e-7);
    ck_assert_int_eq(f->orientation, 6);
}

START_TEST(strips_a_photo)
{
    struct buf in, out, again;
    struct media_facts f, g;
    struct err e;
    buf_init(&in, MEDIA_MAX);
    buf_init(&out, MEDIA_MAX);
    buf_init(&again, MEDIA_MAX);
    jpeg(&in, _i == 0);
    ck_assert_int_eq(media_detect(buf_data(&in), buf_len(&in)), MEDIA_JPEG);
    ck_assert(holds(&in, SECRET));
    ck_assert_int_eq(media_strip(MEDIA_JPEG, buf_data(&in), buf_len(&in), CHINA, &out, &f, &e), 0);
    check_facts(&f, _i == 0);
    ck_assert_msg(!holds(&out, "Zhang") && !holds(&out, "1380"), "what was dropped is still there");
    /* The picture itself is all there, in order. */
    ck_assert(holds(&out, "JFIF") && holds(&out, "qt") && holds(&out, "ht"));
    ck_assert(memmem(buf_data(&out), buf_len(&out), "s1\x01\xff\0\x02\xff\xd3\x03", 9) != NULL);
    ck_assert_int_eq(memcmp(buf_data(&out) + buf_len(&out) - 6, "s2\x04\x05\xff\xd9", 6), 0);
    /* Time and place are told by the file that is kept, too. */
    ck_assert_int_eq(media_strip(MEDIA_JPEG, buf_data(&out), buf_len(&out), 0, &again, &g, &e), 0);
    check_facts(&g, _i == 0);
    ck_assert_uint_eq(buf_len(&again), buf_len(&out));
    ck_assert_int_eq(memcmp(buf_data(&again), buf_data(&out), buf_len(&out)), 0);
    buf_fini(&in);
    buf_fini(&out);
    buf_fini(&again);
}
END_TEST

START_TEST(refuses_a_photo_that_is_cut_off)
{
    struct buf in, out;
    struct media_facts f;
    struct err e;
    buf_init(&in, MEDIA_MAX);
    buf_init(&out, MEDIA_MAX);
    jpeg(&in, true);
    size_t whole = buf_len(&in) - strlen(SECRET);
    for (size_t n = 0; n < whole; n++) {
        buf_clear(&out);
        e = (struct err){0};
        ck_assert_int_eq(media_strip(MEDIA_JPEG, buf_data(&in), n, CHINA, &out, &f, &e), ERR_INVALID);
        ck_assert_str_eq(e.field, "data");
    }
    ck_assert_int_eq(media_strip(MEDIA_JPEG, buf_data(&in), whole, CHINA, &out, &f, &e), 0);
    buf_fini(&in);
    buf_fini(&out);
}
END_TEST

static void png_chunk(struct buf *b, const char *type, const void *data, size_t n)
{
    uint8_t len[4] = {(uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n};
    put(b, len, 4);
    put(b, type, 4);
    put(b, data, n);
    put(b, "crc!", 4);
}

START_TEST(strips_a_png)
{
    struct buf in, out;
    struct media_facts f;
    struct err e;
    uint8_t block[400];
    size_t n = camera_block(block, true);
    buf_init(&in, MEDIA_MAX);
    buf_init(&out, MEDIA_MAX);
    PUT(&in, "\x89PNG\r\n\x1a\n");
    png_chunk(&in, "IHDR", "0123456789abc", 13);
    png_chunk(&in, "tEXt", SECRET, strlen(SECRET));
    png_chunk(&in, "iTXt", SECRET, strlen(SECRET));
    png_chunk(&in, "eXIf", block, n);
    png_chunk(&in, "IDAT", "picture", 7);
    png_chunk(&in, "IEND", "", 0);
    PUT(&in, SECRET);
    ck_assert_int_eq(media_detect(buf_data(&in), buf_len(&in)), MEDIA_PNG);
    ck_assert_int_eq(media_strip(MEDIA_PNG, buf_data(&in), buf_len(&in), CHINA, &out, &f, &e), 0);
    check_facts(&f, true);
    ck_assert(!holds(&out, "Zhang") && holds(&out, "picture") && holds(&out, "eXIf"));
    ck_assert_int_eq(memcmp(buf_data(&out) + buf_len(&out) - 8, "IENDcrc!", 8), 0);
    ck_assert_int_eq(media_strip(MEDIA_PNG, buf_data(&in), buf_len(&in) - 40, CHINA, &out, &f, &e), ERR_INVALID);
    buf_fini(&in);
    buf_fini(&out);
}
END_TEST

static void riff_chunk(struct buf *b, const char *type, const void *data, size_t n)
{
    uint8_t len[4] = {(uint8_t)n, (uint8_t)(n >> 8), (uint8_t)(n >> 16), 0};
    put(b, type, 4);
    put(b, len, 4);
    put(b, data, n);
    if (n % 2)
        put(b, "", 1);
}

START_TEST(strips_a_webp)
{
    struct buf body, in, out;
    struct media_facts f;
    struct err e;
    uint8_t block[400];
    size_t n = camera_block(block, true);
    buf_init(&body, MEDIA_MAX);
    buf_init(&in, MEDIA_MAX);
    buf_init(&out, MEDIA_MAX);
    riff_chunk(&body, "VP8X", "\x0c\0\0\0\1\0\0\1\0\0", 10);
    riff_chunk(&body, "VP8 ", "picture", 7);
    riff_chunk(&body, "EXIF", block, n);
    riff_chunk(&body, "XMP ", SECRET, strlen(SECRET));
    size_t size = buf_len(&body) + 4;
    uint8_t len[4] = {(uint8_t)size, (uint8_t)(size >> 8), 0, 0};
    PUT(&in, "RIFF");
    put(&in, len, 4);
    PUT(&in, "WEBP");
    put(&in, buf_data(&body), buf_len(&body));
    ck_assert_int_eq(media_detect(buf_data(&in), buf_len(&in)), MEDIA_WEBP);
    ck_assert_int_eq(media_strip(MEDIA_WEBP, buf_data(&in), buf_len(&in), CHINA, &out, &f, &e), 0);
    check_facts(&f, true);
    ck_assert(!holds(&out, "Zhang") && !holds(&out, "XMP ") && holds(&out, "picture") && holds(&out, "EXIF"));
    const uint8_t *d = buf_data(&out);
    ck_assert_uint_eq(d[4] + d[5] * 256u + 8, buf_len(&out));
    ck_assert_int_eq(d[20], 0x08); /* EXIF yes, XMP no */
    ck_assert_int_eq(media_strip(MEDIA_WEBP, buf_data(&in), buf_len(&in) - 1, CHINA, &out, &f, &e), ERR_INVALID);
    buf_fini(&body);
    buf_fini(&in);
    buf_fini(&out);
}
END_TEST

static const struct {
    const char *bytes;
    size_t len;
    enum media_kind kind;
} samples[] = {
    {"%PDF-1.7\n", 9, MEDIA_PDF},
    {"%PDF-3.0\n", 9, MEDIA_NONE},
    {"\0\0\0\x18"
     "ftypisom\0\0\2\0",
     16, MEDIA_MP4},
    {"\0\0\0\x18"
     "ftypheic\0\0\0\0",
     16, MEDIA_NONE},
    {"ID3\x04\0\0\0\0\0\0", 10, MEDIA_MP3},
    {"\xff\xfb\x90\x64", 4, MEDIA_MP3},
    {"\xff\xff\xff\xff", 4, MEDIA_NONE},
    {"GIF89a..........", 16, MEDIA_NONE},
    {"MZ\x90\0\3\0\0\0", 8, MEDIA_NONE},
    {"#!/bin/sh\n", 10, MEDIA_NONE},
    {"<html></html>", 13, MEDIA_NONE},
    {"\xff\xd8", 2, MEDIA_NONE},
    {"", 0, MEDIA_NONE},
};

START_TEST(knows_kinds)
{
    ck_assert_int_eq(media_detect((const uint8_t *)samples[_i].bytes, samples[_i].len), samples[_i].kind);
}
END_TEST

START_TEST(reads_names)
{
    ck_assert_int_eq(media_kind_of_name("照片 1.JPG"), MEDIA_JPEG);
    ck_assert_int_eq(media_kind_of_name("a.b.jpeg"), MEDIA_JPEG);
    ck_assert_int_eq(media_kind_of_name("a.webp"), MEDIA_WEBP);
    ck_assert_int_eq(media_kind_of_name("a.exe"), MEDIA_NONE);
    ck_assert_int_eq(media_kind_of_name("jpg"), MEDIA_NONE);
}
END_TEST

/* Random damage to a block: nothing is read beyond it (the sanitizers watch), and what is told stays in range. */
START_TEST(survives_a_broken_block)
{
    uint8_t block[400];
    uint32_t x = 20211126;
    for (int round = 0; round < 20000; round++) {
        size_t n = camera_block(block, true);
        for (int k = 0; k < 4; k++) {
            x = x * 1664525 + 1013904223;
            block[(x >> 8) % n] = (uint8_t)(x >> 24);
        }
        x = x * 1664525 + 1013904223;
        size_t len = n - (x >> 16) % 8;
        uint8_t *copy = malloc(len);
        memcpy(copy, block, len);
        struct media_facts f;
        exif_clear(&f);
        exif_read(copy, len, CHINA, &f);
        free(copy);
        ck_assert(f.orientation >= 0 && f.orientation <= 8);
        ck_assert(!f.has_place || (fabs(f.latitude) <= 90 && fabs(f.longitude) <= 180));
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("media");
    TCase *t = tcase_create("media");
    tcase_add_loop_test(t, strips_a_photo, 0, 2);
    tcase_add_test(t, refuses_a_photo_that_is_cut_off);
    tcase_add_test(t, strips_a_png);
    tcase_add_test(t, strips_a_webp);
    tcase_add_loop_test(t, knows_kinds, 0, (int)(sizeof samples / sizeof samples[0]));
    tcase_add_test(t, reads_names);
    tcase_add_test(t, survives_a_broken_block);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
#include "server/feed/cursor.h"

#include <string.h>
#include <sodium.h>

enum { VERSION = 1, RAW_SIZE = 17, WATCH_VERSION = 2, WATCH_RAW_SIZE = 25, VARIANT = sodium_base64_VARIANT_URLSAFE_NO_PADDING };

int feed_cursor_compare(struct feed_cursor a, struct feed_cursor b)
{
    if (a.xid != b.xid)
        return a.xid < b.xid ? -1 : 1;
    return (a.seq > b.seq) - (a.seq < b.seq);
}

static void put_u64(unsigned char *out, uint64_t v)
{
    for (int i = 7; i >= 0; i--, v >>= 8)
        out[i] = (unsigned char)v;
}

static uint64_t get_u64(const unsigned char *in)
{
    uint64_t v = 0;
    for (int i = 0; i < 8; i++)
        v = v << 8 | in[i];
    return v;
}

void feed_cursor_format(struct feed_cursor c, char out[FEED_CURSOR_TEXT_SIZE])
{
    unsigned char raw[RAW_SIZE] = {VERSION};

    put_u64(raw + 1, c.xid);
    put_u64(raw + 9, (uint64_t)c.seq);
    sodium_bin2base64(out, FEED_CURSOR_TEXT_SIZE, raw, sizeof(raw), VARIANT);
}

static int refuse(struct err *e)
{
    return err_field(
        e, ERR_INVALID, "cursor",
        "The cursor is none of this server's; leave it empty to begin now, or give \"0\" to begin at the beginning.");
}

int feed_cursor_parse(const char *s, struct feed_cursor *ret, struct err *e)
{
    unsigned char raw[RAW_SIZE];
    char again[FEED_CURSOR_TEXT_SIZE];
    size_t len = 0;

    if (strcmp(s, "0") == 0) {
        *ret = (struct feed_cursor){0};
        return 0;
    }
    /* libsodium also takes some bytes above 127 for digits: only what we would have written is ours. */
    if (sodium_base642bin(raw, sizeof(raw), s, strlen(s), NULL, &len, NULL, VARIANT) || len != sizeof(raw) ||
        raw[0] != VERSION || (raw[9] & 0x80) ||
        strcmp(sodium_bin2base64(again, sizeof(again), raw, sizeof(raw), VARIANT), s) != 0)
        return refuse(e);
    *ret = (struct feed_cursor){.xid = get_u64(raw + 1), .seq = (int64_t)get_u64(raw + 9)};
    return 0;
}

void watch_cursor_format(const struct watch_cursor *c, char out[WATCH_CURSOR_TEXT_SIZE])
{
    unsigned char raw[WATCH_RAW_SIZE] = {WATCH_VERSION};

    if (c->notice_id < 0) {
        feed_cursor_format(c->at, out);
        return;
    }
    put_u64(raw + 1, c->at.xid);
    put_u64(raw + 9, (uint64_t)c->at.seq);
    put_u64(raw + 17, (uint64_t)c->notice_id);
    sodium_bin2base64(out, WATCH_CURSOR_TEXT_SIZE, raw, sizeof(raw), VARIANT);
}

int watch_cursor_parse(const char *s, struct watch_cursor *ret, struct err *e)
{
    unsigned char raw[WATCH_RAW_SIZE];
    char again[WATCH_CURSOR_TEXT_SIZE];
    struct watch_cursor c = {.notice_id = -1};
    size_t len = 0;

    if (strlen(s) != WATCH_CURSOR_TEXT_SIZE - 1) {
        int r = feed_cursor_parse(s, &c.at, e);
        if (!r && strcmp(s, "0") == 0)
            c.notice_id = 0;
        if (!r)
            *ret = c;
        return r;
    }
    if (sodium_base642bin(raw, sizeof(raw), s, strlen(s), NULL, &len, NULL, VARIANT) || len != sizeof(raw) ||
        raw[0] != WATCH_VERSION || ((raw[9] | raw[17]) & 0x80) ||
        strcmp(sodium_bin2base64(again, sizeof(again), raw, sizeof(raw), VARIANT), s) != 0)
        return refuse(e);
    c.at = (struct feed_cursor){.xid = get_u64(raw + 1), .seq = (int64_t)get_u64(raw + 9)};
    c.notice_id = (int64_t)get_u64(raw + 17);
    *ret = c;
    return 0;
}

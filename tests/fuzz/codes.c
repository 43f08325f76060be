/* SPDX-License-Identifier: MIT */
/*
 * The small strict parsers. Input: a letter for the parser, then its text. What a parser takes is written back as it was, or
 * in its one canonical form, which then stays as it is; what it refuses it explains in UTF-8.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "client/cli/instant.h"
#include "common/base/base64.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/base/uuid.h"
#include "common/h2/grpc.h"
#include "fuzz.h"
#include "server/domain/number.h"
#include "server/domain/period.h"
#include "server/domain/region.h"
#include "server/feed/cursor.h"
#include "server/service/page_token.h"

#define NOW (INT64_C(1609459200) * USEC_PER_SEC)

static void check_error(const struct err *e, int rc)
{
    FUZZ_CHECK(rc == ERR_INVALID && e->code == rc && e->text[0]);
    FUZZ_CHECK(text_is_utf8(e->text, strlen(e->text)));
}

static void date(const char *s)
{
    int32_t day;
    char out[11];
    if (!clock_parse_date(s, &day))
        return;
    clock_format_date(day, out);
    FUZZ_CHECK(strcmp(out, s) == 0);
}

static void rfc3339(const char *s)
{
    usec_t t, again;
    char out[25], out2[25];
    struct civil c;
    if (!clock_parse_rfc3339(s, &t))
        return;
    clock_to_civil(t, 0, &c);
    FUZZ_CHECK(clock_from_civil(&c, 0) <= t && t - clock_from_civil(&c, 0) < USEC_PER_SEC);
    if (c.year < 1 || c.year > 9999) /* an offset led out of the years that can be written */
        return;
    clock_format_rfc3339(t, out);
    FUZZ_CHECK(clock_parse_rfc3339(out, &again) && again <= t && t - again < 1000);
    clock_format_rfc3339(again, out2);
    FUZZ_CHECK(strcmp(out, out2) == 0);
}

static void region(const char *s)
{
    int64_t code;
    char out[REGION_TEXT_SIZE];
    struct err e = {0};
    int rc = region_parse(s, &code, &e);
    if (rc) {
        check_error(&e, rc);
        return;
    }
    region_format(code, out);
    FUZZ_CHECK(strcmp(out, s) == 0);
    enum region_level level = region_level_of(code);
    FUZZ_CHECK(level != LEVEL_NONE && (size_t)region_digits(level) == strlen(s));
    FUZZ_CHECK(region_span_contains(region_span_of(code), code) && region_contains(code, code));
    for (enum region_level l = LEVEL_CITY; l <= level; l++) {
        int64_t up = region_parent(code, l);
        FUZZ_CHECK(region_level_of(up) == l && region_contains(up, code));
    }
}

static void number(const char *s)
{
    int64_t n;
    char out[NUMBER_TEXT_SIZE];
    struct err e = {0};
    int rc = number_parse(s, &n, &e);
    if (rc) {
        check_error(&e, rc);
        return;
    }
    number_format(n, out);
    FUZZ_CHECK(strcmp(out, s) == 0);
}

static void category(const char *s)
{
    char lo[6], hi[6];
    struct err e = {0};
    int rc = category_prefix_range(s, lo, hi, &e);
    if (rc) {
        check_error(&e, rc);
        FUZZ_CHECK(!category_code_is_valid(s));
        return;
    }
    FUZZ_CHECK(category_code_is_valid(lo) && category_code_is_valid(hi) && strcmp(lo, hi) <= 0);
    FUZZ_CHECK(strncmp(lo, s, strlen(s)) == 0 && strncmp(hi, s, strlen(s)) == 0);
}

static void page(const char *s)
{
    struct page_token t;
    struct arena *a = arena_create(4096);
    /* Whoever makes tokens knows the filter; a first look takes it from the text as the server's own would be. */
    for (int64_t filter = 0; filter <= 1; filter++)
        if (page_token_read(s, filter, &t)) {
            char *out = page_token_write(a, &t);
            FUZZ_CHECK(out && strcmp(out, s) == 0 && t.filter == filter);
        }
    arena_destroy(a);
}

static void cursor(const char *s)
{
    struct feed_cursor c;
    char out[FEED_CURSOR_TEXT_SIZE];
    struct err e = {0};
    int rc = feed_cursor_parse(s, &c, &e);
    if (rc) {
        check_error(&e, rc);
        return;
    }
    feed_cursor_format(c, out);
    FUZZ_CHECK(strcmp(s, "0") == 0 || strcmp(out, s) == 0);
    FUZZ_CHECK(c.seq >= 0 && feed_cursor_compare(c, c) == 0);
}

static void uuid(const char *s)
{
    struct uuid u, again;
    char out[UUID_TEXT_LEN + 1];
    if (!uuid_parse(s, &u))
        return;
    uuid_format(&u, out);
    FUZZ_CHECK(strcasecmp(out, s) == 0 && uuid_parse(out, &again) && uuid_equal(&u, &again));
}

static void instant(const char *s)
{
    usec_t t, again;
    char out[INSTANT_TEXT_MAX];
    struct err e = {0};
    int rc = instant_parse(s, NOW, &t, &e);
    if (rc) {
        check_error(&e, rc);
        return;
    }
    struct civil c;
    clock_to_civil(t, INSTANT_UTC_OFFSET_S, &c);
    if (c.year < 1 || c.year > 9999)
        return;
    instant_format(t, out);
    FUZZ_CHECK(instant_parse(out, NOW, &again, &e) == 0 && again <= t && t - again < USEC_PER_SEC);
}

static void timeout(const char *s)
{
    usec_t us, again;
    char out[16];
    if (grpc_timeout_parse(s, strlen(s), &us))
        return;
    FUZZ_CHECK(us >= 0);
    grpc_timeout_format(us, out);
    FUZZ_CHECK(grpc_timeout_parse(out, strlen(out), &again) == 0 && again >= us);
}

static void message(const char *s)
{
    char decoded[GRPC_MAX_ENCODED_MESSAGE], encoded[3 * GRPC_MAX_ENCODED_MESSAGE], again[GRPC_MAX_ENCODED_MESSAGE];
    grpc_message_decode(s, strlen(s), decoded, sizeof decoded);
    FUZZ_CHECK(text_is_utf8(decoded, strlen(decoded)));
    size_t n = grpc_message_encode(decoded, encoded, sizeof encoded);
    FUZZ_CHECK(n == strlen(encoded));
    for (size_t i = 0; i < n; i++)
        FUZZ_CHECK(encoded[i] >= 0x20 && encoded[i] <= 0x7e);
    grpc_message_decode(encoded, n, again, sizeof again);
    FUZZ_CHECK(strcmp(decoded, again) == 0);
    char small[32];
    (void)grpc_message_encode(s, small, sizeof small);
    grpc_message_decode(small, strlen(small), again, sizeof again);
    FUZZ_CHECK(!text_is_utf8(s, strlen(s)) || strncmp(s, again, strlen(again)) == 0);
}

static void base64(const char *s)
{
    size_t n = strlen(s), len;
    unsigned char *raw = malloc(n / 4 * 3 + 2);
    FUZZ_CHECK(raw != NULL);
    if (base64_decode(s, n, raw, &len) == 0) {
        char *out = malloc(BASE64_SIZE(len));
        size_t bare = n;
        while (bare > 0 && s[bare - 1] == '=')
            bare--;
        FUZZ_CHECK(out && base64_encode(raw, len, false, out) == bare);
        /* The last character may carry bits that stand for nothing. */
        FUZZ_CHECK(bare == 0 || strncmp(out, s, bare - 1) == 0);
        free(out);
    }
    free(raw);
}

static void window(const char *s)
{
    char from[32] = "";
    struct period p;
    struct period_split split;
    struct err e = {0};
    const char *blank = strchr(s, ' ');
    if (!blank || (size_t)(blank - s) >= sizeof from)
        return;
    memcpy(from, s, (size_t)(blank - s));
    int rc = period_parse(from, blank + 1, &p, &e);
    if (rc) {
        check_error(&e, rc);
        return;
    }
    char out[11];
    FUZZ_CHECK(p.first <= p.last && p.last - p.first < PERIOD_MAX_DAYS);
    clock_format_date(p.first, out);
    FUZZ_CHECK(strcmp(out, from) == 0);
    period_split_of(p, &split);
    int64_t days = 0;
    if (split.head.first <= split.head.last)
        days += split.head.last - split.head.first + 1;
    for (int32_t m = split.month_first; m <= split.month_last; m++) {
        struct period month = period_of_month(m);
        days += month.last - month.first + 1;
        FUZZ_CHECK(period_month_of_day(month.first) == m && period_month_of_day(month.last) == m);
    }
    if (split.tail.first <= split.tail.last)
        days += split.tail.last - split.tail.first + 1;
    FUZZ_CHECK(days == (int64_t)p.last - p.first + 1);
    struct period before = period_previous(p), earlier = period_year_earlier(p);
    FUZZ_CHECK(before.first <= before.last && before.last == p.first - 1);
    FUZZ_CHECK(earlier.first <= earlier.last && earlier.first < p.first);
    FUZZ_CHECK(period_begin_us(p, 28800) < period_end_us(p, 28800));
}

static void integer(const char *s)
{
    int64_t v;
    if (text_to_i64(s, INT64_MIN, INT64_MAX, &v))
        return;
    FUZZ_CHECK(v == strtoll(s, NULL, 10));
    FUZZ_CHECK(text_to_i64(s, v, v, &v) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct {
        char letter;
        void (*fn)(const char *s);
    } parsers[] = {
        {'d', date}, {'t', rfc3339}, {'r', region},  {'n', number},  {'c', category}, {'p', page},   {'f', cursor},
        {'u', uuid}, {'i', instant}, {'g', timeout}, {'m', message}, {'b', base64},   {'w', window}, {'x', integer},
    };
    struct fuzz_input in = {data, size};
    char letter = (char)fuzz_byte(&in);
    char *text = fuzz_text(&in);
    FUZZ_CHECK(sodium_init() >= 0);
    for (size_t i = 0; i < sizeof parsers / sizeof parsers[0]; i++)
        if (parsers[i].letter == letter)
            parsers[i].fn(text);
    free(text);
    return 0;
}

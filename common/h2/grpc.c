/* SPDX-License-Identifier: MIT */
#include "common/h2/grpc.h"

#include <stdio.h>
#include <string.h>

#include "common/base/text.h"

const char *grpc_status_name(int status)
{
    static const char *const names[] = {
        "OK",        "CANCELLED",       "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
        "NOT_FOUND", "ALREADY_EXISTS",  "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
        "ABORTED",   "OUT_OF_RANGE",    "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
        "DATA_LOSS", "UNAUTHENTICATED",
    };
    return status >= 0 && status < (int)(sizeof names / sizeof names[0]) ? names[status] : names[GRPC_UNKNOWN];
}

int grpc_status_from_http(int http_status)
{
    switch (http_status) {
    case 400:
        return GRPC_INTERNAL;
    case 401:
        return GRPC_UNAUTHENTICATED;
    case 403:
        return GRPC_PERMISSION_DENIED;
    case 404:
        return GRPC_UNIMPLEMENTED;
    case 429:
    case 502:
    case 503:
    case 504:
        return GRPC_UNAVAILABLE;
    default:
        return GRPC_UNKNOWN;
    }
}

int grpc_status_from_h2_error(uint32_t error_code)
{
    switch (error_code) {
    case NGHTTP2_REFUSED_STREAM:
        return GRPC_UNAVAILABLE;
    case NGHTTP2_CANCEL:
        return GRPC_CANCELLED;
    case NGHTTP2_ENHANCE_YOUR_CALM:
        return GRPC_RESOURCE_EXHAUSTED;
    case NGHTTP2_INADEQUATE_SECURITY:
        return GRPC_PERMISSION_DENIED;
    default:
        return GRPC_INTERNAL;
    }
}

int grpc_timeout_parse(const char *s, size_t len, usec_t *ret_us)
{
    if (len < 2 || len > 9)
        return ERR_INVALID;
    int64_t v = 0;
    for (size_t i = 0; i < len - 1; i++) {
        if (s[i] < '0' || s[i] > '9')
            return ERR_INVALID;
        v = v * 10 + (s[i] - '0');
    }
    switch (s[len - 1]) {
    case 'H':
        *ret_us = v * 3600 * USEC_PER_SEC;
        return 0;
    case 'M':
        *ret_us = v * 60 * USEC_PER_SEC;
        return 0;
    case 'S':
        *ret_us = v * USEC_PER_SEC;
        return 0;
    case 'm':
        *ret_us = v * 1000;
        return 0;
    case 'u':
        *ret_us = v;
        return 0;
    case 'n':
        *ret_us = (v + 999) / 1000;
        return 0;
    default:
        return ERR_INVALID;
    }
}

void grpc_timeout_format(usec_t us, char out[16])
{
    static const struct {
        usec_t unit;
        char letter;
    } units[] = {{1, 'u'}, {1000, 'm'}, {USEC_PER_SEC, 'S'}, {60 * USEC_PER_SEC, 'M'}, {3600 * USEC_PER_SEC, 'H'}};
    if (us < 1)
        us = 1;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        usec_t n = us / units[i].unit + (us % units[i].unit != 0);
        if (n <= 99999999) {
            (void)snprintf(out, 16, "%u%c", (unsigned)n, units[i].letter);
            return;
        }
    }
    (void)snprintf(out, 16, "99999999H");
}

size_t grpc_message_encode(const char *text, char *out, size_t cap)
{
    static const char hex[] = "0123456789ABCDEF";
    size_t n = 0;
    size_t len = strlen(text);
    for (size_t i = 0; i < len;) {
        uint32_t cp;
        size_t k = text_decode(text + i, len - i, &cp);
        if (k == 0)
            k = 1;
        bool plain = k == 1 && text[i] >= 0x20 && text[i] <= 0x7e && text[i] != '%';
        /* A character goes whole or not at all, so what is cut still decodes to UTF-8. */
        if (n + (plain ? 1 : 3 * k) + 1 > cap)
            break;
        for (size_t j = 0; j < k; j++) {
            unsigned char c = (unsigned char)text[i + j];
            if (plain) {
                out[n++] = (char)c;
            } else {
                out[n++] = '%';
                out[n++] = hex[c >> 4];
                out[n++] = hex[c & 15];
            }
        }
        i += k;
    }
    out[n] = '\0';
    return n;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void grpc_message_decode(const char *s, size_t len, char *out, size_t cap)
{
    size_t n = 0;
    for (size_t i = 0; i < len && n + 1 < cap; i++) {
        int hi, lo;
        if (s[i] == '%' && len - i > 2 && (hi = hex_value(s[i + 1])) >= 0 && (lo = hex_value(s[i + 2])) >= 0) {
            out[n++] = (char)(hi << 4 | lo);
            i += 2;
        } else {
            out[n++] = s[i];
        }
    }
    out[n] = '\0';
    text_mend(out);
}

bool grpc_is_content_type(const char *s, size_t len)
{
    static const char want[] = "application/grpc";
    size_t n = sizeof want - 1;
    return len >= n && memcmp(s, want, n) == 0 && (len == n || s[n] == '+' || s[n] == ';');
}

void grpc_prefix_put(uint8_t out[GRPC_PREFIX_LEN], bool compressed, size_t len)
{
    out[0] = compressed;
    out[1] = (uint8_t)(len >> 24);
    out[2] = (uint8_t)(len >> 16);
    out[3] = (uint8_t)(len >> 8);
    out[4] = (uint8_t)len;
}

nghttp2_nv grpc_nv(const char *name, const char *value)
{
    return (nghttp2_nv){
        .name = (uint8_t *)(uintptr_t)name,
        .namelen = strlen(name),
        .value = (uint8_t *)(uintptr_t)value,
        .valuelen = strlen(value),
        .flags = NGHTTP2_NV_FLAG_NONE,
    };
}

nghttp2_nv grpc_nv_once(const char *name, const char *value)
{
    nghttp2_nv nv = grpc_nv(name, value);
    nv.flags = NGHTTP2_NV_FLAG_NO_INDEX;
    return nv;
}

/* SPDX-License-Identifier: MIT */
/* What gRPC adds to HTTP/2, as pure functions: status codes, timeouts, percent-coded messages, headers. Both sides use it. */
#ifndef WG_H2_GRPC_H
#define WG_H2_GRPC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <nghttp2/nghttp2.h>

#include "common/base/clock.h"
#include "common/base/err.h"

enum grpc_status {
    GRPC_OK = 0,
    GRPC_CANCELLED = 1,
    GRPC_UNKNOWN = 2,
    GRPC_INVALID_ARGUMENT = 3,
    GRPC_DEADLINE_EXCEEDED = 4,
    GRPC_NOT_FOUND = 5,
    GRPC_ALREADY_EXISTS = 6,
    GRPC_PERMISSION_DENIED = 7,
    GRPC_RESOURCE_EXHAUSTED = 8,
    GRPC_FAILED_PRECONDITION = 9,
    GRPC_ABORTED = 10,
    GRPC_OUT_OF_RANGE = 11,
    GRPC_UNIMPLEMENTED = 12,
    GRPC_INTERNAL = 13,
    GRPC_UNAVAILABLE = 14,
    GRPC_DATA_LOSS = 15,
    GRPC_UNAUTHENTICATED = 16,
};

enum {
    GRPC_PREFIX_LEN = 5,                    /* compressed flag and big-endian length before every message */
    GRPC_MAX_MESSAGE = 1024 * 1024,         /* bytes of one message, also after inflating */
    GRPC_MAX_HEADERS = 16 * 1024,           /* what we advertise as SETTINGS_MAX_HEADER_LIST_SIZE */
    GRPC_SEND_WATERMARK = 64 * 1024,        /* a sender is told to stop above */
    GRPC_MAX_ENCODED_MESSAGE = 3 * 256 + 1, /* a percent-coded err.text and its NUL */
};

/* "INVALID_ARGUMENT"; "UNKNOWN" for codes that do not exist. Static. */
const char *grpc_status_name(int status);
/* What a response without grpc-status means, by its HTTP status or its RST_STREAM code. */
int grpc_status_from_http(int http_status);
int grpc_status_from_h2_error(uint32_t error_code);

/* Parses "100m": at most 8 digits and one of HMSmun. ERR_INVALID otherwise. Rounds up to a microsecond. */
int grpc_timeout_parse(const char *s, size_t len, usec_t *ret_us) MUST_CHECK;
/* Writes the smallest unit that fits 8 digits, rounding up; what is below 1 us becomes "1u". */
void grpc_timeout_format(usec_t us, char out[16]);

/* Percent-codes UTF-8 for grpc-message, cut to fit cap with its NUL. Returns the length. */
size_t grpc_message_encode(const char *text, char *out, size_t cap);
/* Undoes it; broken escapes stay as they are, and what is not UTF-8 becomes '?'. Always terminates. */
void grpc_message_decode(const char *s, size_t len, char *out, size_t cap);

/* True for "application/grpc", alone or followed by '+' or ';'. */
bool grpc_is_content_type(const char *s, size_t len);
void grpc_prefix_put(uint8_t out[GRPC_PREFIX_LEN], bool compressed, size_t len);

/* A header field whose strings stay valid until the submit function returns. */
nghttp2_nv grpc_nv(const char *name, const char *value);
/* As grpc_nv for values that do not come again: kept out of the peer's compression table. */
nghttp2_nv grpc_nv_once(const char *name, const char *value);

#endif

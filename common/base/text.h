/* SPDX-License-Identifier: MIT */
/* UTF-8 text and strict number parsing. No locale is consulted. */
#ifndef WG_BASE_TEXT_H
#define WG_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"

/* True if the bytes are well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms, at most U+10FFFF). NUL is allowed. */
bool text_is_utf8(const char *s, size_t len);
/* Number of code points in well-formed UTF-8. */
size_t text_chars(const char *s, size_t len);
/* Decodes one code point at s[0..len); returns its byte length, or 0 if malformed or len is 0. */
size_t text_decode(const char *s, size_t len, uint32_t *ret_cp);
/* True for characters that a terminal obeys or that reorder or hide what stands beside them: controls, marks and overrides of
 * writing direction, line and paragraph separators, the byte order mark. Text of others is never shown with them. */
bool text_cp_deceives(uint32_t cp);
/* True if a terminated string holds such a character. */
bool text_deceives(const char *s);
/* Number of code points of a terminated string that show something: no controls, blanks of any kind or invisible marks. */
size_t text_visible_chars(const char *s);
/* Encodes cp (a Unicode scalar value) into out (at least 4 bytes); returns the byte length. */
size_t text_encode(uint32_t cp, char out[4]);
/* Cuts an incomplete UTF-8 sequence off the end of a NUL-terminated string, in place. */
void text_trim_partial(char *s);
/* Makes well-formed UTF-8 of a terminated string, in place: cuts an incomplete end off, puts '?' for each malformed byte. */
void text_mend(char *s);
/* Copies at most dst_size - 1 bytes, cutting at a character boundary. Always terminates. Returns true if all fitted. */
bool text_copy(char *dst, size_t dst_size, const char *src);
/* Parses all of s as a decimal integer in [min, max]; no blanks, no '+'. ERR_INVALID otherwise, *ret untouched. */
int text_to_i64(const char *s, int64_t min, int64_t max, int64_t *ret) MUST_CHECK;
/* True if s is exactly n ASCII digits. */
bool text_is_digits(const char *s, size_t n);

#endif

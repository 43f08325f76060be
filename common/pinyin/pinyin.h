/* SPDX-License-Identifier: MIT */
/*
 * Pinyin initials of Han characters, by which people find a place or a category with Latin letters ("YH" finds 银行).
 * The server fills the directory's initials with it, the client filters its pick lists. No state, no allocation.
 */
#ifndef WG_PINYIN_PINYIN_H
#define WG_PINYIN_PINYIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"

/* The initials a character may be read with, bit 0 for A to bit 25 for Z; several for 行 (X, H). 0 if unknown. */
uint32_t pinyin_mask(uint32_t cp);
/* The initial of the most usual reading, 'A'..'Z'; 0 if unknown. */
char pinyin_usual(uint32_t cp);
/*
 * True if query stands for consecutive characters anywhere in text. A query letter matches a Han character with that
 * initial or the same letter in either case; any other query character matches itself, so that 银H finds 银行. Blanks and
 * punctuation in text between matched characters are stepped over. An empty query matches; malformed UTF-8 ends the text.
 */
bool pinyin_match(const char *text, const char *query);
/*
 * Writes the most usual initials of text in upper case; ASCII letters and digits stand for themselves, everything else is
 * left out. Always terminates (out_size >= 1). Returns the number of initials text has, which did not all fit if it is
 * >= out_size; ERR_INVALID if text is not UTF-8.
 */
int pinyin_initials(const char *text, char *out, size_t out_size) MUST_CHECK;

#endif

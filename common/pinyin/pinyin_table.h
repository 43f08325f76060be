/* SPDX-License-Identifier: MIT */
/* The generated table of initials (tools/pinyin_table.py); for pinyin.c alone. */
#ifndef WG_PINYIN_TABLE_H
#define WG_PINYIN_TABLE_H

#include <stdint.h>

/* Position of a page of 256 code points in pinyin_pages, by the upper byte of the code point; 0 is the empty page. */
extern const uint8_t pinyin_page_index[256];
/* Bits 0-25: possible initials, A first. Bits 26-30: the most usual one. 0: unknown. */
extern const uint32_t pinyin_pages[][256];

#endif

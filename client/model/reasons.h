/* SPDX-License-Identifier: MIT */
/*
 * Reason codes that are usual for an action, with their words. The server takes any code of at most 32 characters: these are
 * an offer, and how a known code is shown. Static texts, translated.
 */
#ifndef WG_CLIENT_MODEL_REASONS_H
#define WG_CLIENT_MODEL_REASONS_H

#include <stddef.h>

#include "wangge/v1/types.pb-c.h"

struct reason {
    const char *code;
    const char *text; /* msgid */
};

/* The i-th reason usual for an action, or NULL after the last. */
const struct reason *reasons_of(Wangge__V1__Action action, size_t i);
/* The words of a code, or the code itself. */
const char *reasons_text(const char *code);

#endif

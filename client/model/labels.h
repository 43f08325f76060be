/* SPDX-License-Identifier: MIT */
/* What the codes of the API are called: by people (translated) and on a command line ("feed-back", "field-check"). */
#ifndef WG_CLIENT_MODEL_LABELS_H
#define WG_CLIENT_MODEL_LABELS_H

#include <stdbool.h>
#include <stddef.h>

enum labels_kind {
    LABELS_STATE,
    LABELS_ACTION,
    LABELS_ROLE,
    LABELS_URGENCY,
    LABELS_CHANNEL,
    LABELS_CHECK_RESULT,
    LABELS_REGION_LEVEL,
    LABELS_APPROVAL,
    LABELS_CARD,
    LABELS_LIGHT,
    LABELS_PERSON,
    LABELS_NOTICE,
    LABELS_CLOCK,
    LABELS_INTERVAL, /* why an interval counts or does not */
    LABELS_AUDIT,
};

enum { LABELS_WORD_MAX = 40 };

/* The translated name of a value; a value this client does not know comes as its number, written into buf. */
const char *labels_text(enum labels_kind kind, int value, char buf[LABELS_WORD_MAX]);
/* Writes the command-line word of a value ("feed-back"), or its number. Returns buf. */
char *labels_word(enum labels_kind kind, int value, char buf[LABELS_WORD_MAX]);
/* Finds a value by its word, its enum name or its translated name. UNSPECIFIED is not found. */
bool labels_find(enum labels_kind kind, const char *word, int *ret);
/* Writes all words, separated by ", ", for help texts and messages. */
void labels_list(enum labels_kind kind, char *out, size_t size);

#endif

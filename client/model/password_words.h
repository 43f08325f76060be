/* SPDX-License-Identifier: MIT */
/* Why the server refuses a new password, in the person's language: its sentences are few, and known here. */
#ifndef WG_CLIENT_MODEL_PASSWORD_WORDS_H
#define WG_CLIENT_MODEL_PASSWORD_WORDS_H

#include <stddef.h>

/* Translates the server's sentence; one that is not known stays as it is. */
void password_words(const char *said, char *out, size_t size);

#endif

/* SPDX-License-Identifier: MIT */
/* The rules of passwords in words; see password_words.h. */
#include "client/model/password_words.h"

#include <stdio.h>
#include <string.h>

#include "client/model/i18n.h"
#include "common/base/text.h"

enum { NUMBERS = 2, DIGITS = 8 };

/* The server's formats, one number for each %s. */
static const char *const sentences[] = {
    N_("A new password has %s to %s characters."),
    N_("A new password has at least %s of these kinds of characters: upper case, lower case, digits, others."),
    N_("The password holds the login; choose one that does not."),
    N_("The password is made of common words, sequences or dates; add words of your own."),
    N_("This password is one of your last %s; choose another one."),
    N_("A password has at most %s characters."),
    N_("The old password is wrong."),
};

/* True if said is the sentence with numbers in it, which are copied. */
static bool fits(const char *sentence, const char *said, char numbers[NUMBERS][DIGITS])
{
    for (int n = 0; *sentence; sentence++) {
        if (strncmp(sentence, "%s", 2) != 0) {
            if (*sentence != *said++)
                return false;
            continue;
        }
        size_t len = strspn(said, "0123456789");
        if (n == NUMBERS || len == 0 || len >= DIGITS)
            return false;
        memcpy(numbers[n], said, len);
        numbers[n++][len] = 0;
        said += len;
        sentence++;
    }
    return *said == 0;
}

/* Puts the numbers where the translation has its %s. */
static void fill(const char *translated, char numbers[NUMBERS][DIGITS], char *out, size_t size)
{
    size_t used = 0;
    int n = 0;
    while (*translated && used + DIGITS < size) {
        if (strncmp(translated, "%s", 2) == 0 && n < NUMBERS) {
            used += (size_t)snprintf(out + used, size - used, "%s", numbers[n++]);
            translated += 2;
        } else {
            out[used++] = *translated++;
        }
    }
    out[used] = 0;
    text_trim_partial(out);
}

void password_words(const char *said, char *out, size_t size)
{
    char numbers[NUMBERS][DIGITS] = {{0}};
    for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++) {
        if (fits(sentences[i], said, numbers)) {
            fill(_(sentences[i]), numbers, out, size);
            return;
        }
    }
    text_copy(out, size, said);
}

/* SPDX-License-Identifier: MIT */
/*
 * The installation's data key and what is sealed with it: personal data, one-time password secrets. The key is a file of 32
 * random bytes that only the server's user may read; it is in no table and in no backup of the database, so that a stolen dump
 * shows nothing. Every use takes a key of its own, derived from it (crypto_kdf), so that no two uses can be played against each
 * other. Made by app, used by the services. Blocks only in secret_load and secret_create_file.
 *
 * Invariant: what was sealed for one table, row and column does not open for another.
 */
#ifndef WG_SECRET_SECRET_H
#define WG_SECRET_SECRET_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"

struct secret;

enum {
    SECRET_KEY_SIZE = 32,
    SECRET_CHECK_SIZE = 8,
    /* Format byte, first four bytes of the key's check, nonce, then the ciphertext, then the tag. */
    SECRET_OVERHEAD = 1 + 4 + 24 + 16,
    SECRET_CONTEXT_SIZE = 8, /* characters of a context */
};

/*
 * Makes a key file, mode 0600, and syncs it and its folder. ERR_EXISTS: there is one, which stays as it is. ERR_IO.
 */
int secret_create_file(const char *path, struct err *e) MUST_CHECK;
/* Reads a key file. Owned by the caller. NULL: ERR_IO (not there), ERR_INVALID (not 32 bytes, or others may read it). */
struct secret *secret_load(const char *path, struct err *e);
/* Wipes the key. Accepts NULL. */
void secret_destroy(struct secret *s);

/* A key for one use, for example of a blind index. context: exactly 8 characters, one of its own per use; id: a version. */
void secret_derive(const struct secret *s, const char *context, uint64_t id, uint8_t key[SECRET_KEY_SIZE]);
/* Tells one key from another and nothing about the key: what the database remembers of it. */
void secret_check_of(const struct secret *s, uint8_t check[SECRET_CHECK_SIZE]);

/* Where a sealed value stands. Borrowed; row is its primary key in any fixed form of bytes. */
struct secret_place {
    const char *table;
    const void *row;
    size_t row_len;
    const char *column;
};
/* Seals len bytes into out, which has room for len + SECRET_OVERHEAD. Never the same twice. */
void secret_seal(const struct secret *s, const struct secret_place *where, const void *plain, size_t len, uint8_t *out);
/*
 * Opens a sealed value of len bytes into out, which has room for len - SECRET_OVERHEAD. ERR_PRECONDITION: it was sealed with
 * another key. ERR_INTERNAL: it is damaged or stood in another place. out is wiped on failure.
 */
int secret_open(const struct secret *s, const struct secret_place *where, const void *sealed, size_t len, void *out,
                struct err *e) MUST_CHECK;

#endif

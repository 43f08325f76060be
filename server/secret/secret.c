/* SPDX-License-Identifier: MIT */
/*
 * A sealed value:
 *   01 | check[0..4] | nonce[24] | XChaCha20-Poly1305(plain, AAD = len‖table, len‖row, len‖column)
 * A random nonce of 24 bytes may be drawn for ever; the lengths keep ("ab", "c") and ("a", "bc") apart.
 */
#include "server/secret/secret.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <sodium.h>

enum { FORMAT = 1, CHECK_SHOWN = 4, NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, AAD_PART_MAX = 64 };

_Static_assert(SECRET_KEY_SIZE == crypto_kdf_KEYBYTES, "the data key is what crypto_kdf takes");
_Static_assert(SECRET_KEY_SIZE == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "a derived key seals");
_Static_assert(SECRET_CONTEXT_SIZE == crypto_kdf_CONTEXTBYTES, "a context is what crypto_kdf takes");
_Static_assert(SECRET_OVERHEAD == 1 + CHECK_SHOWN + NONCE + crypto_aead_xchacha20poly1305_ietf_ABYTES, "as the head says");

struct secret {
    uint8_t master[SECRET_KEY_SIZE];
    uint8_t sealing[SECRET_KEY_SIZE];
    uint8_t check[crypto_kdf_BYTES_MIN]; /* the first SECRET_CHECK_SIZE are shown */
};

/* A new file is there after a crash only if its folder was synced too. */
static int sync_folder(const char *path)
{
    char dir[PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t n = slash ? (size_t)(slash - path) : 0;
    int fd, r;

    if (n >= sizeof(dir))
        return -1;
    if (n)
        memcpy(dir, path, n);
    else
        dir[n++] = slash ? '/' : '.';
    dir[n] = '\0';
    fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    r = fsync(fd);
    close(fd);
    return r;
}

int secret_create_file(const char *path, struct err *e)
{
    uint8_t key[SECRET_KEY_SIZE];
    int fd, r = 0;

    if (sodium_init() < 0)
        return err_set(e, ERR_INTERNAL, "libsodium could not be started: the system gives no random numbers.");
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0 && errno == EEXIST)
        return err_set(e, ERR_EXISTS, "The key file %.160s is there already; it was left as it is.", path);
    if (fd < 0)
        return err_errno(e, errno, "The key file %.160s cannot be made.", path);
    randombytes_buf(key, sizeof(key));
    if (write(fd, key, sizeof(key)) != (ssize_t)sizeof(key) || fsync(fd) || sync_folder(path)) {
        r = err_errno(e, errno, "The key file %.160s cannot be written.", path);
        unlink(path);
    }
    close(fd);
    sodium_memzero(key, sizeof(key));
    return r;
}

struct secret *secret_load(const char *path, struct err *e)
{
    struct secret *s = NULL;
    struct stat st;
    uint8_t more;
    int fd = -1;

    if (sodium_init() < 0) {
        err_set(e, ERR_INTERNAL, "libsodium could not be started: the system gives no random numbers.");
        return NULL;
    }
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st)) {
        err_errno(e, errno, "The key file %.120s cannot be read; wangged init-key makes one.", path);
        goto fail;
    }
    if (!S_ISREG(st.st_mode) || (st.st_mode & (S_IRWXG | S_IRWXO) & ~(mode_t)S_IRGRP)) {
        err_set(e, ERR_INVALID, "The key file %.120s may be read by others; set its mode to 0600.", path);
        goto fail;
    }
    s = sodium_malloc(sizeof(*s));
    if (!s) {
        err_set(e, ERR_NOMEM, "Out of memory.");
        goto fail;
    }
    if (read(fd, s->master, sizeof(s->master)) != (ssize_t)sizeof(s->master) || read(fd, &more, 1) != 0) {
        err_set(e, ERR_INVALID, "The key file %.120s does not hold exactly 32 bytes; restore it from its backup.", path);
        goto fail;
    }
    close(fd);
    secret_derive(s, "wg-seal-", 1, s->sealing);
    crypto_kdf_derive_from_key(s->check, sizeof(s->check), 1, "wg-check", s->master);
    return s;
fail:
    if (fd >= 0)
        close(fd);
    secret_destroy(s);
    return NULL;
}

void secret_destroy(struct secret *s)
{
    sodium_free(s);
}

void secret_derive(const struct secret *s, const char *context, uint64_t id, uint8_t key[SECRET_KEY_SIZE])
{
    assert(strlen(context) == SECRET_CONTEXT_SIZE);
    crypto_kdf_derive_from_key(key, SECRET_KEY_SIZE, id, context, s->master);
}

void secret_check_of(const struct secret *s, uint8_t check[SECRET_CHECK_SIZE])
{
    memcpy(check, s->check, SECRET_CHECK_SIZE);
}

static size_t add_part(uint8_t *aad, const void *data, size_t len)
{
    assert(len <= AAD_PART_MAX);
    aad[0] = (uint8_t)len;
    memcpy(aad + 1, data, len);
    return len + 1;
}

/* Returns the length. */
static size_t aad_of(const struct secret_place *where, uint8_t aad[3 * (AAD_PART_MAX + 1)])
{
    size_t n = add_part(aad, where->table, strlen(where->table));

    n += add_part(aad + n, where->row, where->row_len);
    return n + add_part(aad + n, where->column, strlen(where->column));
}

void secret_seal(const struct secret *s, const struct secret_place *where, const void *plain, size_t len, uint8_t *out)
{
    uint8_t aad[3 * (AAD_PART_MAX + 1)];
    size_t aad_len = aad_of(where, aad);
    uint8_t *nonce = out + 1 + CHECK_SHOWN;

    out[0] = FORMAT;
    memcpy(out + 1, s->check, CHECK_SHOWN);
    randombytes_buf(nonce, NONCE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + NONCE, NULL, plain, len, aad, aad_len, NULL, nonce, s->sealing);
}

int secret_open(const struct secret *s, const struct secret_place *where, const void *sealed, size_t len, void *out,
                struct err *e)
{
    uint8_t aad[3 * (AAD_PART_MAX + 1)];
    size_t aad_len = aad_of(where, aad);
    const uint8_t *in = sealed;
    const uint8_t *nonce = in + 1 + CHECK_SHOWN;

    if (len < SECRET_OVERHEAD || in[0] != FORMAT)
        return err_set(e, ERR_INTERNAL, "A sealed value in the database is damaged; tell the administrator.");
    if (memcmp(in + 1, s->check, CHECK_SHOWN) != 0) {
        sodium_memzero(out, len - SECRET_OVERHEAD);
        return err_set(e, ERR_PRECONDITION,
                       "This was sealed with another data key; the administrator must give the server the key file it had.");
    }
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, nonce + NONCE, len - (size_t)(nonce + NONCE - in), aad,
                                                   aad_len, nonce, s->sealing)) {
        sodium_memzero(out, len - SECRET_OVERHEAD);
        return err_set(e, ERR_INTERNAL, "A sealed value in the database is damaged; tell the administrator.");
    }
    return 0;
}

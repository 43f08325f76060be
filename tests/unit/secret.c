/* SPDX-License-Identifier: MIT */
/* The data key: its file, what is derived from it, and that a sealed value opens in its own place only. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <check.h>

#include "server/secret/secret.h"

static char dir[64], path[96];
static struct secret *key;

static void setup(void)
{
    struct err e = {0};

    snprintf(dir, sizeof(dir), "/tmp/wangge-secret-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(path, sizeof(path), "%s/data.key", dir);
    ck_assert_msg(secret_create_file(path, &e) == 0, "%s", e.text);
    key = secret_load(path, &e);
    ck_assert_msg(key != NULL, "%s", e.text);
}

static void teardown(void)
{
    secret_destroy(key);
    unlink(path);
    rmdir(dir);
}

static void write_key(const void *data, size_t len, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_TRUNC | O_CREAT, 0600);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq((int)write(fd, data, len), (int)len);
    ck_assert_int_eq(fchmod(fd, mode), 0);
    close(fd);
}

START_TEST(the_file_is_private_and_made_once)
{
    struct stat st;
    struct err e = {0};

    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_int_eq((int)(st.st_mode & 07777), 0600);
    ck_assert_int_eq((int)st.st_size, SECRET_KEY_SIZE);
    ck_assert_int_eq(secret_create_file(path, &e), ERR_EXISTS);
}
END_TEST

START_TEST(bad_files_are_refused)
{
    uint8_t bytes[SECRET_KEY_SIZE + 1] = {1};
    struct err e = {0};

    write_key(bytes, SECRET_KEY_SIZE - 1, 0600);
    ck_assert_ptr_null(secret_load(path, &e));
    ck_assert_int_eq(e.code, ERR_INVALID);
    write_key(bytes, SECRET_KEY_SIZE + 1, 0600);
    ck_assert_ptr_null(secret_load(path, &e));
    ck_assert_int_eq(e.code, ERR_INVALID);
    write_key(bytes, SECRET_KEY_SIZE, 0644);
    ck_assert_ptr_null(secret_load(path, &e));
    ck_assert_int_eq(e.code, ERR_INVALID);
    unlink(path);
    ck_assert_ptr_null(secret_load(path, &e));
    ck_assert_int_eq(e.code, ERR_IO);
}
END_TEST

START_TEST(a_value_opens_where_it_was_sealed)
{
    static const char text[] = "13800000000";
    const struct secret_place there = {"person", "0123456789abcdef", 16, "phone"};
    uint8_t sealed[sizeof(text) + SECRET_OVERHEAD], again[sizeof(sealed)];
    char open[sizeof(text)];
    struct err e = {0};

    secret_seal(key, &there, text, sizeof(text), sealed);
    secret_seal(key, &there, text, sizeof(text), again);
    ck_assert_mem_ne(sealed, again, sizeof(sealed));
    ck_assert_int_eq(secret_open(key, &there, sealed, sizeof(sealed), open, &e), 0);
    ck_assert_str_eq(open, text);
}
END_TEST

static const struct secret_place elsewhere[] = {
    {"persons", "0123456789abcdef", 16, "phone"}, {"person", "0123456789abcdeg", 16, "phone"},
    {"person", "0123456789abcdef", 15, "phone"},  {"person", "0123456789abcdef", 16, "name"},
    {"person", "0123456789abcdefp", 17, "hone"},  {"perso", "n0123456789abcdef", 17, "phone"},
};

START_TEST(and_nowhere_else)
{
    static const char text[] = "x";
    const struct secret_place there = {"person", "0123456789abcdef", 16, "phone"};
    uint8_t sealed[sizeof(text) + SECRET_OVERHEAD];
    char open[sizeof(text)];
    struct err e = {0};

    secret_seal(key, &there, text, sizeof(text), sealed);
    ck_assert_int_eq(secret_open(key, &elsewhere[_i], sealed, sizeof(sealed), open, &e), ERR_INTERNAL);
}
END_TEST

START_TEST(every_changed_byte_is_seen)
{
    static const char text[] = "110101199003070000";
    const struct secret_place there = {"person", "r", 1, "id_number"};
    uint8_t sealed[sizeof(text) + SECRET_OVERHEAD];
    char open[sizeof(text)];
    struct err e = {0};

    secret_seal(key, &there, text, sizeof(text), sealed);
    for (size_t i = 0; i < sizeof(sealed); i++) {
        sealed[i] ^= 1;
        ck_assert_int_ne(secret_open(key, &there, sealed, sizeof(sealed), open, &e), 0);
        sealed[i] ^= 1;
    }
    for (size_t len = 0; len < sizeof(sealed); len++)
        ck_assert_int_ne(secret_open(key, &there, sealed, len, open, &e), 0);
    ck_assert_int_eq(secret_open(key, &there, sealed, sizeof(sealed), open, &e), 0);
}
END_TEST

START_TEST(another_key_says_so)
{
    const struct secret_place there = {"person", "r", 1, "phone"};
    uint8_t sealed[1 + SECRET_OVERHEAD], mine[SECRET_CHECK_SIZE], theirs[SECRET_CHECK_SIZE];
    uint8_t a[SECRET_KEY_SIZE], b[SECRET_KEY_SIZE];
    struct secret *other;
    struct err e = {0};
    char out;

    secret_seal(key, &there, "x", 1, sealed);
    unlink(path);
    ck_assert_int_eq(secret_create_file(path, &e), 0);
    other = secret_load(path, &e);
    ck_assert_ptr_nonnull(other);
    ck_assert_int_eq(secret_open(other, &there, sealed, sizeof(sealed), &out, &e), ERR_PRECONDITION);
    secret_check_of(key, mine);
    secret_check_of(other, theirs);
    ck_assert_mem_ne(mine, theirs, SECRET_CHECK_SIZE);
    secret_derive(key, "wg-phone", 1, a);
    secret_derive(key, "wg-phone", 2, b);
    ck_assert_mem_ne(a, b, SECRET_KEY_SIZE);
    secret_derive(key, "wg-idnum", 1, b);
    ck_assert_mem_ne(a, b, SECRET_KEY_SIZE);
    secret_derive(key, "wg-phone", 1, b);
    ck_assert_mem_eq(a, b, SECRET_KEY_SIZE);
    secret_destroy(other);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("secret");
    TCase *t = tcase_create("secret");
    SRunner *r;
    int failed;

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, the_file_is_private_and_made_once);
    tcase_add_test(t, bad_files_are_refused);
    tcase_add_test(t, a_value_opens_where_it_was_sealed);
    tcase_add_loop_test(t, and_nowhere_else, 0, (int)(sizeof(elsewhere) / sizeof(elsewhere[0])));
    tcase_add_test(t, every_changed_byte_is_seen);
    tcase_add_test(t, another_key_says_so);
    suite_add_tcase(s, t);
    r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}

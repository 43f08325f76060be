/* SPDX-License-Identifier: MIT */
#include "server/service/account_secret.h"

static int no_key(struct err *e)
{
    return err_set(e, ERR_PRECONDITION,
                   "The server has no data key for one-time passwords; its administrator makes one with wangged init-key.");
}

static struct secret_place place_of(const struct uuid *account)
{
    return (struct secret_place){"account", account->bytes, sizeof(account->bytes), "totp"};
}

int account_secret_seal(const struct secret *s, const struct uuid *account, const uint8_t secret[TOTP_SECRET_SIZE],
                        uint8_t sealed[ACCOUNT_SECRET_SEALED], struct err *e)
{
    struct secret_place place = place_of(account);

    if (!s)
        return no_key(e);
    secret_seal(s, &place, secret, TOTP_SECRET_SIZE, sealed);
    return 0;
}

int account_secret_open(const struct secret *s, const struct uuid *account, const uint8_t *sealed, size_t len,
                        uint8_t secret[TOTP_SECRET_SIZE], struct err *e)
{
    struct secret_place place = place_of(account);

    if (!s)
        return no_key(e);
    if (len != ACCOUNT_SECRET_SEALED)
        return err_set(e, ERR_INTERNAL, "A sealed value in the database is damaged; tell the administrator.");
    return secret_open(s, &place, sealed, len, secret, e);
}

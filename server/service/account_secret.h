/* SPDX-License-Identifier: MIT */
/* The secrets of one-time passwords: sealed with the data key for the account's row. Used by Login and the account service. */
#ifndef WG_SERVICE_ACCOUNT_SECRET_H
#define WG_SERVICE_ACCOUNT_SECRET_H

#include "common/base/err.h"
#include "common/base/uuid.h"
#include "server/domain/totp.h"
#include "server/secret/secret.h"

enum { ACCOUNT_SECRET_SEALED = TOTP_SECRET_SIZE + SECRET_OVERHEAD };

/* ERR_PRECONDITION: s is NULL, there is no data key. */
int account_secret_seal(const struct secret *s, const struct uuid *account, const uint8_t secret[TOTP_SECRET_SIZE],
                        uint8_t sealed[ACCOUNT_SECRET_SEALED], struct err *e) MUST_CHECK;
int account_secret_open(const struct secret *s, const struct uuid *account, const uint8_t *sealed, size_t len,
                        uint8_t secret[TOTP_SECRET_SIZE], struct err *e) MUST_CHECK;

#endif

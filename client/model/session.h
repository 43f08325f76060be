/* SPDX-License-Identifier: MIT */
/*
 * The session that outlives one run: token and whose it is, in $XDG_STATE_HOME/wangge/session, mode 0600. The token is bound
 * to the server it came from and is offered to no other.
 */
#ifndef WG_CLIENT_MODEL_SESSION_H
#define WG_CLIENT_MODEL_SESSION_H

#include <stdbool.h>

#include "common/base/clock.h"
#include "common/base/err.h"
#include "wangge/v1/auth.pb-c.h"

struct session {
    char token[128];
    char server[256]; /* the target it was opened at */
    char login[260];
    char name[164];
    char region_code[16];
    int role;          /* Wangge__V1__Role */
    usec_t expires_at; /* USEC_NONE if unknown */
};

/* Reads the stored session. ERR_NOT_FOUND if there is none; ERR_DENIED if others may read the file; ERR_INVALID if it is
 * broken. */
int session_load(struct session *ret, struct err *e) MUST_CHECK;
/* Replaces the stored session in one step. */
int session_save(const struct session *s, struct err *e) MUST_CHECK;
/* Removes the stored session; none is no error. */
int session_remove(struct err *e) MUST_CHECK;
/* Makes a session of the server's answer to a login. ERR_PROTOCOL if the answer lacks the token or does not fit. */
int session_from_login(const Wangge__V1__LoginResponse *resp, const char *server, struct session *ret,
                       struct err *e) MUST_CHECK;
/* True if s may be used at this server now. */
bool session_usable(const struct session *s, const char *server, usec_t now);
/* Writes "login@server": whose outbox entries are whose. */
void session_account(const struct session *s, char *out, size_t size);

#endif

/* SPDX-License-Identifier: MIT */
/* What the account subcommands share: choosing passwords, showing an account, and calls that answer with a remark. */
#ifndef WG_CLIENT_CLI_ACCOUNT_H
#define WG_CLIENT_CLI_ACCOUNT_H

#include "client/cli/cli.h"
#include "wangge/v1/account.pb-c.h"

enum {
    ACCOUNT_PASSWORD_SIZE = 1028, /* 256 characters */
    ACCOUNT_GROUP = 4,            /* letters and digits between hyphens in a made-up password */
    ACCOUNT_LETTERS = 16,         /* at least so many: 90 bits */
};

/*
 * Makes up a password of at least min_length characters (at most 128), of upper and lower case, digits and hyphens, without
 * letters that are mistaken for others on paper.
 */
void account_password_make(int min_length, char out[ACCOUNT_PASSWORD_SIZE]);
/*
 * A new password: made up (--generate), from standard input, or asked for twice. Wipe it after use. CLI_OK or the exit code,
 * told already.
 */
int account_password_take(struct cli *c, char out[ACCOUNT_PASSWORD_SIZE]);
/*
 * Prints a password that was made up, alone on standard output; with --json, who logs in with it. keep: it need not be changed.
 */
int account_password_put(struct cli *c, const char *login, const char *password, bool keep);
/* After a refused password: where the rules are. */
void account_password_hint(struct cli *c, const struct channel_result *r);

/* All there is to say about an account, as fields. */
void account_print(struct cli *c, const Wangge__V1__AccountDetail *d);
/* Its state in a few words: "disabled, one-time passwords". Returns out. */
char *account_state(const Wangge__V1__AccountDetail *d, char *out, size_t size);
/* "Name (code)", one of them, or "". Returns out. */
char *account_place(const char *name, const char *code, char *out, size_t size);

#endif

/* SPDX-License-Identifier: MIT */
/* The city's categories and grids, so that a dry run finds codes that do not exist before the server has to refuse them. */
#ifndef WG_CLIENT_CLI_IMPORT_CODES_H
#define WG_CLIENT_CLI_IMPORT_CODES_H

#include "client/cli/cli.h"

struct import_codes;

/* Asks the server. NULL if it cannot be asked, told as a remark. Owned by the caller. */
struct import_codes *import_codes_fetch(struct cli *c);
void import_codes_destroy(struct import_codes *codes);
/* ERR_NOT_FOUND or ERR_PRECONDITION: e->field is the column, e->text the reason. codes may be NULL: nothing is known. */
int import_codes_check(const struct import_codes *codes, const Wangge__V1__SubmitCaseRequest *req, struct err *e) MUST_CHECK;

#endif

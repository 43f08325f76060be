/* SPDX-License-Identifier: MIT */
/*
 * The checks and the JSON of ImportDirectory, without I/O: every row of a request is looked at, and what is wrong is named by
 * its path. Called by the handler only.
 */
#ifndef WG_SERVICE_DIRECTORY_IMPORT_H
#define WG_SERVICE_DIRECTORY_IMPORT_H

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "google/rpc/error_details.pb-c.h"
#include "server/domain/directory.h"
#include "wangge/v1/directory.pb-c.h"

enum { IMPORT_MAX_VIOLATIONS = 20, IMPORT_JSON_MAX = 16 * 1024 * 1024 };

/* What is wrong with a request; texts live in the arena. */
struct import_faults {
    struct arena *arena;
    size_t n; /* all of them; the first IMPORT_MAX_VIOLATIONS are kept */
    Google__Rpc__BadRequest__FieldViolation violations[IMPORT_MAX_VIOLATIONS];
    Google__Rpc__BadRequest__FieldViolation *list[IMPORT_MAX_VIOLATIONS];
};

/* dir: what is known already. */
void import_check(const Wangge__V1__ImportDirectoryRequest *req, const struct directory *dir, struct arena *a,
                  struct import_faults *ret);
/* Appends the object that directory_store_import takes; initials that are empty are made. The request has passed import_check.
 */
int import_write_json(const Wangge__V1__ImportDirectoryRequest *req, struct buf *out, struct err *e) MUST_CHECK;

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Sealing everything with another data key, in batches of one transaction each. Called by wangged rekey while no server runs.
 * Blocks. Invariant: a row is under one key or the other, whole; begun and not ended, the database says so
 * (setting data_key.next) and no server starts on it until the same change was run to its end.
 */
#ifndef WG_REKEY_H
#define WG_REKEY_H

#include <stdint.h>
#include <libpq-fe.h>

#include "common/base/err.h"
#include "server/secret/secret.h"

struct rekey_report {
    int64_t done;  /* sealed anew by this run */
    int64_t there; /* by an earlier one */
};

/*
 * ERR_PRECONDITION: a server runs, another change is unfinished, or the database knows neither key. ERR_INTERNAL: a value does
 * not open; nothing of its batch was written.
 */
int rekey_run(PGconn *pg, const struct secret *from, const struct secret *to, int batch, struct rekey_report *ret,
              struct err *e) MUST_CHECK;

#endif

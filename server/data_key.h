/* SPDX-License-Identifier: MIT */
/*
 * Where the data key of this installation is, and whether it is the one its database was sealed with. Called by wangged serve
 * before the workers start and by wangged init-key. Blocks.
 */
#ifndef WG_DATA_KEY_H
#define WG_DATA_KEY_H

#include "common/base/err.h"
#include "server/config_table.h"

/* data_key_file, or data.key in the folder of the private PostgreSQL. False if neither is configured. */
bool data_key_path(const struct server_config *cfg, char path[CONFIG_TEXT_SIZE + 16]);
/*
 * Makes the key of a private PostgreSQL if there is none yet and checks against the database: the first key ever used is
 * remembered by its check value. ERR_PRECONDITION: the database was sealed with another key, or with one that is not
 * configured.
 */
int data_key_prepare(const struct server_config *cfg, const char *conninfo, struct err *e) MUST_CHECK;

#endif

/* SPDX-License-Identifier: MIT */
/* Uploads and downloads of the commands: one file at a time, with progress, until it ended or the person interrupted. */
#ifndef WG_CLIENT_CLI_CLI_FILES_H
#define WG_CLIENT_CLI_CLI_FILES_H

#include "client/cli/cli.h"
#include "client/model/download.h"
#include "client/model/upload.h"

/* Uploads a file to a case. CLI_OK with *ret (owned by the caller, model_free), or the exit code, told already. */
int cli_upload(struct cli *c, const char *case_id, const char *path, bool evidence, Wangge__V1__Attachment **ret);
/* Downloads a file. CLI_OK with where it is in path, or the exit code, told already. */
int cli_download(struct cli *c, const struct download_file *f, char path[DOWNLOAD_PATH_SIZE], bool *ret_already);
/* True if an exit code is about the connection or the session: the next file would fare no better. */
bool cli_files_hopeless(int code);

#endif

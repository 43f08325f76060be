/* SPDX-License-Identifier: MIT */
/* Paths as people type them: "~", and what Tab makes of half a name. */
#ifndef WG_CLIENT_MODEL_COMPLETE_H
#define WG_CLIENT_MODEL_COMPLETE_H

#include <limits.h>

/*
 * A path as typed or dropped into the terminal, made one the system takes: blanks around it, one pair of quotes and the
 * backslashes of a shell are taken off, "file://" is decoded, a "~" at its beginning becomes the home folder. Cut to PATH_MAX.
 */
void complete_clean(const char *typed, char out[PATH_MAX]);
/*
 * Completes the last name of a path as far as all names that begin so agree; a folder that is the only one gets its slash.
 * Names with a leading dot count only if one was typed. Returns how many names begin so; with none, out is path.
 */
int complete_path(const char *path, char out[PATH_MAX]);

#endif

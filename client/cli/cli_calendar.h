/* SPDX-License-Identifier: MIT */
/* What the commands about clocks share. */
#ifndef WG_CLIENT_CLI_CLI_CALENDAR_H
#define WG_CLIENT_CLI_CLI_CALENDAR_H

#include "client/cli/calendar_file.h"
#include "client/cli/cli.h"

/*
 * Finds among all the calendar that a file is about, by the region (of the option if it is not NULL, else of the file) or by
 * the file's code, and takes over what the file does not say: code, name, region, zone. *ret_now: NULL if it is a new one.
 * CLI_OK or the exit code, told already.
 */
int cli_calendar_name(struct cli *c, struct calendar_file *f, const char *region, const Wangge__V1__ListCalendarsResponse *all,
                      const Wangge__V1__Calendar **ret_now);

#endif

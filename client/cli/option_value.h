/* SPDX-License-Identifier: MIT */
/* Values of options that several subcommands read alike. Each returns CLI_OK or the exit code, told already. */
#ifndef WG_CLIENT_CLI_OPTION_VALUE_H
#define WG_CLIENT_CLI_OPTION_VALUE_H

#include "client/cli/cli.h"
#include "client/model/labels.h"
#include "google/protobuf/timestamp.pb-c.h"

/* A word of a kind; *ret stays if the option is not given. */
int option_word(struct cli *c, enum options_option opt, enum labels_kind kind, int *ret);
/* A day of the business zone as the first moment of it, or of the day after; *ret stays if the option is not given. */
int option_day(struct cli *c, enum options_option opt, int plus_days, Google__Protobuf__Timestamp *room,
               Google__Protobuf__Timestamp **ret);

#endif

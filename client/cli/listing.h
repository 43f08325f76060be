/* SPDX-License-Identifier: MIT */
/* Lists of the server as tables or as JSON, page after page until --limit rows are shown. */
#ifndef WG_CLIENT_CLI_LISTING_H
#define WG_CLIENT_CLI_LISTING_H

#include "client/cli/cli.h"

struct listing_column {
    const char *title; /* marked with N_() */
    bool right, shrink;
};

/* Borrowed, with all it points to, during listing_run. The answer's one repeated field of messages holds the rows. */
struct listing {
    const struct channel_method *method;
    const ProtobufCMessage *request;
    int32_t *page_size; /* these two inside the request; NULL: the answer comes whole */
    char **page_token;
    const struct listing_column *columns;
    int n_columns;
    /* Fills a row; false without memory. */
    bool (*row)(struct table *t, const ProtobufCMessage *item);
    const char *none; /* the remark if there is nothing, translated */
};

/* CLI_OK or the exit code, told already. */
int listing_run(struct cli *c, const struct listing *l);

#endif

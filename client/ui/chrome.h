/* SPDX-License-Identifier: MIT */
/* The frame of every screen: title line with who, connection, unsent and time; rules; boxes; message and footer lines. */
#ifndef WG_CLIENT_UI_CHROME_H
#define WG_CLIENT_UI_CHROME_H

#include "client/term/term.h"

struct chrome_status {
    const char *title;  /* the screen's name */
    const char *who;    /* "Wang Li@03-07"; NULL before login */
    const char *online; /* "online", "connecting", ... */
    bool trouble;       /* the connection is not there */
    int unread;         /* notices of the inbox */
    int unsent;         /* entries in the outbox */
    const char *time;   /* "09:41" */
};

/* Row 0. */
void chrome_title(struct term *t, const struct chrome_status *s);
/* A rule across the screen. */
void chrome_rule(struct term *t, int row);
/* Clears and frames a box; title may be NULL. */
void chrome_box(struct term *t, int row, int col, int rows, int columns, const char *title);
/* A line of label and value; returns columns used. */
int chrome_label(struct term *t, int row, int col, int label_columns, const char *label, int columns, uint16_t attr,
                 const char *value);
/* Says that the terminal is too small. */
void chrome_too_small(struct term *t, int rows, int columns);
/* Centres a message in the rows [row, row + rows). */
void chrome_message(struct term *t, int row, int rows, const char *text, const char *hint);

#endif

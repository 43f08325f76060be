/* SPDX-License-Identifier: MIT */
/* What the server can say, as strings: its headers and the client's do not go together. */
#ifndef WG_TESTS_UNIT_CLIENT_WORDS_H
#define WG_TESTS_UNIT_CLIENT_WORDS_H

/* The i-th guard's name; "?" if it has none; NULL after the last. */
const char *server_guard(int i);
/* The i-th field an action can need; NULL after the last. */
const char *server_field(int i);

#endif

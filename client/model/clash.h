/* SPDX-License-Identifier: MIT */
/*
 * When somebody else was first: whether what a person wanted meets what happened since, so that a program can offer to send
 * it again on the new version, to keep it as a note, or to leave it. Pure; used by the screens and by the command line.
 */
#ifndef WG_CLIENT_MODEL_CLASH_H
#define WG_CLIENT_MODEL_CLASH_H

#include <stdbool.h>
#include <stddef.h>

#include "client/model/directory.h"
#include "wangge/v1/case.pb-c.h"

/* True if the state still allows the action. */
bool clash_allowed(const Wangge__V1__CaseConflict *k, Wangge__V1__Action action);
/* The option of an action allowed now, or NULL. */
const Wangge__V1__ActionOption *clash_option(const Wangge__V1__CaseConflict *k, Wangge__V1__Action action);
/* True if an event since touched what the request sets: organ, due time, category, card, ... */
bool clash_meets(const Wangge__V1__ActRequest *req, const Wangge__V1__CaseEvent *event);
/* True if the request may go out again on the new version: allowed, and it meets nothing that happened since. */
bool clash_can_resend(const Wangge__V1__CaseConflict *k, const Wangge__V1__ActRequest *req);
/* What a person wanted, in words: "Dispatch: Organ Fire station; Text please look at it". names may be NULL: codes stand. */
void clash_words(const Wangge__V1__ActRequest *req, const struct directory *names, char *dst, size_t size);

#endif

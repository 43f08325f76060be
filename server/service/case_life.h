/* SPDX-License-Identifier: MIT */
/*
 * What GetCase adds to a case from its events and links: who asked and why, earlier rounds, helping organs, merged cases. Built
 * in the arena of the call. Called by case_get alone. Invariant: nothing here is stored twice; the events are the source.
 */
#ifndef WG_SERVICE_CASE_LIFE_H
#define WG_SERVICE_CASE_LIFE_H

#include "server/domain/directory.h"
#include "server/service/case_view.h"
#include "server/store/case_store.h"
#include "wangge/v1/case.pb-c.h"

enum { LIFE_MAX_EVENTS = 4000, LIFE_MAX_LINKS = 100 };

/* True if the events have something to add. */
bool life_needs_events(const struct case_snap *s);
/* Names and words of pending requests, and earlier rounds. False without memory. */
bool life_add_events(struct arena *a, const struct directory *dir, const struct view_lens *lens, const struct event_row *rows,
                     int n, Wangge__V1__Case *c);
bool life_add_co_organs(struct arena *a, const struct directory *dir, const struct case_snap *s, Wangge__V1__Case *c);
bool life_add_links(struct arena *a, const struct link_row *rows, int n, Wangge__V1__Case *c);

#endif

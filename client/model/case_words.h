/* SPDX-License-Identifier: MIT */
/*
 * A case and its events as lines of words: what waits for a decision, clocks, card, co-organs, links, people, counters,
 * rounds. Only what applies is told. Used by the screen of a case and by `wangge case show`. Pure.
 */
#ifndef WG_CLIENT_MODEL_CASE_WORDS_H
#define WG_CLIENT_MODEL_CASE_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "client/model/directory.h"
#include "wangge/v1/people.pb-c.h"

enum case_fact_tone { FACT_PLAIN, FACT_WARN, FACT_BAD, FACT_DIM };

struct case_fact {
    const char *label; /* translated; static */
    char text[640];
    enum case_fact_tone tone;
};

enum { CASE_FACTS_MAX = 48 };

/* Where the words stand: a screen has keys, a command line has commands. */
enum case_words_place { WORDS_SCREEN, WORDS_COMMAND };

/* Writes what is worth telling beyond the basic facts, the most pressing first; returns how many. names may be NULL (codes
 * stand). whole: people as RevealPeople showed them, or NULL. */
size_t case_words_facts(const Wangge__V1__Case *c, enum case_words_place place, const struct directory *names, usec_t now,
                        const Wangge__V1__RevealPeopleResponse *whole, struct case_fact out[CASE_FACTS_MAX]);
/* What an event holds besides action, actor and time: receiver, decision, card, date, result, text. */
void case_words_event(const Wangge__V1__CaseEvent *e, const struct directory *names, usec_t now, char *dst, size_t size);
/* Who did it; says so if the name is hidden. */
const char *case_words_actor(const Wangge__V1__CaseEvent *e);
/* Light of the present stage: as the server says, else by the due time. */
Wangge__V1__Light case_words_light(const Wangge__V1__Case *c, usec_t now);
/* True for the nine states in which something is still to be done. */
bool case_words_open(const Wangge__V1__Case *c);

#endif

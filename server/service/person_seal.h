/* SPDX-License-Identifier: MIT */
/*
 * Between people as the domain knows them and as the store keeps them: sealing by column, opening, blind hashes. Everything is
 * built in an arena. Called by intake, import, the people service, search and wangged rekey.
 *
 * Invariant: a sealed part opens only in its case, at its position, in its column.
 */
#ifndef WG_SERVICE_PERSON_SEAL_H
#define WG_SERVICE_PERSON_SEAL_H

#include <protobuf-c/protobuf-c.h>

#include "server/secret/secret.h"
#include "server/store/people_store.h"

/* Seals n people of a case. hide_reporters: the case is confidential. ERR_NOMEM. */
int person_seal(const struct secret *s, const struct uuid *case_id, const struct person *people, int n, bool hide_reporters,
                struct arena *a, struct person_row **ret, struct err *e) MUST_CHECK;
/* Opens what person_seal made. ERR_PRECONDITION: sealed with another key. ERR_INTERNAL: damaged, or moved from another place.
 */
int person_open(const struct secret *s, const struct uuid *case_id, const struct person_row *rows, int n, struct arena *a,
                struct person **ret, struct err *e) MUST_CHECK;
/* The same person under another key. row is what the store read, *ret what it is to write. */
int person_reseal(const struct secret *from, const struct secret *to, const struct uuid *case_id, const struct person_row *row,
                  struct arena *a, struct person_row *ret, struct err *e) MUST_CHECK;
/* What finds people of whom text is the whole name, the phone or the ID number. False if it can be none of them. */
bool person_blind_of(const struct secret *s, const char *text, struct people_blind *ret);
/*
 * As request_hash, with a key of ours: a request with people must not leave a hash that somebody with the database could try
 * phone numbers against.
 */
int person_request_hash(const struct secret *s, struct arena *a, const ProtobufCMessage *msg, int64_t *ret,
                        struct err *e) MUST_CHECK;

#endif

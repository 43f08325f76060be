/* SPDX-License-Identifier: MIT */
/*
 * People in cases: what is a valid person, how one is shown to somebody who may not see everything, and the forms in which one
 * is found again. Called by the people and case services, and by the store for the forms. Pure. Invariant: what a mask left out
 * is a '*', and person_check refuses '*': a masked value never comes back as a value.
 */
#ifndef WG_DOMAIN_PERSON_H
#define WG_DOMAIN_PERSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"

enum person_kind {
    PERSON_NONE = 0,
    PERSON_REPORTER = 1, /* who told of it */
    PERSON_PARTY = 2,
    PERSON_CONTACT = 3,
    PERSON_KIND_COUNT,
};

/* Most people in a case; most characters of each part. */
enum { PERSON_MAX = 8, PERSON_NAME_MAX = 40, PERSON_PHONE_MAX = 20, PERSON_ID_MAX = 24, PERSON_ADDRESS_MAX = 200 };
/* Bytes of a form to find a person by, with its NUL. */
enum { PERSON_FORM_SIZE = PERSON_NAME_MAX * 4 + 1 };

/* Texts are borrowed and never NULL; "" is not known. */
struct person {
    enum person_kind kind;
    const char *name;
    const char *phone;
    const char *id_number;
    const char *address;
};

/*
 * ERR_INVALID names the field, for example "people[1].id_number" (index from 0). today is the local day, as days since
 * 1970-01-01: nobody is born after it. The error text never repeats what was given.
 */
int person_check(const struct person *p, int index, int32_t today, struct err *e) MUST_CHECK;

/* True for 17 digits and a check digit that fit GB 11643: a known province, a birth date not after today, ISO 7064 MOD 11-2. */
bool person_id_is_valid(const char *id, int32_t today);

/*
 * The forms under which a person is found, whatever way they were written: a name without blanks, lower case; a phone's digits
 * without +86 and separators; an ID number in upper case. False if s cannot be one (form is then ""). out has PERSON_FORM_SIZE.
 */
bool person_name_form(const char *s, char *out);
bool person_phone_form(const char *s, char *out);
bool person_id_form(const char *s, char *out);

/* Masks. out has at least strlen(s) + 4 bytes; "" stays "". */
/* The first character, a '*' for each other one; a single one is hidden. */
void person_mask_name(const char *s, char *out);
/* 138****5678; of another number the area code and the last two digits are left. */
void person_mask_phone(const char *s, char *out);
/* 2306**********1234; of another document the first and the last two characters. */
void person_mask_id(const char *s, char *out);
/* Up to the road or community, then "***". */
void person_mask_address(const char *s, char *out);

/* True if text holds what person_mask_text would replace. One pass, no memory: most texts hold nothing. */
bool person_text_holds_any(const char *text);
/*
 * Copies a text, masking mobile numbers and 18-digit ID numbers in it, also with blanks or hyphens between groups and in
 * full-width digits. out has at least strlen(text) + 1 bytes.
 */
void person_mask_text(const char *text, char *out);

#endif

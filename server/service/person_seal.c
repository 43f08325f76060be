/* SPDX-License-Identifier: MIT */
#include "server/service/person_seal.h"

#include <sodium.h>
#include <string.h>

#define E_NOMEM(e) err_set((e), ERR_NOMEM, "The request is too large. Send it in smaller parts.")

static const char *const columns[PART_COUNT] = {"name", "phone", "id_number", "address"};

enum { ROW_KEY = 17 };

/* The place of one part: case and position are the row. */
static struct secret_place place_of(const struct uuid *case_id, int position, enum person_part part, uint8_t key[ROW_KEY])
{
    memcpy(key, case_id->bytes, sizeof case_id->bytes);
    key[16] = (uint8_t)position;
    return (struct secret_place){.table = "case_person", .row = key, .row_len = ROW_KEY, .column = columns[part]};
}

static bool form_of(enum person_part part, const char *s, char *out)
{
    switch (part) {
    case PART_NAME:
        return person_name_form(s, out);
    case PART_PHONE:
        return person_phone_form(s, out);
    case PART_ID:
        return person_id_form(s, out);
    case PART_ADDRESS:
    case PART_COUNT:
        break;
    }
    return false;
}

/* part is hashed too: a name that is a number does not find a phone. */
static int64_t blind_hash(const uint8_t key[SECRET_KEY_SIZE], enum person_part part, const char *form)
{
    unsigned char digest[crypto_generichash_BYTES];
    crypto_generichash_state state;
    unsigned char kind = (unsigned char)part;
    uint64_t v = 0;
    (void)crypto_generichash_init(&state, key, SECRET_KEY_SIZE, sizeof digest);
    (void)crypto_generichash_update(&state, &kind, 1);
    (void)crypto_generichash_update(&state, (const unsigned char *)form, strlen(form));
    (void)crypto_generichash_final(&state, digest, sizeof digest);
    for (int i = 0; i < 8; i++)
        v = v << 8 | digest[i];
    return (int64_t)v;
}

static int seal_one(const struct secret *s, const uint8_t blind_key[SECRET_KEY_SIZE], const struct uuid *case_id,
                    const struct person *person, struct arena *a, struct person_row *row, struct err *e)
{
    const char *const values[PART_COUNT] = {person->name, person->phone, person->id_number, person->address};
    row->kind = person->kind;
    for (int p = 0; p < PART_COUNT; p++) {
        size_t len = strlen(values[p]);
        char form[PERSON_FORM_SIZE];
        uint8_t key[ROW_KEY];
        if (len == 0)
            continue;
        uint8_t *sealed = arena_alloc(a, len + SECRET_OVERHEAD);
        if (!sealed)
            return E_NOMEM(e);
        struct secret_place place = place_of(case_id, row->position, (enum person_part)p, key);
        secret_seal(s, &place, values[p], len, sealed);
        row->part[p] = (struct person_sealed){.data = sealed, .len = len + SECRET_OVERHEAD};
        if (p < BLIND_COUNT && form_of((enum person_part)p, values[p], form)) {
            row->has_blind[p] = true;
            row->blind[p] = blind_hash(blind_key, (enum person_part)p, form);
            sodium_memzero(form, sizeof form);
        }
    }
    return 0;
}

int person_seal(const struct secret *s, const struct uuid *case_id, const struct person *people, int n, bool hide_reporters,
                struct arena *a, struct person_row **ret, struct err *e)
{
    uint8_t blind_key[SECRET_KEY_SIZE];
    struct person_row *rows = arena_zalloc(a, ((size_t)n + 1) * sizeof *rows);
    int rc = 0;
    if (!rows)
        return E_NOMEM(e);
    secret_derive(s, "wg-blind", 1, blind_key);
    for (int i = 0; !rc && i < n; i++) {
        rows[i].position = i;
        rows[i].hidden = hide_reporters && people[i].kind == PERSON_REPORTER;
        rc = seal_one(s, blind_key, case_id, &people[i], a, &rows[i], e);
    }
    sodium_memzero(blind_key, sizeof blind_key);
    *ret = rows;
    return rc;
}

int person_reseal(const struct secret *from, const struct secret *to, const struct uuid *case_id, const struct person_row *row,
                  struct arena *a, struct person_row *ret, struct err *e)
{
    uint8_t blind_key[SECRET_KEY_SIZE];
    struct person *person;
    int rc = person_open(from, case_id, row, 1, a, &person, e);
    if (rc)
        return rc;
    *ret = (struct person_row){.position = row->position, .hidden = row->hidden};
    secret_derive(to, "wg-blind", 1, blind_key);
    rc = seal_one(to, blind_key, case_id, person, a, ret, e);
    sodium_memzero(blind_key, sizeof blind_key);
    return rc;
}

int person_open(const struct secret *s, const struct uuid *case_id, const struct person_row *rows, int n, struct arena *a,
                struct person **ret, struct err *e)
{
    struct person *people = arena_zalloc(a, ((size_t)n + 1) * sizeof *people);
    if (!people)
        return E_NOMEM(e);
    for (int i = 0; i < n; i++) {
        const char *values[PART_COUNT] = {"", "", "", ""};
        for (int p = 0; p < PART_COUNT; p++) {
            const struct person_sealed *sealed = &rows[i].part[p];
            uint8_t key[ROW_KEY];
            if (!sealed->data)
                continue;
            if (sealed->len < SECRET_OVERHEAD)
                return err_set(e, ERR_INTERNAL, "A person's data is damaged. Tell the operator which case it is.");
            struct secret_place place = place_of(case_id, rows[i].position, (enum person_part)p, key);
            size_t len = sealed->len - SECRET_OVERHEAD;
            char *plain = arena_zalloc(a, len + 1);
            if (!plain)
                return E_NOMEM(e);
            int rc = secret_open(s, &place, sealed->data, sealed->len, plain, e);
            if (rc)
                return rc;
            values[p] = plain;
        }
        people[i] = (struct person){
            .kind = rows[i].kind, .name = values[0], .phone = values[1], .id_number = values[2], .address = values[3]};
    }
    *ret = people;
    return 0;
}

bool person_blind_of(const struct secret *s, const char *text, struct people_blind *ret)
{
    uint8_t blind_key[SECRET_KEY_SIZE];
    bool any = false;
    *ret = (struct people_blind){0};
    secret_derive(s, "wg-blind", 1, blind_key);
    for (int p = 0; p < BLIND_COUNT; p++) {
        char form[PERSON_FORM_SIZE];
        ret->has[p] = form_of((enum person_part)p, text, form);
        if (ret->has[p])
            ret->hash[p] = blind_hash(blind_key, (enum person_part)p, form);
        any = any || ret->has[p];
    }
    sodium_memzero(blind_key, sizeof blind_key);
    return any;
}

int person_request_hash(const struct secret *s, struct arena *a, const ProtobufCMessage *msg, int64_t *ret, struct err *e)
{
    uint8_t key[SECRET_KEY_SIZE];
    unsigned char digest[crypto_generichash_BYTES];
    size_t len = protobuf_c_message_get_packed_size(msg);
    uint8_t *bytes = arena_alloc(a, len + 1);
    uint64_t v = 0;
    if (!bytes)
        return E_NOMEM(e);
    (void)protobuf_c_message_pack(msg, bytes);
    secret_derive(s, "wg-reqst", 1, key);
    (void)crypto_generichash(digest, sizeof digest, bytes, len, key, sizeof key);
    sodium_memzero(key, sizeof key);
    sodium_memzero(bytes, len);
    for (int i = 0; i < 8; i++)
        v = v << 8 | digest[i];
    *ret = (int64_t)v;
    return 0;
}

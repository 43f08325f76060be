/* SPDX-License-Identifier: MIT */
/* People as arrays of a statement; apart from the store, because a write of cases needs nothing else of it. */
#include "server/store/people_store.h"

void people_arrays_create(struct arena *a, int n, struct db_array *arrays[PEOPLE_ARRAYS])
{
    static const uint32_t types[PEOPLE_ARRAYS] = {DB_OID_INT2,  DB_OID_INT2,  DB_OID_BOOL, DB_OID_BYTEA, DB_OID_BYTEA,
                                                  DB_OID_BYTEA, DB_OID_BYTEA, DB_OID_INT8, DB_OID_INT8,  DB_OID_INT8};
    for (int i = 0; i < PEOPLE_ARRAYS; i++)
        arrays[i] = db_array_create(a, types[i], n);
}

void people_arrays_add(struct db_array *const arrays[PEOPLE_ARRAYS], const struct person_row *row)
{
    db_array_i16(arrays[0], (int16_t)row->position);
    db_array_i16(arrays[1], (int16_t)row->kind);
    db_array_bool(arrays[2], row->hidden);
    for (int p = 0; p < PART_COUNT; p++) {
        if (row->part[p].data)
            db_array_bytes(arrays[3 + p], row->part[p].data, row->part[p].len);
        else
            db_array_null(arrays[3 + p]);
    }
    for (int b = 0; b < BLIND_COUNT; b++) {
        if (row->has_blind[b])
            db_array_i64(arrays[3 + PART_COUNT + b], row->blind[b]);
        else
            db_array_null(arrays[3 + PART_COUNT + b]);
    }
}

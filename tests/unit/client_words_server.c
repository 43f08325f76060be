/* SPDX-License-Identifier: MIT */
#include "client_words.h"

#include <stddef.h>

#include "server/domain/state_table.h"

const char *server_guard(int i)
{
    return i < GUARD_COUNT ? guard_name((enum guard)i) : NULL;
}

const char *server_field(int i)
{
    return i < ACT_FIELD_COUNT ? act_field_name((enum act_field)(1 << i)) : NULL;
}

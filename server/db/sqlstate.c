/* SPDX-License-Identifier: MIT */
#include "server/db/sqlstate.h"

#include <string.h>

#define T_BUSY  "The database is too busy for this right now. Nothing was saved; try again."
#define T_AWAY  "The database cannot be reached right now. Try again."
#define T_BUG   "The server could not do this because of an error of its own. It has been logged."
#define T_DATA  "A value is not acceptable. Correct it and send it again."
#define T_RACE  "Somebody else changed the same thing at the same moment. Nothing was saved; look at it again."
#define T_STATE "This is not possible in the present state."

/* Exact states first, classes (two characters) after them: the order is what a reader wants, the look-up does not need it. */
static const struct sqlstate_info table[] = {
    {"00000", ERR_OK, false, false, ""},
    {"02000", ERR_NOT_FOUND, true, false, "There is no such thing, or it is not visible to you."},
    {"0A000", ERR_UNAVAILABLE, true, true, T_AWAY}, /* "cached plan must not change result type": prepare again */
    {"23001", ERR_PRECONDITION, true, false, T_STATE},
    {"23502", ERR_INVALID, true, false, T_DATA},
    {"23503", ERR_PRECONDITION, true, false, T_STATE},
    {"23505", ERR_EXISTS, true, false, "This exists already."},
    {"23514", ERR_INVALID, true, false, T_DATA},
    {"23P01", ERR_CONFLICT, true, false, T_RACE},
    {"25006", ERR_UNAVAILABLE, false, true, T_AWAY}, /* we are connected to a standby */
    {"25P03", ERR_UNAVAILABLE, false, true, T_AWAY},
    {"26000", ERR_UNAVAILABLE, true, true, T_AWAY}, /* somebody deallocated our statements */
    {"40001", ERR_CONFLICT, true, false, T_RACE},
    {"40002", ERR_PRECONDITION, true, false, T_STATE},
    {"40003", ERR_UNKNOWN_OUTCOME, false, true, "It is not known whether this was saved. Send it again with the same key."},
    {"40P01", ERR_CONFLICT, true, false, T_RACE},
    {"42501", ERR_DENIED, true, false, "You are not allowed to do this."},
    {"53100", ERR_EXHAUSTED, false, false,
     "The database's disk is full. Nothing was saved; tell the operator to free space, then try again."},
    {"53300", ERR_UNAVAILABLE, false, false, T_BUSY},
    {"55006", ERR_PRECONDITION, true, false, T_STATE},
    {"55P03", ERR_UNAVAILABLE, true, false, T_BUSY},
    {"57014", ERR_DEADLINE, true, false, "The database took too long. Nothing was saved; try again."},
    {"P0001", ERR_PRECONDITION, true, false, T_STATE},
    {"P0002", ERR_NOT_FOUND, true, false, "There is no such thing, or it is not visible to you."},
    {"WG409", ERR_EXISTS, true, false, "This key is used with another body."},
    {"WG412", ERR_CONFLICT, true, false, "Somebody else was first. Read again, then decide."},
    {"08", ERR_UNAVAILABLE, false, true, T_AWAY},
    {"0L", ERR_DENIED, true, false, "You are not allowed to do this."},
    {"0P", ERR_DENIED, true, false, "You are not allowed to do this."},
    {"21", ERR_INTERNAL, true, false, T_BUG},
    {"22", ERR_INVALID, true, false, T_DATA},
    {"23", ERR_PRECONDITION, true, false, T_STATE},
    {"25", ERR_INTERNAL, false, true, T_BUG},
    {"28", ERR_UNAVAILABLE, false, true, T_AWAY},
    {"3D", ERR_UNAVAILABLE, false, true, T_AWAY},
    {"40", ERR_CONFLICT, true, false, T_RACE},
    {"42", ERR_INTERNAL, true, false, T_BUG},
    {"44", ERR_DENIED, true, false, "You are not allowed to do this."},
    {"53", ERR_EXHAUSTED, false, false, T_BUSY},
    {"54", ERR_EXHAUSTED, true, false, "This is too much at once. Send it in smaller parts."},
    {"55", ERR_PRECONDITION, true, false, T_STATE},
    {"57", ERR_UNAVAILABLE, false, true, T_AWAY},
    {"58", ERR_UNAVAILABLE, false, false, T_AWAY},
    {"72", ERR_UNAVAILABLE, true, false, T_BUSY},
    {"F0", ERR_INTERNAL, false, false, T_BUG},
    {"HV", ERR_UNAVAILABLE, false, false, T_AWAY},
    {"P0", ERR_INTERNAL, true, false, T_BUG},
    {"XX", ERR_INTERNAL, false, false, T_BUG},
    {NULL, ERR_INTERNAL, true, false, T_BUG}, /* what nobody thought of */
};

const struct sqlstate_info *sqlstate_table(void)
{
    return table;
}

const struct sqlstate_info *sqlstate_lookup(const char *state)
{
    const struct sqlstate_info *by_class = NULL;
    const struct sqlstate_info *i = table;
    for (; i->state; i++) {
        if (!state)
            continue;
        if (strcmp(i->state, state) == 0)
            return i;
        if (strlen(i->state) == 2 && strlen(state) == 5 && strncmp(i->state, state, 2) == 0)
            by_class = i;
    }
    return by_class ? by_class : i;
}

bool sqlstate_is_serialization(const char *state)
{
    return state && (strcmp(state, "40001") == 0 || strcmp(state, "40P01") == 0);
}

int sqlstate_err(struct err *e, const char *state, const char *note)
{
    const struct sqlstate_info *i = sqlstate_lookup(state);
    if (i->code == ERR_OK) {
        if (e)
            *e = (struct err){0};
        return ERR_OK;
    }
    (void)err_set(e, i->code, "%s", i->text);
    err_detail(e, "SQLSTATE %s%s%s", state ? state : "unknown", note && *note ? " " : "", note ? note : "");
    return i->code;
}

int sqlstate_from_result(struct err *e, const PGresult *res)
{
    ExecStatusType status = res ? PQresultStatus(res) : PGRES_FATAL_ERROR;
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
        if (e)
            *e = (struct err){0};
        return ERR_OK;
    }
    const char *state = res ? PQresultErrorField(res, PG_DIAG_SQLSTATE) : NULL;
    const char *message = res ? PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    const char *constraint = res ? PQresultErrorField(res, PG_DIAG_CONSTRAINT_NAME) : NULL;
    const char *where = constraint ? constraint : message;
    /* A data exception's message quotes the value ('invalid input syntax for type uuid: "..."'), which may be personal. */
    if (!constraint && state && strncmp(state, "22", 2) == 0)
        where = NULL;
    return sqlstate_err(e, state, where);
}

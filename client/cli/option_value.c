/* SPDX-License-Identifier: MIT */
#include "client/cli/option_value.h"

#include "client/cli/instant.h"
#include "client/model/i18n.h"

enum { DAY_S = 86400, WORDS_MAX = 256 };

int option_word(struct cli *c, enum options_option opt, enum labels_kind kind, int *ret)
{
    char list[WORDS_MAX];
    const char *word = options_get(&c->opt, opt, NULL);
    if (!word || labels_find(kind, word, ret))
        return CLI_OK;
    labels_list(kind, list, sizeof list);
    out_error(c, _("--%s: \"%s\" is none of %s."), options_option_name(opt), word, list);
    return CLI_INVALID;
}

int option_day(struct cli *c, enum options_option opt, int plus_days, Google__Protobuf__Timestamp *room,
               Google__Protobuf__Timestamp **ret)
{
    int32_t days;
    const char *text = options_get(&c->opt, opt, NULL);
    if (!text)
        return CLI_OK;
    if (!clock_parse_date(text, &days)) {
        out_error(c, _("--%s: \"%s\" is not a day of the form 2026-11-23."), options_option_name(opt), text);
        return CLI_INVALID;
    }
    *ret = instant_stamp(room, ((usec_t)(days + plus_days) * DAY_S - INSTANT_UTC_OFFSET_S) * USEC_PER_SEC);
    return CLI_OK;
}

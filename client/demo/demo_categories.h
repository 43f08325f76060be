/* SPDX-License-Identifier: MIT */
/* The demo city's kinds of incident: what the directory holds of them, who handles them, how often they occur and how people
 * describe them. */
#ifndef WG_DEMO_CATEGORIES_H
#define WG_DEMO_CATEGORIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Kinds of unit; a row of demo_organ_kinds each. */
enum demo_office {
    OFFICE_ZX, /* governance centre */
    OFFICE_CG, /* city management */
    OFFICE_GA, /* police */
    OFFICE_SF, /* justice */
    OFFICE_XF, /* fire brigade */
    OFFICE_HB, /* environment */
    OFFICE_SW, /* water */
    OFFICE_ZJ, /* housing and property */
    OFFICE_YJ, /* emergency management */
    OFFICE_JT, /* roads and traffic */
    OFFICE_RS, /* labour and social security */
    OFFICE_WJ, /* health */
    OFFICE_SC, /* market supervision */
    OFFICE_NY, /* agriculture */
    OFFICE_YL, /* parks */
    OFFICE_MZ, /* civil affairs */
    OFFICE_XJ, /* petitions */
    OFFICE_FY, /* court */
    OFFICE_RQ, /* gas company */
    OFFICE_DL, /* power company */
    OFFICE_COUNT,
};

/* When in the year it occurs. */
enum demo_season { SEASON_ALL, SEASON_SUMMER, SEASON_WINTER, SEASON_RAIN, SEASON_HARVEST, SEASON_COUNT };

enum { DEMO_TEXTS = 3, DEMO_RESULTS = 4 };

struct demo_category {
    const char *code;
    const char *name;
    const char *name_en;
    const char *aliases; /* separated by blanks; may be empty */
    bool settle_allowed;
    bool check_waived;
    int32_t limits_min[3]; /* NORMAL, URGENT, CRITICAL, in working minutes */
    enum demo_office office;
    uint32_t weight; /* share of all incidents */
    enum demo_season season;
    /* Templates: {p} a spot, {n} 2-9, {m} 10-90, {w} who told, {t} a time of day. */
    const char *texts[DEMO_TEXTS];
};

/* Sorted by code. */
extern const struct demo_category demo_categories[];
extern const size_t demo_categories_len;

/* A letter and two digits: the names of the two levels above, and how such matters end. */
struct demo_group {
    const char *code; /* "E01" */
    const char *top_name;
    const char *name;
    const char *results[DEMO_RESULTS]; /* templates as above */
};
const struct demo_group *demo_group_of(const char *category_code);

/* Not a work record. */
bool demo_category_counted(const struct demo_category *c);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Chinese words for made-up incidents: what happened, where, what was done about it, and people's names. Composed from
 * templates; nobody real is meant. Every function draws from the caller's generator and writes whole characters only.
 */
#ifndef WG_DEMO_TEXT_H
#define WG_DEMO_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "client/demo/demo_city.h"
#include "client/demo/prng.h"

enum {
    DEMO_TEXT_SIZE = 512,
    DEMO_NAME_SIZE = 16,
    DEMO_PEOPLE = 50 * 36 * 36, /* how many different names there are */
};

/* Name of person number i, i < DEMO_PEOPLE; different numbers have different names. */
void demo_text_name(uint32_t i, char out[DEMO_NAME_SIZE]);

/* A place that description and address of one incident agree on. */
struct demo_scene {
    const struct demo_community *community;
    const struct demo_town *town;
    bool indoors; /* about people, not about a spot */
    int building; /* in a village: the group of houses */
    int unit;
};
void demo_text_scene(struct prng *p, const struct demo_city *c, int grid, const struct demo_category *cat,
                     struct demo_scene *ret);
/* What happened there; 1 to 120 characters. */
void demo_text_incident(struct prng *p, const struct demo_scene *scene, const struct demo_category *cat,
                        char out[DEMO_TEXT_SIZE]);
/* Where, in words; at most 60 characters. */
void demo_text_address(struct prng *p, const struct demo_scene *scene, char out[DEMO_TEXT_SIZE]);
/* How such a matter was settled. */
void demo_text_result(struct prng *p, const struct demo_category *cat, char out[DEMO_TEXT_SIZE]);

/* What is written at a step that is not about the matter itself. */
enum demo_remark {
    REMARK_ACCEPT,
    REMARK_REFUSE,
    REMARK_FACT_CHECK,
    REMARK_FACT_ANSWER,
    REMARK_DISPATCH,
    REMARK_RETURN,
    REMARK_SUSPEND,
    REMARK_ENDORSE,
    REMARK_GRANT,
    REMARK_RESUME,
    REMARK_CO_REPLY,
    REMARK_FIELD_CHECK,
    REMARK_CHECK_PASS,
    REMARK_CHECK_FAIL,
    REMARK_REWORK,
    REMARK_CLOSE,
    REMARK_FORCE_CLOSE,
    REMARK_REVISIT,
    REMARK_REOPEN,
    REMARK_REQUEST_VOID,
    REMARK_VOID,
    REMARK_MERGE,
    REMARK_REFER,
    REMARK_URGE,
    REMARK_NOTE,
    REMARK_COUNT,
};
void demo_text_remark(struct prng *p, enum demo_remark kind, char out[DEMO_TEXT_SIZE]);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * How alike two cases are, from 0 to 1. Pure; used by FindSimilar.
 *
 *   score = 0.5 * words + 0.3 * place + 0.2 * time
 *   words = pairs of neighbouring characters that both texts have / pairs of the shorter text
 *   place = 1 - distance / 50 m; without both places 0.5 (the grid is the same)
 *   time  = 1 - hours apart / 24
 *
 * No score at all beyond 50 m or 24 hours, or when not a single pair is shared and they are not within 15 m and 2 hours.
 */
#ifndef WG_DOMAIN_SIMILAR_H
#define WG_DOMAIN_SIMILAR_H

#include <stdbool.h>

#include "common/base/clock.h"
#include "server/domain/directory.h"
#include "server/domain/search_terms.h"

#define SIMILAR_METRES 50.0
#define SIMILAR_HOURS  24.0
enum { SIMILAR_WORDS_MAX = 8, SIMILAR_WORD_SIZE = 64 };

/* One side: a text folded by search_fold, where and when. */
struct similar_side {
    const char *text;
    bool has_place;
    struct dir_point place;
    usec_t at;
};

struct similar_score {
    double score;      /* 0: not alike */
    double distance_m; /* negative: not known */
    double hours;
    int n_words; /* the longest stretches of two characters and more that both have, longest first */
    char words[SIMILAR_WORDS_MAX][SIMILAR_WORD_SIZE];
};

/* Metres between two points, good to a thousandth at these distances. */
double similar_distance_m(struct dir_point a, struct dir_point b);
/* scratch is overwritten. */
void similar_compare(const struct similar_side *a, const struct similar_side *b, struct search_terms scratch[2],
                     struct similar_score *ret);

#endif

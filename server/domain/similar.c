/* SPDX-License-Identifier: MIT */
#include "server/domain/similar.h"

#include <math.h>
#include <string.h>

#include "common/base/text.h"

double similar_distance_m(struct dir_point a, struct dir_point b)
{
    const double metres_per_degree = 111195.0, pi = 3.14159265358979323846;
    double north = (a.lat - b.lat) * metres_per_degree;
    double east = (a.lon - b.lon) * metres_per_degree * cos((a.lat + b.lat) / 2 * pi / 180);
    return sqrt(north * north + east * east);
}

static int count_shared(const struct search_terms *a, const struct search_terms *b)
{
    int n = 0;
    for (int i = 0, j = 0; i < a->n && j < b->n;) {
        if (a->items[i] == b->items[j]) {
            n++;
            i++;
            j++;
        } else if (a->items[i] < b->items[j]) {
            i++;
        } else {
            j++;
        }
    }
    return n;
}

/* Bytes of the longest beginning of s, ending at a character and before a blank, that other contains; 0 below two characters.
 */
static size_t shared_stretch(const char *s, const char *other)
{
    char word[SIMILAR_WORD_SIZE];
    size_t len = strlen(s), best = 0, n = 0;
    uint32_t cp;
    int chars = 0;
    for (size_t used; n < len && (used = text_decode(s + n, len - n, &cp)) > 0 && cp != ' ' && n + used < sizeof word;) {
        memcpy(word + n, s + n, used);
        n += used;
        word[n] = 0;
        if (++chars < 2)
            continue;
        if (!search_contains(other, word))
            break;
        best = n;
    }
    return best;
}

/* Keeps the longest ones, longest first; equal ones once. */
static void keep_word(struct similar_score *r, const char *s, size_t len)
{
    int at = 0;
    for (int i = 0; i < r->n_words; i++) {
        if (strlen(r->words[i]) == len && memcmp(r->words[i], s, len) == 0)
            return;
    }
    while (at < r->n_words && strlen(r->words[at]) >= len)
        at++;
    if (at == SIMILAR_WORDS_MAX)
        return;
    int last = r->n_words < SIMILAR_WORDS_MAX ? r->n_words++ : SIMILAR_WORDS_MAX - 1;
    for (int i = last; i > at; i--)
        memcpy(r->words[i], r->words[i - 1], sizeof r->words[i]);
    memcpy(r->words[at], s, len);
    r->words[at][len] = 0;
}

static void find_words(const char *a, const char *b, struct similar_score *r)
{
    for (const char *s = a; *s;) {
        size_t n = shared_stretch(s, b);
        if (n) {
            keep_word(r, s, n);
            s += n;
            continue;
        }
        uint32_t cp;
        size_t used = text_decode(s, strlen(s), &cp);
        if (used == 0)
            return;
        s += used;
    }
}

void similar_compare(const struct similar_side *a, const struct similar_side *b, struct search_terms scratch[2],
                     struct similar_score *ret)
{
    const struct similar_side *sides[2] = {a, b};
    *ret = (struct similar_score){.distance_m = -1, .hours = fabs((double)(a->at - b->at)) / 3600e6};
    if (a->has_place && b->has_place)
        ret->distance_m = similar_distance_m(a->place, b->place);
    if (ret->hours > SIMILAR_HOURS || ret->distance_m > SIMILAR_METRES)
        return;
    for (int i = 0; i < 2; i++) {
        scratch[i].n = 0;
        search_terms_add_text(&scratch[i], sides[i]->text);
        search_terms_finish(&scratch[i]);
    }
    int fewer = scratch[0].n < scratch[1].n ? scratch[0].n : scratch[1].n;
    int shared = count_shared(&scratch[0], &scratch[1]);
    if (shared == 0 && !(ret->distance_m >= 0 && ret->distance_m <= 15 && ret->hours <= 2))
        return;
    double words = fewer ? (double)shared / fewer : 0;
    double place = ret->distance_m < 0 ? 0.5 : 1 - ret->distance_m / SIMILAR_METRES;
    ret->score = 0.5 * words + 0.3 * place + 0.2 * (1 - ret->hours / SIMILAR_HOURS);
    if (shared)
        find_words(a->text, b->text, ret);
}

/* SPDX-License-Identifier: MIT */
/*
 * Pseudo-random numbers that are the same on every machine: xoshiro256** seeded by splitmix64, integers only. For made-up data,
 * never for secrets. Every item of a series draws from a generator of its own, so any item can be made without the ones before.
 */
#ifndef WG_DEMO_PRNG_H
#define WG_DEMO_PRNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct prng {
    uint64_t s[4];
};

/* Starts the generator of item number `item` in a series. */
void prng_init(struct prng *p, uint64_t seed, uint64_t item);
uint64_t prng_next(struct prng *p);
/* Uniform in [0, n), n >= 1. */
uint32_t prng_below(struct prng *p, uint32_t n);
/* Uniform in [lo, hi]. */
int32_t prng_range(struct prng *p, int32_t lo, int32_t hi);
/* True n times in 1000. */
bool prng_permille(struct prng *p, uint32_t n);
/*
 * Uniform in [lo, hi] with small values more frequent the larger skew is (the least of skew + 1 draws): durations of work are
 * mostly short and sometimes very long.
 */
int32_t prng_skewed(struct prng *p, int32_t lo, int32_t hi, int skew);
/* Index drawn by weight; sums is ascending, sums[i] = weights 0..i added up, the last > 0. */
size_t prng_pick(struct prng *p, const uint32_t *sums, size_t n);

#endif

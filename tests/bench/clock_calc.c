/* SPDX-License-Identifier: MIT */
/*
 * Deadlines as the server computes them, for bench_clock.py: clock_calc FILE ROUNDS. FILE has a calendar and questions, one a
 * line, fields separated by tabs:
 *   offset SECONDS | week DAY PLAN | season FROM TO | season-week DAY PLAN | day DATE off|work|PLAN | ask UNIT AMOUNT_S START_S
 * Prints the due time of each question in seconds, one a line, then "rate N": deadlines a second of processor time, the median
 * round's. A deadline is what the gate does when a clock starts: deadline_start and both instants at which its light changes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/text.h"
#include "server/domain/deadline.h"

enum { MAX_SEASONS = 16, MAX_DAYS = 5000, MAX_ASKS = 1000000, LINE_SIZE = 256 };

struct ask {
    enum time_unit unit;
    int32_t amount_s;
    usec_t from;
    usec_t due_at;
};

struct input {
    struct calendar_spec spec;
    struct calendar_season seasons[MAX_SEASONS];
    struct calendar_override days[MAX_DAYS];
    size_t ndays;
    struct ask *asks;
    size_t nasks;
};

static _Noreturn void die(const char *what)
{
    (void)fprintf(stderr, "clock_calc: %s\n", what);
    exit(1);
}

static int64_t number(const char *s)
{
    int64_t n;
    if (!s || text_to_i64(s, INT64_MIN, INT64_MAX, &n))
        die("not a number");
    return n;
}

static struct calendar_day_plan plan(const char *s)
{
    struct calendar_day_plan p;
    struct err e;
    if (!s || calendar_plan_parse(s, &p, &e))
        die("not a plan");
    return p;
}

static void take_day(struct input *in, const char *date, const char *kind)
{
    struct calendar_override *o = &in->days[in->ndays++];
    if (in->ndays >= MAX_DAYS || !date || !kind || !clock_parse_date(date, &o->day))
        die("not a day");
    o->working = strcmp(kind, "off") != 0;
    o->custom = o->working && strcmp(kind, "work") != 0;
    if (o->custom)
        o->plan = plan(kind);
}

static void take_line(struct input *in, char *line)
{
    char *rest = line, *word = strsep(&rest, "\t"), *a = strsep(&rest, "\t"), *b = strsep(&rest, "\t"),
         *c = strsep(&rest, "\t");
    struct calendar_season *season = in->spec.nseasons ? &in->seasons[in->spec.nseasons - 1] : NULL;
    if (strcmp(word, "offset") == 0) {
        in->spec.utc_offset_s = (int32_t)number(a);
    } else if (strcmp(word, "week") == 0) {
        in->spec.week[number(a) % 7] = plan(b);
    } else if (strcmp(word, "season") == 0 && in->spec.nseasons < MAX_SEASONS) {
        in->seasons[in->spec.nseasons++] = (struct calendar_season){.from_md = (int16_t)number(a), .to_md = (int16_t)number(b)};
    } else if (strcmp(word, "season-week") == 0 && season) {
        season->week[number(a) % 7] = plan(b);
    } else if (strcmp(word, "day") == 0) {
        take_day(in, a, b);
    } else if (strcmp(word, "ask") == 0 && in->nasks < MAX_ASKS) {
        in->asks[in->nasks++] =
            (struct ask){.unit = (enum time_unit)number(a), .amount_s = (int32_t)number(b), .from = number(c) * USEC_PER_SEC};
    } else {
        die("a line that is none");
    }
}

static double cpu_seconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Seconds of one round. */
static double run(struct input *in, const struct calendar *c, usec_t *ret_sum)
{
    double begin = cpu_seconds();
    for (size_t i = 0; i < in->nasks; i++) {
        struct ask *q = &in->asks[i];
        struct case_clock k;
        struct deadline_lights lights;
        deadline_start(&k, c, CLOCK_HANDLE, q->unit, q->amount_s, q->from);
        deadline_lights(&k, c, &lights);
        q->due_at = k.due_at;
        *ret_sum ^= lights.yellow_at;
    }
    return cpu_seconds() - begin;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        die("usage: clock_calc FILE ROUNDS");
    struct input *in = calloc(1, sizeof(*in));
    int64_t rounds = number(argv[2]);
    double *times = rounds > 0 && rounds < 10000 ? calloc((size_t)rounds, sizeof(*times)) : NULL;
    FILE *f = fopen(argv[1], "r");
    if (!in || !times || !f)
        die("cannot begin");
    in->asks = calloc(MAX_ASKS, sizeof(*in->asks));
    if (!in->asks)
        die("out of memory");
    calendar_spec_default(&in->spec);
    memset(in->spec.week, 0, sizeof(in->spec.week));
    in->spec.workday.n = 0;
    char line[LINE_SIZE];
    while (fgets(line, sizeof(line), f)) {
        line[strcspn(line, "\n")] = 0;
        take_line(in, line);
    }
    (void)fclose(f);
    in->spec.seasons = in->seasons;
    struct calendar *c;
    struct err e;
    if (calendar_create(&in->spec, in->days, in->ndays, &c, &e))
        die(e.text);
    usec_t sum = 0;
    for (int64_t r = 0; r < rounds; r++)
        times[r] = run(in, c, &sum);
    qsort(times, (size_t)rounds, sizeof(*times), by_value);
    for (size_t i = 0; i < in->nasks; i++)
        (void)printf("%lld\n", (long long)(in->asks[i].due_at / USEC_PER_SEC));
    /* The sum keeps the lights from being left out by the compiler. */
    (void)fprintf(stderr, "sum of lights %llx\n", (unsigned long long)sum);
    (void)printf("rate %.0f\n", (double)in->nasks / times[rounds / 2]);
    calendar_destroy(c);
    free(in->asks);
    free(times);
    free(in);
    return 0;
}

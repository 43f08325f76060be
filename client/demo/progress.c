/* SPDX-License-Identifier: MIT */
#include "client/demo/progress.h"

#include <stdio.h>
#include <unistd.h>

enum { BAR = 30 };

static usec_t now(void)
{
    const struct clock *c = clock_system();
    return c->monotonic(c);
}

void progress_init(struct progress *p, const char *what, size_t total, size_t done)
{
    *p = (struct progress){.what = what, .total = total, .done_at_start = done, .tty = isatty(STDERR_FILENO), .started = now()};
    p->shown = p->started;
}

usec_t progress_elapsed(const struct progress *p)
{
    return now() - p->started;
}

static void show(struct progress *p, size_t done)
{
    usec_t elapsed = progress_elapsed(p);
    size_t here = done - p->done_at_start;
    long rate = elapsed > 0 ? (long)((double)here * 1e6 / (double)elapsed) : 0;
    long left = rate > 0 ? (long)((p->total - done) / (size_t)rate) : 0;
    int percent = p->total ? (int)(done * 100 / p->total) : 100;
    if (p->tty) {
        char bar[BAR + 1];
        for (int i = 0; i < BAR; i++)
            bar[i] = i < percent * BAR / 100 ? '#' : '.';
        bar[BAR] = '\0';
        (void)fprintf(stderr, "\r%s [%s] %3d %%  %zu/%zu  %ld/s  %ld s left \033[K", p->what, bar, percent, done, p->total,
                      rate, left);
    } else {
        (void)fprintf(stderr, "%s: %zu of %zu (%d %%), %ld/s\n", p->what, done, p->total, percent, rate);
    }
}

void progress_update(struct progress *p, size_t done)
{
    usec_t t = now();
    if (t - p->shown < (p->tty ? USEC_PER_SEC / 10 : 5 * USEC_PER_SEC))
        return;
    p->shown = t;
    show(p, done);
}

void progress_end(struct progress *p, size_t done)
{
    if (p->tty) {
        show(p, done);
        (void)fputc('\n', stderr);
    }
}

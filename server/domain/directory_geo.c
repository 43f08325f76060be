/* SPDX-License-Identifier: MIT */
/* Finding the grid of a point: a raster of candidates, then point in polygon and the distance to the border. */
#include <math.h>
#include <stdlib.h>

#include "server/domain/directory_impl.h"

/* Length of a degree of latitude on the mean sphere; over 20 m the ellipsoid differs by centimetres. */
#define METRES_PER_DEGREE 111195.08
enum { MAX_SIDE = 512 };

struct box {
    double lat0, lat1, lon0, lon1;
};

/* The border's box, widened by the distance at which it is still offered. */
static struct box box_of(const struct dir_region *r)
{
    struct box b = {.lat0 = 91, .lat1 = -91, .lon0 = 181, .lon1 = -181};
    for (int i = 0; i < r->nboundary; i++) {
        b.lat0 = fmin(b.lat0, r->boundary[i].lat);
        b.lat1 = fmax(b.lat1, r->boundary[i].lat);
        b.lon0 = fmin(b.lon0, r->boundary[i].lon);
        b.lon1 = fmax(b.lon1, r->boundary[i].lon);
    }
    double m = DIRECTORY_BORDER_M * 1.01 / METRES_PER_DEGREE;
    double narrow = fmax(cos(fmax(fabs(b.lat0), fabs(b.lat1)) * M_PI / 180), 0.01);
    b.lat0 -= m;
    b.lat1 += m;
    b.lon0 -= m / narrow;
    b.lon1 += m / narrow;
    return b;
}

static int cell(double v, double origin, double size, int n)
{
    int i = (int)floor((v - origin) / size);
    return i < 0 ? 0 : i >= n ? n - 1 : i;
}

static bool has_border(const struct dir_region *r)
{
    return r->level == LEVEL_GRID && r->nboundary >= 3;
}

/* Counts (items NULL) or enters every grid in the cells its box touches. */
static void spread(struct directory *d, uint32_t *count, uint32_t *items)
{
    const struct geo_index *g = &d->geo;
    for (size_t i = 0; i < d->nregions; i++) {
        if (!has_border(&d->regions[i]))
            continue;
        struct box b = box_of(&d->regions[i]);
        int row1 = cell(b.lat1, g->lat0, g->cell_lat, g->rows), col1 = cell(b.lon1, g->lon0, g->cell_lon, g->cols);
        for (int row = cell(b.lat0, g->lat0, g->cell_lat, g->rows); row <= row1; row++) {
            for (int col = cell(b.lon0, g->lon0, g->cell_lon, g->cols); col <= col1; col++) {
                uint32_t at = (uint32_t)(row * g->cols + col);
                if (items)
                    items[count[at]] = (uint32_t)i;
                count[at]++;
            }
        }
    }
}

int geo_index_build(struct directory *d, struct err *e)
{
    struct geo_index *g = &d->geo;
    struct box all = {.lat0 = 91, .lat1 = -91, .lon0 = 181, .lon1 = -181};
    size_t n = 0;
    for (size_t i = 0; i < d->nregions; i++) {
        if (!has_border(&d->regions[i]))
            continue;
        struct box b = box_of(&d->regions[i]);
        all = (struct box){fmin(all.lat0, b.lat0), fmax(all.lat1, b.lat1), fmin(all.lon0, b.lon0), fmax(all.lon1, b.lon1)};
        n++;
    }
    if (!n)
        return 0;
    int side = (int)ceil(sqrt((double)n)) * 2;
    g->rows = g->cols = side > MAX_SIDE ? MAX_SIDE : side;
    g->lat0 = all.lat0;
    g->lon0 = all.lon0;
    g->cell_lat = (all.lat1 - all.lat0) / g->rows;
    g->cell_lon = (all.lon1 - all.lon0) / g->cols;
    size_t cells = (size_t)g->rows * (size_t)g->cols;
    g->start = calloc(cells + 1, sizeof(*g->start));
    uint32_t *next = calloc(cells, sizeof(*next));
    int rc = 0;
    if (!g->start || !next) {
        rc = err_set(e, ERR_NOMEM, "Out of memory building the directory.");
        goto out;
    }
    spread(d, next, NULL);
    for (size_t i = 0; i < cells; i++) {
        g->start[i + 1] = g->start[i] + next[i];
        next[i] = g->start[i];
    }
    g->items = calloc(g->start[cells] + 1, sizeof(*g->items));
    if (!g->items) {
        rc = err_set(e, ERR_NOMEM, "Out of memory building the directory.");
        goto out;
    }
    spread(d, next, g->items);
out:
    free(next);
    return rc;
}

void geo_index_fini(struct geo_index *g)
{
    free(g->start);
    free(g->items);
}

bool dir_border_holds(const struct dir_point *border, int n, struct dir_point p)
{
    bool in = false;
    for (int i = 0, j = n - 1; i < n; j = i++) {
        struct dir_point a = border[i], b = border[j];
        if ((a.lat > p.lat) != (b.lat > p.lat) && p.lon < (b.lon - a.lon) * (p.lat - a.lat) / (b.lat - a.lat) + a.lon)
            in = !in;
    }
    return in;
}

static bool is_inside(const struct dir_region *r, struct dir_point p)
{
    return dir_border_holds(r->boundary, r->nboundary, p);
}

/* Metres from p to the border, in a plane around p. */
static double border_distance(const struct dir_region *r, struct dir_point p)
{
    double kx = METRES_PER_DEGREE * cos(p.lat * M_PI / 180), ky = METRES_PER_DEGREE;
    double best = INFINITY;
    for (int i = 0, j = r->nboundary - 1; i < r->nboundary; j = i++) {
        double ax = (r->boundary[j].lon - p.lon) * kx, ay = (r->boundary[j].lat - p.lat) * ky;
        double dx = (r->boundary[i].lon - p.lon) * kx - ax, dy = (r->boundary[i].lat - p.lat) * ky - ay;
        double len2 = dx * dx + dy * dy;
        double t = len2 > 0 ? fmin(fmax(-(ax * dx + ay * dy) / len2, 0), 1) : 0;
        best = fmin(best, hypot(ax + t * dx, ay + t * dy));
    }
    return best;
}

static bool comes_before(const struct dir_candidate *a, const struct dir_candidate *b)
{
    if (a->distance_m < b->distance_m || a->distance_m > b->distance_m)
        return a->distance_m < b->distance_m;
    return a->grid->code < b->grid->code;
}

size_t directory_locate(const struct directory *d, struct dir_point p, int32_t day, struct dir_candidate *out, size_t cap)
{
    const struct geo_index *g = &d->geo;
    if (!g->start || !isfinite(p.lat) || !isfinite(p.lon) || p.lat < g->lat0 || p.lon < g->lon0 ||
        p.lat > g->lat0 + g->cell_lat * g->rows || p.lon > g->lon0 + g->cell_lon * g->cols)
        return 0;
    size_t at = (size_t)(cell(p.lat, g->lat0, g->cell_lat, g->rows) * g->cols + cell(p.lon, g->lon0, g->cell_lon, g->cols));
    size_t n = 0;
    for (uint32_t k = g->start[at]; k < g->start[at + 1]; k++) {
        const struct dir_region *r = &d->regions[g->items[k]];
        if (!dir_region_is_valid_on(r, day))
            continue;
        bool inside = is_inside(r, p);
        double distance = inside ? 0 : border_distance(r, p);
        if (!inside && distance > DIRECTORY_BORDER_M)
            continue;
        struct dir_candidate found = {.grid = r, .distance_m = distance, .inside = inside};
        /* Insertion keeps the nearest when there are more than fit. */
        size_t i = n < cap ? n++ : cap;
        for (; i > 0 && comes_before(&found, &out[i - 1]); i--)
            if (i < cap)
                out[i] = out[i - 1];
        if (i < cap)
            out[i] = found;
    }
    return n;
}

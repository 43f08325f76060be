/* SPDX-License-Identifier: MIT */
#include "client/demo/demo_city.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_TOWNS = DEMO_COUNTIES * DEMO_MAX_TOWN_SEEDS,
    MAX_COMMUNITIES = MAX_TOWNS * 6,
    MAX_GRIDS = MAX_COMMUNITIES * 6,
    MAX_CELLS = 12,
    MAX_ORGANS = 128,
    MEMORY = 8 << 20,
};

/* Streams of the seed, one for each thing that is drawn. */
enum { STREAM_NAMES = 1, STREAM_TOWNS, STREAM_COMMUNITIES, STREAM_GRIDS };

/* A border between lo and hi at share/total of the way, moved by up to a tenth of a cell. */
static int32_t cut(struct prng *p, int32_t lo, int32_t hi, int share, int total)
{
    int32_t cell = (hi - lo) / total;
    return lo + (int32_t)((int64_t)(hi - lo) * share / total) + prng_range(p, -cell / 10, cell / 10);
}

/* Cuts a box into n cells in rows; a row's height goes with its number of cells. Cells of a row share whole borders. */
static void cut_box(struct prng *p, const struct demo_box *box, int n, struct demo_box *out)
{
    int rows = 1;
    while ((rows + 1) * (rows + 1) <= n)
        rows++;
    int done = 0;
    int32_t lat0 = box->lat0;
    for (int r = 0; r < rows; r++) {
        int in_row = (n - done) / (rows - r);
        int32_t lat1 = r == rows - 1 ? box->lat1 : cut(p, box->lat0, box->lat1, done + in_row, n);
        int32_t lon0 = box->lon0;
        for (int i = 0; i < in_row; i++) {
            int32_t lon1 = i == in_row - 1 ? box->lon1 : cut(p, box->lon0, box->lon1, i + 1, in_row);
            out[done++] = (struct demo_box){lat0, lat1, lon0, lon1};
            lon0 = lon1;
        }
        lat0 = lat1;
    }
}

static void make_towns(struct demo_city *c, uint64_t seed)
{
    static const int first_number[] = {[DEMO_STREET] = 1, [DEMO_TOWN] = 100, [DEMO_RURAL] = 200};
    struct prng p;
    prng_init(&p, seed, STREAM_TOWNS);
    for (int i = 0; i < DEMO_COUNTIES; i++) {
        const struct demo_county_seed *county = &demo_counties[i];
        struct demo_box boxes[MAX_CELLS];
        int next[3] = {first_number[0], first_number[1], first_number[2]};
        cut_box(&p, &county->box, county->ntowns, boxes);
        for (int t = 0; t < county->ntowns; t++) {
            struct demo_town *town = &c->towns[c->ntowns++];
            *town =
                (struct demo_town){.name = county->towns[t].name, .county = i, .kind = county->towns[t].kind, .box = boxes[t]};
            (void)snprintf(town->code, sizeof town->code, "%.6s%03u", county->code, (unsigned)next[town->kind]++ % 1000U);
        }
    }
}

/* Draws names of communities: every pair of syllables once, in an order that depends on the seed. */
struct namer {
    uint16_t order[DEMO_NAME_FIRSTS * DEMO_NAME_SECONDS];
    int next;
};

static void namer_init(struct namer *n, uint64_t seed)
{
    enum { PAIRS = DEMO_NAME_FIRSTS * DEMO_NAME_SECONDS };
    struct prng p;
    prng_init(&p, seed, STREAM_NAMES);
    for (int i = 0; i < PAIRS; i++)
        n->order[i] = (uint16_t)i;
    for (int i = PAIRS - 1; i > 0; i--) {
        int j = (int)prng_below(&p, (uint32_t)i + 1);
        uint16_t swap = n->order[i];
        n->order[i] = n->order[j];
        n->order[j] = swap;
    }
    n->next = 0;
}

static void namer_take(struct namer *n, bool village, char *out, size_t out_size)
{
    int pair = n->order[n->next++];
    (void)snprintf(out, out_size, "%s%s%s", demo_name_firsts[pair / DEMO_NAME_SECONDS],
                   demo_name_seconds[pair % DEMO_NAME_SECONDS], village ? "村" : "社区");
}

static void make_communities(struct demo_city *c, uint64_t seed)
{
    struct prng p;
    struct namer names;
    prng_init(&p, seed, STREAM_COMMUNITIES);
    namer_init(&names, seed);
    for (int t = 0; t < c->ntowns; t++) {
        const struct demo_town *town = &c->towns[t];
        struct demo_box boxes[MAX_CELLS];
        bool urban = town->kind == DEMO_STREET;
        int n = urban ? prng_range(&p, 4, 6) : prng_range(&p, 3, 5);
        /* A town's seat has residents' committees, the land around it villagers' committees. */
        int residents = urban ? n : town->kind == DEMO_TOWN ? 2 : 0;
        cut_box(&p, &town->box, n, boxes);
        for (int i = 0; i < n; i++) {
            struct demo_community *com = &c->communities[c->ncommunities++];
            *com = (struct demo_community){.town = t, .village = i >= residents, .box = boxes[i]};
            unsigned number = (unsigned)(com->village ? 200 + i - residents : 1 + i);
            (void)snprintf(com->code, sizeof com->code, "%.9s%03u", town->code, number % 1000);
            if (t > 0 && i == 0 && strcmp(town->name, "庆新街道") == 0)
                (void)snprintf(com->name, sizeof com->name, "庆新社区"); /* 庆 is no first syllable: the name is free */
            else
                namer_take(&names, com->village, com->name, sizeof com->name);
        }
    }
}

static void make_grids(struct demo_city *c, uint64_t seed)
{
    static const char *const numerals[] = {"一", "二", "三", "四", "五", "六"};
    struct prng p;
    prng_init(&p, seed, STREAM_GRIDS);
    uint32_t sum = 0;
    for (int i = 0; i < c->ncommunities; i++) {
        struct demo_community *com = &c->communities[i];
        const struct demo_town *town = &c->towns[com->town];
        const struct demo_county_seed *county = &demo_counties[town->county];
        struct demo_box boxes[MAX_CELLS];
        com->first_grid = c->ngrids;
        com->ngrids = com->village ? prng_range(&p, 2, 4) : prng_range(&p, 4, 6);
        cut_box(&p, &com->box, com->ngrids, boxes);
        for (int g = 0; g < com->ngrids; g++) {
            struct demo_grid *grid = &c->grids[c->ngrids];
            *grid = (struct demo_grid){.community = i, .box = boxes[g]};
            (void)snprintf(grid->code, sizeof grid->code, "%.12s%03u", com->code, ((unsigned)g + 1) % 1000);
            (void)snprintf(grid->name, sizeof grid->name, "第%s网格", numerals[g]);
            /* Busier where more people live; no two grids alike. */
            uint32_t base = com->village ? 3 : town->kind == DEMO_STREET ? 10 : 6;
            grid->weight = base * county->weight * (uint32_t)prng_range(&p, 60, 160) / (uint32_t)(100 * county->ntowns) + 1;
            sum += grid->weight;
            c->grid_sums[c->ngrids++] = sum;
        }
    }
}

/* One row per kind of unit: counties have their own, or the city's serves all. */
static const struct {
    const char *suffix;
    const char *name;
    Wangge__V1__OrganKind kind;
    bool in_counties;
} offices[OFFICE_COUNT] = {
    [OFFICE_ZX] = {"ZX", "社会治理中心", WANGGE__V1__ORGAN_KIND__ORGAN_KIND_CENTRE, true},
    [OFFICE_CG] = {"CG", "城市管理综合执法局", WANGGE__V1__ORGAN_KIND__ORGAN_KIND_DEPARTMENT, true},
    [OFFICE_GA] = {"GA", "公安局", WANGGE__V1__ORGAN_KIND__ORGAN_KIND_POLICE, true},
    [OFFICE_SF] = {"SF", "司法局", WANGGE__V1__ORGAN_KIND__ORGAN_KIND_JUSTICE, false},
    [OFFICE_XF] = {"XF", "消防救援支队", WANGGE__V1__ORGAN_KIND__ORGAN_KIND_DEPARTMENT, false},
    [OFFICE_HB] = {"HB", "生态环境局", WANGGE__V1__ORGAN_KIND__ORGAN_KIND_DEPARTMENT, false},
    [OFFICE_SW] = {"SW", "水务局", WANGGE__V1__ORGAN_KIND__ORGAN_KIND_DEPARTMENT, false},
    [OFFICE_ZJ] = {"ZJ", "住房和城乡建设局", WANGGE__V1__ORGAN_KIND__ORGAN_KIND_DEPARTMENT, false},
    [OFFICE_YJ] = {"YJ", "应急管理局", WANGGE__V1__ORGAN_KIND__ORGAN_KIND_DEPARTMENT, false},
    [OFFICE_JT] = {"JT", "交通运输局", WANGGE__V1__ORGAN_KIND__ORGAN_KIND_DEPARTMENT, false},
    [OFFICE_RS] = {"RS", "人力资源和社会保障局", WANGGE__V1__ORGAN_KIND__ORGAN_KIND_DEPARTMENT, false},
    [OFFICE_WJ] = {"WJ", "卫生健康委员会", WANGGE__V1__ORGAN_KIND__ORGAN_KIND_DEPARTMENT, false},
    [OFFICE_SC] = {"SC", "市场监督管理局", WANGGE__V1__ORGAN_KIND__ORGAN_KIND_DEPARTMENT, false},
    [OFFICE_NY] = {"NY", "农业农村局", WANGGE__V1__ORGAN_KIND__ORGAN_KIND_DEPARTMENT, false},
    [OFFICE_YL] = {"YL", "园林绿化中心", WANGGE__V1__ORGAN_KIND__ORGAN_KIND_DEPARTMENT, false},
    [OFFICE_MZ] = {"MZ", "民政局", WANGGE__V1__ORGAN_KIND__ORGAN_KIND_DEPARTMENT, false},
    [OFFICE_XJ] = {"XJ", "信访局", WANGGE__V1__ORGAN_KIND__ORGAN_KIND_DEPARTMENT, false},
    [OFFICE_FY] = {"FY", "中级人民法院", WANGGE__V1__ORGAN_KIND__ORGAN_KIND_COURT, false},
    [OFFICE_RQ] = {"RQ", "燃气公司", WANGGE__V1__ORGAN_KIND__ORGAN_KIND_EXTERNAL, false},
    [OFFICE_DL] = {"DL", "供电公司", WANGGE__V1__ORGAN_KIND__ORGAN_KIND_EXTERNAL, false},
};

static struct demo_organ *add_organ(struct demo_city *c, const char *region, const char *region_name, const char *suffix,
                                    const char *name, Wangge__V1__OrganKind kind)
{
    struct demo_organ *o = &c->organs[c->norgans++];
    *o = (struct demo_organ){.office = OFFICE_ZX, .county = -1, .kind = kind};
    (void)snprintf(o->code, sizeof o->code, "XZ-%s-%s", region, suffix);
    (void)snprintf(o->name, sizeof o->name, "%s%s", region_name, name);
    (void)snprintf(o->region_code, sizeof o->region_code, "%s", region);
    return o;
}

static void make_organs(struct demo_city *c)
{
    for (int office = 0; office < OFFICE_COUNT; office++) {
        int of_city = c->norgans;
        struct demo_organ *o =
            add_organ(c, DEMO_CITY_CODE, DEMO_CITY_NAME, offices[office].suffix, offices[office].name, offices[office].kind);
        o->office = (enum demo_office)office;
        for (int i = 0; i < DEMO_COUNTIES; i++) {
            c->office_organ[office][i] = of_city;
            /* The justice office of 让胡路区 is one of the city's five-channel pilots and has its own row. */
            if (!offices[office].in_counties && !(office == OFFICE_SF && strcmp(demo_counties[i].code, "230604") == 0))
                continue;
            c->office_organ[office][i] = c->norgans;
            o = add_organ(c, demo_counties[i].code, demo_counties[i].name, offices[office].suffix, offices[office].name,
                          offices[office].kind);
            o->office = (enum demo_office)office;
            o->county = i;
        }
    }
    /* Township centres and the demo account's community, where cases are accepted near the people. */
    for (int t = 0; t < c->ntowns; t++) {
        if (memcmp(c->towns[t].code, "230604", 6) == 0) {
            struct demo_organ *o =
                add_organ(c, c->towns[t].code, c->towns[t].name, "ZX", "综治中心", WANGGE__V1__ORGAN_KIND__ORGAN_KIND_CENTRE);
            o->county = c->towns[t].county;
        }
    }
    for (int i = 0; i < c->ncommunities; i++) {
        if (strcmp(c->communities[i].code, "230604001001") == 0) {
            struct demo_organ *o = add_organ(c, c->communities[i].code, c->communities[i].name, "SQ", "居民委员会",
                                             WANGGE__V1__ORGAN_KIND__ORGAN_KIND_COMMUNITY);
            o->county = c->towns[c->communities[i].town].county;
        }
    }
}

struct demo_city *demo_city_create(uint64_t seed, struct err *e)
{
    struct arena *a = arena_create(MEMORY);
    struct demo_city *c = a ? arena_zalloc(a, sizeof *c) : NULL;
    if (!c)
        goto no_memory;
    c->_arena = a;
    c->towns = arena_zalloc(a, MAX_TOWNS * sizeof *c->towns);
    c->communities = arena_zalloc(a, MAX_COMMUNITIES * sizeof *c->communities);
    c->grids = arena_zalloc(a, MAX_GRIDS * sizeof *c->grids);
    c->grid_sums = arena_zalloc(a, MAX_GRIDS * sizeof *c->grid_sums);
    c->organs = arena_zalloc(a, MAX_ORGANS * sizeof *c->organs);
    if (!c->towns || !c->communities || !c->grids || !c->grid_sums || !c->organs)
        goto no_memory;
    if (demo_calendar_default(&c->calendar, e) < 0) {
        arena_destroy(a);
        return NULL;
    }
    make_towns(c, seed);
    make_communities(c, seed);
    make_grids(c, seed);
    make_organs(c);
    return c;
no_memory:
    (void)err_set(e, ERR_NOMEM, "Not enough memory for the demo city.");
    arena_destroy(a);
    return NULL;
}

void demo_city_destroy(struct demo_city *c)
{
    if (c)
        arena_destroy(c->_arena);
}

int demo_city_county_of(const struct demo_city *c, int grid)
{
    return c->towns[c->communities[c->grids[grid].community].town].county;
}

/* The quotient of two doubles is the same on every machine that has IEEE 754. */
static double degrees(int32_t millionths)
{
    return millionths / 1e6;
}

void demo_city_point_in(const struct demo_city *c, int grid, struct prng *p, Wangge__V1__Point *ret)
{
    const struct demo_box *b = &c->grids[grid].box;
    int32_t lat_edge = (b->lat1 - b->lat0) / 50 + 1;
    int32_t lon_edge = (b->lon1 - b->lon0) / 50 + 1;
    wangge__v1__point__init(ret);
    ret->latitude = degrees(prng_range(p, b->lat0 + lat_edge, b->lat1 - lat_edge));
    ret->longitude = degrees(prng_range(p, b->lon0 + lon_edge, b->lon1 - lon_edge));
}

static int compare_grid(const void *code, const void *grid)
{
    return strcmp(code, ((const struct demo_grid *)grid)->code);
}

int demo_city_find_grid(const struct demo_city *c, const char *code)
{
    const struct demo_grid *g = bsearch(code, c->grids, (size_t)c->ngrids, sizeof *c->grids, compare_grid);
    return g ? (int)(g - c->grids) : -1;
}

/* SPDX-License-Identifier: MIT */
#include "client/cli/import_codes.h"

#include <stdlib.h>
#include <string.h>

#include "client/model/i18n.h"
#include "client/rpc/methods.h"
#include "wangge/v1/directory.pb-c.h"

struct import_codes {
    struct channel_result categories, regions; /* what the lists below point into */
    const Wangge__V1__Category **category;
    size_t n_categories;
    const Wangge__V1__Region **grid;
    size_t n_grids;
};

static int by_category(const void *a, const void *b)
{
    return strcmp((*(const Wangge__V1__Category *const *)a)->code, (*(const Wangge__V1__Category *const *)b)->code);
}

static int by_region(const void *a, const void *b)
{
    return strcmp((*(const Wangge__V1__Region *const *)a)->code, (*(const Wangge__V1__Region *const *)b)->code);
}

static int take_categories(struct import_codes *codes, const Wangge__V1__ListCategoriesResponse *r)
{
    codes->category = calloc(r->n_categories + 1, sizeof(void *));
    if (!codes->category)
        return ERR_NOMEM;
    for (size_t i = 0; i < r->n_categories; i++)
        codes->category[codes->n_categories++] = r->categories[i];
    qsort(codes->category, codes->n_categories, sizeof(void *), by_category);
    return 0;
}

static int take_grids(struct import_codes *codes, const Wangge__V1__ListRegionsResponse *r)
{
    codes->grid = calloc(r->n_regions + 1, sizeof(void *));
    if (!codes->grid)
        return ERR_NOMEM;
    for (size_t i = 0; i < r->n_regions; i++)
        if (r->regions[i]->level == WANGGE__V1__REGION_LEVEL__REGION_LEVEL_GRID)
            codes->grid[codes->n_grids++] = r->regions[i];
    qsort(codes->grid, codes->n_grids, sizeof(void *), by_region);
    return 0;
}

struct import_codes *import_codes_fetch(struct cli *c)
{
    Wangge__V1__ListCategoriesRequest categories = WANGGE__V1__LIST_CATEGORIES_REQUEST__INIT;
    Wangge__V1__ListRegionsRequest regions = WANGGE__V1__LIST_REGIONS_REQUEST__INIT;
    struct import_codes *codes = c->has_session ? calloc(1, sizeof *codes) : NULL;
    int rc = codes ? cli_call(c, &methods_list_categories, &categories.base, &codes->categories) : CLI_AUTH;
    if (rc == CLI_OK)
        rc = take_categories(codes, (const Wangge__V1__ListCategoriesResponse *)codes->categories.resp);
    if (rc == CLI_OK)
        rc = cli_call(c, &methods_list_regions, &regions.base, &codes->regions);
    if (rc == CLI_OK)
        rc = take_grids(codes, (const Wangge__V1__ListRegionsResponse *)codes->regions.resp);
    if (rc == CLI_OK)
        return codes;
    import_codes_destroy(codes);
    out_note(c, "%s", _("The server could not be asked: whether categories and grids exist is not checked."));
    return NULL;
}

void import_codes_destroy(struct import_codes *codes)
{
    if (!codes)
        return;
    channel_result_fini(&codes->categories);
    channel_result_fini(&codes->regions);
    free(codes->category);
    free(codes->grid);
    free(codes);
}

static int check_grid(const struct import_codes *codes, char *code, struct err *e)
{
    Wangge__V1__Region key = {.code = code};
    const Wangge__V1__Region *want = &key;
    const Wangge__V1__Region **found = bsearch(&want, codes->grid, codes->n_grids, sizeof(void *), by_region);
    if (!found)
        return err_field(e, ERR_NOT_FOUND, "grid_code", _("there is no grid %s in your region"), code);
    if ((*found)->valid_to[0])
        return err_field(e, ERR_PRECONDITION, "grid_code", _("grid %s is void since %s"), code, (*found)->valid_to);
    return 0;
}

int import_codes_check(const struct import_codes *codes, const Wangge__V1__SubmitCaseRequest *req, struct err *e)
{
    if (!codes)
        return 0;
    Wangge__V1__Category key = {.code = req->category_code};
    const Wangge__V1__Category *want = &key;
    const Wangge__V1__Category **found = bsearch(&want, codes->category, codes->n_categories, sizeof(void *), by_category);
    if (!found)
        return err_field(e, ERR_NOT_FOUND, "category_code", _("there is no category %s"), req->category_code);
    if (!(*found)->active)
        return err_field(e, ERR_PRECONDITION, "category_code", _("category %s is void"), req->category_code);
    if (req->settle_text[0] && !(*found)->settle_allowed)
        return err_field(e, ERR_PRECONDITION, "settle_text", _("category %s may not be settled on the spot"),
                         req->category_code);
    return req->grid_code[0] ? check_grid(codes, req->grid_code, e) : 0;
}

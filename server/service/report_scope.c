/* SPDX-License-Identifier: MIT */
#include "server/service/report_scope.h"

#include <string.h>

int scope_region(const struct actor *who, const char *code, const char *field, int64_t *ret_region,
                 struct region_span *ret_span, struct err *e)
{
    int64_t region = who->region;
    if (*code) {
        struct err why;
        if (region_parse(code, &region, &why))
            return err_field(e, ERR_INVALID, field, "%s must be a region code of 4, 6, 9, 12 or 15 digits.", field);
        if (!policy_in_scope(who, region)) {
            (void)err_field(e, ERR_DENIED, field, "Region %s lies outside yours. Ask somebody whose region it is.", code);
            err_detail(e, "rule REGION");
            return ERR_DENIED;
        }
    }
    *ret_region = region;
    *ret_span = region ? region_span_of(region) : region_span_all();
    return 0;
}

int scope_categories(struct arena *a, const struct directory *dir, const char *prefix, const char *field, const int16_t **ret,
                     int *ret_n, struct err *e)
{
    *ret = NULL;
    *ret_n = -1;
    if (!*prefix)
        return 0;
    char lo[6];
    char hi[6];
    struct err why;
    if (category_prefix_range(prefix, lo, hi, &why))
        return err_field(e, ERR_INVALID, field, "%s must be the beginning of a category code, such as E or E01.", field);
    size_t n;
    const struct dir_category *all = directory_categories(dir, &n);
    int16_t *ids = arena_alloc(a, (n + 1) * sizeof *ids);
    if (!ids)
        return err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    int found = 0;
    for (size_t i = 0; i < n; i++) {
        if (strcmp(all[i].code, lo) >= 0 && strcmp(all[i].code, hi) <= 0)
            ids[found++] = all[i].id;
    }
    if (found == 0)
        return err_field(e, ERR_NOT_FOUND, field, "No category begins with %.5s.", prefix);
    *ret = ids;
    *ret_n = found;
    return 0;
}

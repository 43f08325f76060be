/* SPDX-License-Identifier: MIT */
/* How the values of a report are written, the same in every format. */
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "client/export/report_impl.h"
#include "client/model/i18n.h"
#include "common/base/clock.h"
#include "common/base/figure.h"

enum { UTC_OFFSET_S = 8 * 3600 };

const char *report_say(bool chinese, const char *zh, const char *en)
{
    return (chinese && *zh) || !*en ? zh : en;
}

int report_put(FILE *out, struct err *e, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vfprintf(out, fmt, ap);
    va_end(ap);
    return n < 0 ? err_errno(e, errno, "%s", _("The report cannot be written.")) : 0;
}

char *report_time_print(const Google__Protobuf__Timestamp *t, char out[32])
{
    struct civil c;
    if (!t) {
        (void)snprintf(out, 32, "%s", FIGURE_NONE);
        return out;
    }
    clock_to_civil(t->seconds * USEC_PER_SEC, UTC_OFFSET_S, &c);
    (void)snprintf(out, 32, "%04d-%02d-%02d %02d:%02d", c.year, c.month, c.day, c.hour, c.minute);
    return out;
}

bool report_cell_bp(const Wangge__V1__ReportCell *c, int64_t *ret)
{
    return c->value_case == WANGGE__V1__REPORT_CELL__VALUE_RATIO && figure_ratio(c->ratio->n, c->ratio->d, 10000, ret);
}

static void print_duration(int64_t seconds, bool chinese, char out[REPORT_TEXT_MAX])
{
    int64_t minutes = (seconds + 30) / 60;
    if (chinese)
        (void)snprintf(out, REPORT_TEXT_MAX, "%lld 小时 %lld 分", (long long)(minutes / 60), (long long)(minutes % 60));
    else
        (void)snprintf(out, REPORT_TEXT_MAX, "%lld h %lld min", (long long)(minutes / 60), (long long)(minutes % 60));
}

static void print_ratio(const Wangge__V1__Ratio *r, const Wangge__V1__ReportColumn *col, char out[REPORT_TEXT_MAX])
{
    char text[FIGURE_TEXT_MAX];
    /* A change is (this - other) / other, sent as that: the count of now is the sum of both. */
    if (col->kind == WANGGE__V1__COLUMN_KIND__COLUMN_KIND_CHANGE)
        figure_change(r->n + r->d, r->d, text);
    else
        figure_percent(r->n, r->d, text);
    (void)snprintf(out, REPORT_TEXT_MAX, "%s", text);
}

static void print_points(int64_t bp, char out[REPORT_TEXT_MAX])
{
    int64_t a = bp < 0 ? -bp : bp;
    (void)snprintf(out, REPORT_TEXT_MAX, "%s%lld.%02lld", bp < 0 ? "-" : "+", (long long)(a / 100), (long long)(a % 100));
}

char *report_cell_print(const Wangge__V1__ReportCell *c, const Wangge__V1__ReportColumn *col, bool chinese,
                        char out[REPORT_TEXT_MAX])
{
    char text[FIGURE_TEXT_MAX];
    switch (c->value_case) {
    case WANGGE__V1__REPORT_CELL__VALUE_TEXT:
        (void)snprintf(out, REPORT_TEXT_MAX, "%s", report_say(chinese, c->text, c->text_en));
        return out;
    case WANGGE__V1__REPORT_CELL__VALUE_COUNT:
        (void)snprintf(out, REPORT_TEXT_MAX, "%s", figure_count(c->count, text));
        return out;
    case WANGGE__V1__REPORT_CELL__VALUE_RATIO:
        print_ratio(c->ratio, col, out);
        return out;
    case WANGGE__V1__REPORT_CELL__VALUE_POINTS:
        print_points(c->points, out);
        return out;
    case WANGGE__V1__REPORT_CELL__VALUE_SECONDS:
        print_duration(c->seconds, chinese, out);
        return out;
    case WANGGE__V1__REPORT_CELL__VALUE_TIME:
        (void)report_time_print(c->time, out);
        return out;
    case WANGGE__V1__REPORT_CELL__VALUE_NONE:
    case WANGGE__V1__REPORT_CELL__VALUE__NOT_SET:
    case _WANGGE__V1__REPORT_CELL__VALUE__CASE_IS_INT_SIZE:
        break;
    }
    (void)snprintf(out, REPORT_TEXT_MAX, "%s", FIGURE_NONE);
    return out;
}

char *report_cell_fraction(const Wangge__V1__ReportCell *c, const Wangge__V1__ReportColumn *col, char out[64])
{
    char n[FIGURE_TEXT_MAX];
    char d[FIGURE_TEXT_MAX];
    out[0] = '\0';
    if (c->value_case == WANGGE__V1__REPORT_CELL__VALUE_RATIO && col->kind == WANGGE__V1__COLUMN_KIND__COLUMN_KIND_RATE)
        (void)snprintf(out, 64, "%.30s/%.30s", figure_count(c->ratio->n, n), figure_count(c->ratio->d, d));
    return out;
}

char *report_scope_print(const Wangge__V1__ReportHead *h, bool chinese, char out[REPORT_TEXT_MAX])
{
    char as_of[32];
    const Wangge__V1__PullReportRequest *q = h->request;
    const Wangge__V1__ReportFilter *f = q ? q->filter : NULL;
    if (!q) {
        out[0] = '\0';
        return out;
    }
    report_time_print(q->as_of, as_of);
    (void)snprintf(out, REPORT_TEXT_MAX,
                   chinese ? "%s 至 %s，时点 %s，区域 %s %s%s%s%s%s" : "%s to %s, as of %s, region %s %s%s%s%s%s", q->from,
                   q->to, as_of, h->region_name, f && *f->region_code ? f->region_code : "",
                   f && *f->category_prefix ? (chinese ? "，类别 " : ", category ") : "", f ? f->category_prefix : "",
                   f && *f->organ_code ? (chinese ? "，单位 " : ", organ ") : "", f ? f->organ_code : "");
    return out;
}

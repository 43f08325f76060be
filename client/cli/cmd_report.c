/* SPDX-License-Identifier: MIT */
/* Pulls a figure, or lists the cases behind it: the list has exactly the figure's length, or neither is printed as good. */
#include <stdlib.h>
#include <string.h>

#include "client/cli/cli.h"
#include "client/cli/cli_case.h"
#include "client/cli/cli_report.h"
#include "client/cli/instant.h"
#include "client/cli/report_text.h"
#include "client/model/i18n.h"
#include "client/model/labels.h"
#include "client/rpc/methods.h"
#include "common/base/text.h"
#include "wangge/v1/report.pb-c.h"

enum { PAGE = 500, LIMIT_MAX = 100 * 1000 * 1000 };

struct query {
    Wangge__V1__MetricQuery q;
    Wangge__V1__Breakdown breakdown;
    Wangge__V1__RegionLevel level;
    Google__Protobuf__Timestamp as_of;
    char metric[16];
    char from[11], to[11];
};

static const char *const breakdowns[] = {NULL, "none", "region", "category", "organ", "month"};

static int take_metric(struct cli *c, struct query *q)
{
    const char *word = c->opt.n_args ? c->opt.args[0] : options_get(&c->opt, OPTION_METRIC, "K01");
    if (c->opt.n_args && options_has(&c->opt, OPTION_METRIC)) {
        out_error(c, "%s", _("Name the metric once: as an argument or by --metric."));
        return CLI_USAGE;
    }
    if (strcmp(word, "completion") == 0)
        word = "K01";
    if (!text_copy(q->metric, sizeof q->metric, word)) {
        out_error(c, _("There is no metric \"%s\"."), word);
        return CLI_INVALID;
    }
    if (q->metric[0] == 'k')
        q->metric[0] = 'K';
    q->q.metric = q->metric;
    return CLI_OK;
}

static int bad_window(struct cli *c, enum options_option opt, const char *form)
{
    out_error(c, _("--%s: \"%s\" is not of the form %s."), options_option_name(opt), options_get(&c->opt, opt, ""), form);
    return CLI_INVALID;
}

int cli_report_window(struct cli *c, char from[11], char to[11])
{
    struct civil now;
    const char *text;
    int year, month, used = 0;
    int32_t a, b;
    int ways = options_has(&c->opt, OPTION_YEAR) + options_has(&c->opt, OPTION_MONTH) +
               (options_has(&c->opt, OPTION_FROM) || options_has(&c->opt, OPTION_TO));
    if (ways > 1) {
        out_error(c, "%s", _("Give the window once: --year, --month, or --from and --to."));
        return CLI_USAGE;
    }
    clock_to_civil(cli_now(), INSTANT_UTC_OFFSET_S, &now);
    b = clock_days_from_civil(now.year, now.month, now.day);
    a = clock_days_from_civil(now.year, now.month, 1);
    if ((text = options_get(&c->opt, OPTION_YEAR, NULL))) {
        if (!text_is_digits(text, 4) || sscanf(text, "%d", &year) != 1 || year < 1)
            return bad_window(c, OPTION_YEAR, "2021");
        a = clock_days_from_civil(year, 1, 1);
        b = clock_days_from_civil(year, 12, 31);
    } else if ((text = options_get(&c->opt, OPTION_MONTH, NULL))) {
        if (sscanf(text, "%4d-%2d%n", &year, &month, &used) != 2 || text[used] || year < 1 || month < 1 || month > 12)
            return bad_window(c, OPTION_MONTH, "2021-03");
        a = clock_days_from_civil(year, month, 1);
        b = (month == 12 ? clock_days_from_civil(year + 1, 1, 1) : clock_days_from_civil(year, month + 1, 1)) - 1;
    }
    if ((text = options_get(&c->opt, OPTION_FROM, NULL)) && !clock_parse_date(text, &a))
        return bad_window(c, OPTION_FROM, "2021-01-01");
    if ((text = options_get(&c->opt, OPTION_TO, NULL)) && !clock_parse_date(text, &b))
        return bad_window(c, OPTION_TO, "2021-12-31");
    clock_format_date(a, from);
    clock_format_date(b, to);
    return CLI_OK;
}

static int take_window(struct cli *c, struct query *q)
{
    q->q.from = q->from;
    q->q.to = q->to;
    return cli_report_window(c, q->from, q->to);
}

static int take_breakdown(struct cli *c, struct query *q)
{
    char list[160];
    int level = 0;
    const char *by = options_get(&c->opt, OPTION_BY, options_has(&c->opt, OPTION_LEVEL) ? "region" : "none");
    for (int i = 1; i < 6; i++)
        if (strcmp(by, breakdowns[i]) == 0)
            q->breakdown = (Wangge__V1__Breakdown)i;
    if (!q->breakdown) {
        out_error(c, _("--%s: \"%s\" is none of %s."), "by", by, "none, region, category, organ, month");
        return CLI_INVALID;
    }
    const char *word = options_get(&c->opt, OPTION_LEVEL, NULL);
    if (word && !labels_find(LABELS_REGION_LEVEL, word, &level)) {
        labels_list(LABELS_REGION_LEVEL, list, sizeof list);
        out_error(c, _("--%s: \"%s\" is none of %s."), "level", word, list);
        return CLI_INVALID;
    }
    if (word && q->breakdown != WANGGE__V1__BREAKDOWN__BREAKDOWN_REGION) {
        out_error(c, "%s", _("--level belongs to --by region."));
        return CLI_USAGE;
    }
    q->level = (Wangge__V1__RegionLevel)level;
    return CLI_OK;
}

static int make_query(struct cli *c, struct query *q)
{
    struct err e;
    usec_t at;
    wangge__v1__metric_query__init(&q->q);
    int rc = take_metric(c, q);
    if (rc == CLI_OK)
        rc = take_window(c, q);
    if (rc == CLI_OK)
        rc = take_breakdown(c, q);
    if (rc)
        return rc;
    if (options_has(&c->opt, OPTION_AS_OF)) {
        if (instant_parse(options_get(&c->opt, OPTION_AS_OF, ""), cli_now(), &at, &e)) {
            out_error(c, "--as-of: %s", e.text);
            return CLI_INVALID;
        }
        q->q.as_of = instant_stamp(&q->as_of, at);
    }
    q->q.variant = (char *)options_get(&c->opt, OPTION_VARIANT, "");
    q->q.region_code = (char *)options_get(&c->opt, OPTION_REGION, "");
    q->q.category_prefix = (char *)options_get(&c->opt, OPTION_CATEGORY, "");
    q->q.organ_code = (char *)options_get(&c->opt, OPTION_ORGAN, "");
    return CLI_OK;
}

static int pull(struct cli *c, const struct query *q, struct channel_result *r)
{
    Wangge__V1__QueryMetricRequest req = WANGGE__V1__QUERY_METRIC_REQUEST__INIT;
    req.query = (Wangge__V1__MetricQuery *)&q->q;
    req.breakdown = q->breakdown;
    req.breakdown_level = q->level;
    req.compare = options_has(&c->opt, OPTION_COMPARE);
    int rc = cli_call(c, &methods_query_metric, &req.base, r);
    if (rc)
        return rc;
    const Wangge__V1__QueryMetricResponse *resp = (const Wangge__V1__QueryMetricResponse *)r->resp;
    if (resp->query && resp->total)
        return CLI_OK;
    out_error(c, "%s", _("The server's answer holds no figure."));
    return CLI_FAILED;
}

static int check_sums(struct cli *c, const Wangge__V1__QueryMetricResponse *r)
{
    bool fine = report_text_adds_up(r->total);
    for (size_t i = 0; i < r->n_rows; i++)
        fine = fine && r->rows[i]->figure && report_text_adds_up(r->rows[i]->figure);
    if (fine)
        return CLI_OK;
    out_error(c, "%s", _("The figures do not add up; do not use them. Let the operator run: wangged verify"));
    return CLI_FAILED;
}

static void put(void *arg, const char *text)
{
    out_text(arg, text);
}

/* --- The cases behind it --- */

static const Wangge__V1__Figure *figure_of_key(const Wangge__V1__QueryMetricResponse *r, const char *key)
{
    if (!key[0])
        return r->total;
    for (size_t i = 0; i < r->n_rows; i++)
        if (strcmp(r->rows[i]->key, key) == 0)
            return r->rows[i]->figure;
    return NULL;
}

static int put_cases(struct cli *c, const Wangge__V1__ListFigureCasesResponse *page, long limit, int64_t *shown)
{
    char buf[LABELS_WORD_MAX], when[INSTANT_TEXT_MAX];
    struct table *t = c->json ? NULL : table_create(5);
    int rc = CLI_OK;
    if (!c->json && !t)
        return CLI_FAILED;
    if (t) {
        table_column(t, 0, _("Number"), false, false);
        table_column(t, 1, _("Category"), false, true);
        table_column(t, 2, _("What"), false, true);
        table_column(t, 3, _("State then"), false, false);
        table_column(t, 4, _("Reported"), false, false);
    }
    for (size_t i = 0; rc == CLI_OK && i < page->n_cases; i++, ++*shown) {
        const Wangge__V1__FigureCase *fc = page->cases[i];
        if ((limit > 0 && *shown >= limit) || !fc->case_)
            continue;
        if (c->json) {
            rc = out_json(c, &fc->base);
            continue;
        }
        table_cell(t, fc->case_->number);
        table_cell(t, fc->case_->category_name[0] ? fc->case_->category_name : fc->case_->category_code);
        table_cell(t, fc->case_->description);
        table_cell(t, labels_text(LABELS_STATE, (int)fc->state_as_of, buf));
        table_cell(t, instant_format(instant_of(fc->case_->reported_at), when));
    }
    if (t && rc == CLI_OK && page->n_cases > 0)
        out_table(c, t);
    table_destroy(t);
    return rc;
}

static int list_cases(struct cli *c, const struct query *q, const Wangge__V1__QueryMetricResponse *figures, int64_t want,
                      Wangge__V1__FigurePart part, const char *key, long limit)
{
    char token[1024] = "";
    int64_t shown = 0, total = -1;
    int rc;
    do {
        struct channel_result r;
        Wangge__V1__ListFigureCasesRequest req = WANGGE__V1__LIST_FIGURE_CASES_REQUEST__INIT;
        req.query = figures->query; /* as_of filled in: both speak of the same moment */
        req.breakdown = key[0] ? q->breakdown : WANGGE__V1__BREAKDOWN__BREAKDOWN_NONE;
        req.key = (char *)key;
        req.part = part;
        req.page_size = limit > 0 && limit < PAGE ? (int)limit : PAGE;
        req.page_token = token;
        rc = cli_call(c, &methods_list_figure_cases, &req.base, &r);
        if (rc == CLI_OK) {
            const Wangge__V1__ListFigureCasesResponse *page = (const Wangge__V1__ListFigureCasesResponse *)r.resp;
            total = page->total;
            if (total != want) {
                out_error(
                    c, _("The figure says %lld, its list %lld; neither is to be trusted. Let the operator run: wangged verify"),
                    (long long)want, (long long)total);
                rc = CLI_FAILED;
            } else if (!text_copy(token, sizeof token, page->next_page_token)) {
                out_error(c, "%s", _("The server's page token is too long."));
                rc = CLI_FAILED;
            } else {
                rc = put_cases(c, page, limit, &shown);
            }
        }
        channel_result_fini(&r);
    } while (rc == CLI_OK && token[0] && (limit == 0 || shown < limit));
    if (rc == CLI_OK && !token[0] && shown != want) {
        out_error(c, _("The figure says %lld, its list %lld; neither is to be trusted. Let the operator run: wangged verify"),
                  (long long)want, (long long)shown);
        return CLI_FAILED;
    }
    if (rc == CLI_OK)
        out_note(c, _("%lld of %lld cases."), (long long)(limit > 0 && shown > limit ? limit : shown), (long long)total);
    return rc;
}

static int drill_down(struct cli *c, const struct query *q, const Wangge__V1__QueryMetricResponse *r)
{
    struct err e;
    long limit;
    const char *word = options_get(&c->opt, OPTION_CASES, "");
    const char *key = options_get(&c->opt, OPTION_KEY, "");
    bool numerator = strcmp(word, "numerator") == 0;
    if (!numerator && strcmp(word, "denominator") != 0) {
        out_error(c, _("--%s: \"%s\" is none of %s."), "cases", word, "numerator, denominator");
        return CLI_INVALID;
    }
    if (options_number(&c->opt, OPTION_LIMIT, 0, LIMIT_MAX, 0, &limit, &e)) {
        out_error(c, "%s", e.text);
        return CLI_USAGE;
    }
    const Wangge__V1__Figure *f = figure_of_key(r, key);
    if (!f) {
        out_error(c, _("The report has no row \"%s\". Give the --by it belongs to."), key);
        return CLI_NOT_FOUND;
    }
    return list_cases(c, q, r, numerator ? f->numerator : f->denominator,
                      numerator ? WANGGE__V1__FIGURE_PART__FIGURE_PART_NUMERATOR
                                : WANGGE__V1__FIGURE_PART__FIGURE_PART_DENOMINATOR,
                      key, limit);
}

int cmd_report(struct cli *c)
{
    struct query q = {0};
    struct channel_result r = {0};
    bool cases = options_has(&c->opt, OPTION_CASES);
    if (!cases && (options_has(&c->opt, OPTION_KEY) || options_has(&c->opt, OPTION_LIMIT))) {
        out_error(c, "%s", _("--key and --limit belong to --cases."));
        return CLI_USAGE;
    }
    int rc = make_query(c, &q);
    if (rc)
        return rc;
    rc = pull(c, &q, &r);
    if (rc == CLI_OK) {
        const Wangge__V1__QueryMetricResponse *resp = (const Wangge__V1__QueryMetricResponse *)r.resp;
        rc = check_sums(c, resp);
        if (rc == CLI_OK && cases)
            rc = drill_down(c, &q, resp);
        else if (rc == CLI_OK && c->json)
            rc = out_json(c, r.resp);
        else if (rc == CLI_OK)
            report_text_write(resp, c->width, put, c);
    }
    channel_result_fini(&r);
    return rc;
}

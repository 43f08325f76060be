/* SPDX-License-Identifier: MIT */
/*
 * Prints the published metrics as Markdown, from the table itself: doc/metric-table.md is this program's output. With --check
 * FILE it compares instead and fails if they differ.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/domain/metric.h"

static void print_variant(FILE *out, const struct metric *m, const struct metric_variant *v)
{
    fprintf(out, "| %s %s | %s<br>%s | %s<br>%s | %s<br>%s |\n", m->code, v->code, v->name_zh, v->name_en, v->numerator,
            v->numerator_en, *v->denominator ? v->denominator : "–", *v->denominator_en ? v->denominator_en : "–");
}

static void print_group(FILE *out, const char *title, char letter)
{
    fprintf(out, "\n## %s\n\n| code | name | numerator | denominator |\n|---|---|---|---|\n", title);
    for (size_t i = 0; i < metric_count(); i++) {
        const struct metric *m = metric_at(i);
        for (int v = 0; m->code[0] == letter && v < m->n_variants; v++)
            print_variant(out, m, &m->variants[v]);
    }
}

static void print_notes(FILE *out)
{
    fputs("\n## Definitions and what is left out\n", out);
    for (size_t i = 0; i < metric_count(); i++) {
        const struct metric *m = metric_at(i);
        if (m->code[0] == 'N')
            continue;
        fprintf(out, "\n**%s v%d %s · %s.** %s %s\n", m->code, m->version, m->name_zh, m->name_en, m->definition_zh,
                m->definition_en);
        if (m->exclusions_zh)
            fprintf(out, "不计：%s Left out: %s\n", m->exclusions_zh, m->exclusions_en);
    }
}

static void print_page(FILE *out)
{
    fputs("# All metrics\n"
          "\n"
          "This page is printed by the program from `server/domain/metric_*.c`, the data that figures are made by; `ninja -C "
          "build\n"
          "doc/metric-table.md` writes it anew (copy the result over `doc/metric-table.md`), and a test fails while they "
          "differ. What the words mean:\n"
          "[metrics](metrics.md). A variant stands behind the code; a metric's first row is its default. \"Acts\" are counted "
          "each, the rest are cases.\n",
          out);
    print_group(out, "Rates", 'K');
    print_group(out, "Against gaming", 'I');
    print_group(out, "Counts", 'N');
    print_notes(out);
}

static char *page_text(size_t *n)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, n);
    if (!out)
        return NULL;
    print_page(out);
    fclose(out);
    return text;
}

static bool is_current(const char *path)
{
    size_t n;
    char *text = page_text(&n);
    FILE *in = fopen(path, "rb");
    char *is = text ? calloc(1, n + 2) : NULL;
    bool same = in && is && fread(is, 1, n + 1, in) == n && memcmp(is, text, n) == 0;
    if (in)
        fclose(in);
    free(is);
    free(text);
    return same;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--check") == 0) {
        if (is_current(argv[2])) {
            puts("1 passed, 0 failed");
            return EXIT_SUCCESS;
        }
        fprintf(stderr,
                "%s is out of date: run ninja -C build doc/metric-table.md and copy build/doc/metric-table.md over it\n",
                argv[2]);
        puts("0 passed, 1 failed");
        return EXIT_FAILURE;
    }
    print_page(stdout);
    return EXIT_SUCCESS;
}

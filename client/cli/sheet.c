/* SPDX-License-Identifier: MIT */
#include "client/cli/sheet.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "client/model/i18n.h"

static const char BYTE_ORDER_MARK[] = "\xef\xbb\xbf";

enum { MEMORY_MAX = 16 << 20, LIST_MAX = 256 };

static int take_titles(struct sheet *s, const struct csv_row *row)
{
    char list[LIST_MAX] = "";
    for (int i = 0; i < s->n_names; i++) {
        size_t at = strlen(list);
        snprintf(list + at, sizeof list - at, "%s%s", i ? ", " : "", s->names[i]);
        s->_column[i] = -1;
    }
    for (int i = 0; i < row->n_fields; i++) {
        const char *title = row->fields[i].text;
        int c = 0;
        if (i == 0 && strncmp(title, BYTE_ORDER_MARK, sizeof BYTE_ORDER_MARK - 1) == 0)
            title += sizeof BYTE_ORDER_MARK - 1; /* spreadsheets begin with it */
        while (c < s->n_names && strcmp(s->names[c], title) != 0)
            c++;
        if (c == s->n_names)
            return err_set(s->e, ERR_INVALID, _("There is no column \"%s\". The columns are %s."), title, list);
        if (s->_column[c] >= 0)
            return err_set(s->e, ERR_INVALID, _("The column \"%s\" is there twice."), s->names[c]);
        s->_column[c] = i;
    }
    return 0;
}

char *sheet_value(struct sheet *s, int column)
{
    int at = s->_column[column];
    return arena_strdup(s->arena, at >= 0 && at < s->_row->n_fields ? s->_row->fields[at].text : "");
}

int sheet_bad(struct sheet *s, int column, const char *value)
{
    return err_set(s->e, ERR_INVALID, _("Line %lld: \"%s\" is no value for %s."), (long long)s->line, value, s->names[column]);
}

static int on_row(void *arg, const struct csv_row *row)
{
    struct sheet *s = arg;
    int titles = 0;
    s->line = row->line;
    s->_row = row;
    if (row->fault)
        return err_set(s->e, ERR_INVALID, _("Line %lld: %s"), (long long)row->line, csv_fault_text(row->fault));
    if (row->row == 1)
        return take_titles(s, row);
    for (int i = 0; i < s->n_names; i++)
        titles += s->_column[i] >= 0;
    if (row->n_fields > titles)
        return err_set(s->e, ERR_INVALID, _("Line %lld: it has %d fields, the titles are %d."), (long long)row->line,
                       row->n_fields, titles);
    s->rows++;
    return s->on_row(s, s->arg);
}

int sheet_read(struct sheet *s, const char *path)
{
    char buf[8192];
    struct csv_reader *csv = csv_reader_create(on_row, s);
    FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    int rc = 0;
    if (!s->arena)
        s->arena = arena_create(MEMORY_MAX);
    if (!csv || !s->arena)
        rc = err_set(s->e, ERR_NOMEM, "%s", _("Not enough memory."));
    else if (!in)
        rc = err_errno(s->e, errno, _("%s cannot be read."), path);
    while (rc == 0) {
        size_t n = fread(buf, 1, sizeof buf, in);
        rc = n ? csv_reader_feed(csv, buf, n) : csv_reader_end(csv);
        if (n == 0)
            break;
    }
    if (rc == 0 && ferror(in))
        rc = err_errno(s->e, errno, _("%s cannot be read."), path);
    if (rc == 0 && s->rows == 0)
        rc = err_set(s->e, ERR_INVALID, _("%s holds no row below the titles."), path);
    if (in && in != stdin)
        (void)fclose(in);
    csv_reader_destroy(csv);
    return rc;
}

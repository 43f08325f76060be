/* SPDX-License-Identifier: MIT */
/* doc/keys.md is the key table as a page; with WANGGE_TUI_UPDATE set it is written instead of compared. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/ui/keys.h"

static const struct {
    unsigned context;
    const char *title;
} pages[] = {
    {CTX_LOGIN, "Log in"},
    {CTX_WORK, "My work"},
    {CTX_CASE, "A case"},
    {CTX_FORM, "The form of an action"},
    {CTX_INTAKE, "Log an incident"},
    {CTX_REPORT, "Report"},
    {CTX_FIGURE, "Cases behind a figure"},
    {CTX_OUTBOX, "Unsent"},
    {CTX_INBOX, "Inbox"},
    {CTX_SEARCH, "Search"},
    {CTX_PASSWORD, "New password"},
    {CTX_BULK, "Many cases"},
    {CTX_EXPLAIN, "Why this due time"},
    {CTX_FILES, "Files of a case"},
    {CTX_REPORTS, "All reports"},
    {CTX_PALETTE, "Commands"},
    {CTX_HELP, "Help"},
};

static void print(FILE *out)
{
    fputs("# Keys of the terminal client\n\nMade from the table in `client/ui/keys.c`, which also drives the footer and F1. "
          "Letters work outside text fields, all other\nkeys always; Alt+digit is the F-key; full-width letters of an input "
          "method "
          "count as their plain ones.\nEverything without a key of its own is in F4 or in the command palette (Ctrl-K).\n\n"
          "In text fields: arrows, Home/End or Ctrl-A/Ctrl-E, Ctrl-W (word), Ctrl-U (to the start), Ctrl-K (to the end).\n",
          out);
    for (size_t p = 0; p < sizeof pages / sizeof *pages; p++) {
        fprintf(out, "\n## %s\n\n| keys | name | what it does |\n|---|---|---|\n", pages[p].title);
        for (const struct ui_key *k = ui_keys(); k->action != UA_NONE; k++) {
            char names[64];
            if (!(k->contexts & pages[p].context))
                continue;
            ui_key_names(k, names, sizeof names);
            fprintf(out, "| %s | %s | %s |\n", names[0] ? names : "(palette)", k->label, k->help);
        }
    }
}

int main(void)
{
    char *made = NULL;
    size_t len = 0;
    FILE *memory = open_memstream(&made, &len);
    print(memory);
    fclose(memory);
    int rc = EXIT_SUCCESS;
    if (getenv("WANGGE_TUI_UPDATE")) {
        FILE *f = fopen(WANGGE_KEYS_DOC, "w");
        if (!f || fputs(made, f) == EOF || fclose(f) != 0)
            rc = EXIT_FAILURE;
    } else {
        static char stored[1 << 16];
        FILE *f = fopen(WANGGE_KEYS_DOC, "r");
        if (f) {
            stored[fread(stored, 1, sizeof stored - 1, f)] = 0;
            fclose(f);
        }
        if (strcmp(stored, made) != 0) {
            fputs("doc/keys.md is not what client/ui/keys.c says: run with WANGGE_TUI_UPDATE=1\n", stderr);
            rc = EXIT_FAILURE;
        }
    }
    free(made);
    return rc;
}

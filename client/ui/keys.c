/* SPDX-License-Identifier: MIT */
/* The key table; see keys.h. */
#include "client/ui/keys.h"

#include <stdio.h>
#include <string.h>

#include "client/term/input.h"
#include "client/term/width.h"
#include "client/ui/msg.h"

static const struct ui_key table[] = {
    /* everywhere */
    {.action = UA_HELP,
     .contexts = CTX_ALL & ~CTX_HELP,
     .safe = {TK_F(1)},
     .letter = {'?'},
     .label = N_("Help"),
     .help = N_("Show the keys that work here"),
     .footer = 2},
    {.action = UA_BACK,
     .contexts = CTX_ALL & ~CTX_LOGIN,
     .safe = {TK_ESC},
     .letter = {'q'},
     .label = N_("Back"),
     .help = N_("Go back; a draft is kept"),
     .footer = 60},
    {.action = UA_QUIT,
     .contexts = CTX_ALL,
     .safe = {TK_CTRL('Q')},
     .letter = {'Q'},
     .label = N_("Quit"),
     .help = N_("Leave the program"),
     .footer = 70},
    {.action = UA_REDRAW,
     .contexts = CTX_ALL,
     .safe = {TK_CTRL('L')},
     .label = N_("Redraw"),
     .help = N_("Paint the screen again")},
    {.action = UA_PALETTE,
     .contexts = CTX_MAIN,
     .safe = {TK_CTRL('K')},
     .letter = {':'},
     .label = N_("Commands"),
     .help = N_("Find any command by typing"),
     .footer = 50},
    {.action = UA_SUSPEND,
     .contexts = CTX_MAIN,
     .label = N_("Suspend program"),
     .help = N_("Back to the shell; fg returns here")},
    {.action = UA_OUTBOX,
     .contexts = CTX_MAIN & ~CTX_OUTBOX,
     .safe = {TK_CTRL('G')},
     .letter = {'O'},
     .label = N_("Outbox"),
     .help = N_("Show what is not sent yet")},
    {.action = UA_TAB_WORK, .contexts = CTX_MAIN, .letter = {'1'}, .label = N_("My work"), .help = N_("Go to my work")},
    {.action = UA_TAB_NEW,
     .contexts = CTX_MAIN,
     .letter = {'2'},
     .label = N_("Log an incident"),
     .help = N_("Go to the intake form")},
    {.action = UA_TAB_REPORT, .contexts = CTX_MAIN, .letter = {'3'}, .label = N_("Report"), .help = N_("Go to the report")},
    {.action = UA_TAB_OUTBOX, .contexts = CTX_MAIN, .letter = {'4'}, .label = N_("Unsent"), .help = N_("Go to the outbox")},
    {.action = UA_INBOX,
     .contexts = CTX_MAIN & ~CTX_INBOX,
     .safe = {TK_F(9)},
     .letter = {'5'},
     .label = N_("Inbox"),
     .help = N_("What concerns me: work that came, decisions, due times"),
     .footer = 57},
    {.action = UA_SEARCH,
     .contexts = CTX_MAIN & ~CTX_SEARCH,
     .safe = {TK_CTRL('F')},
     .letter = {'s'},
     .label = N_("Search"),
     .help = N_("Find cases on the server by words, numbers or pinyin initials"),
     .footer = 56},
    {.action = UA_NEW,
     .contexts = CTX_MAIN,
     .safe = {TK_F(2), TK_CTRL('N')},
     .letter = {'n'},
     .label = N_("New"),
     .help = N_("Log an incident"),
     .footer = 20},
    {.action = UA_REFRESH,
     .contexts = CTX_MAIN,
     .safe = {TK_F(5), TK_CTRL('R')},
     .letter = {'r'},
     .label = N_("Refresh"),
     .help = N_("Ask the server again"),
     .footer = 40},
    {.action = UA_UNDO,
     .contexts = CTX_MAIN,
     .safe = {TK_CTRL('Z')},
     .letter = {'z'},
     .label = N_("Undo"),
     .help = N_("Take back what is still held for sending"),
     .footer = 55},
    {.action = UA_MENU,
     .contexts = CTX_MAIN | CTX_INTAKE | CTX_FORM,
     .safe = {TK_F(4)},
     .letter = {'.'},
     .label = N_("Menu"),
     .help = N_("What can be done here, by digit"),
     .footer = 1},
    /* moving in lists */
    {.action = UA_UP,
     .contexts = CTX_MAIN | CTX_HELP | CTX_PALETTE,
     .safe = {TK_UP},
     .letter = {'k'},
     .label = N_("Up"),
     .help = N_("One line up")},
    {.action = UA_DOWN,
     .contexts = CTX_MAIN | CTX_HELP | CTX_PALETTE,
     .safe = {TK_DOWN},
     .letter = {'j'},
     .label = N_("Down"),
     .help = N_("One line down")},
    {.action = UA_PAGE_UP,
     .contexts = (CTX_MAIN & ~CTX_CASE) | CTX_HELP,
     .safe = {TK_PGUP},
     .label = N_("Page up"),
     .help = N_("One page up")},
    {.action = UA_PAGE_DOWN,
     .contexts = (CTX_MAIN & ~CTX_CASE) | CTX_HELP,
     .safe = {TK_PGDN},
     .label = N_("Page down"),
     .help = N_("One page down")},
    {.action = UA_FIRST,
     .contexts = CTX_MAIN,
     .safe = {TK_HOME},
     .letter = {'g'},
     .label = N_("First"),
     .help = N_("To the first line")},
    {.action = UA_LAST,
     .contexts = CTX_MAIN,
     .safe = {TK_END},
     .letter = {'G'},
     .label = N_("Last"),
     .help = N_("To the last line")},
    {.action = UA_OPEN,
     .contexts = CTX_LISTS | CTX_REPORT | CTX_REPORTS,
     .safe = {TK_ENTER},
     .letter = {'l'},
     .label = N_("Open"),
     .help = N_("Open what the cursor is on"),
     .footer = 10},
    {.action = UA_FIND,
     .contexts = CTX_WORK,
     .safe = {TK_F(3)},
     .letter = {'/'},
     .label = N_("Find"),
     .help = N_("Show only lines with what you type; Esc shows all"),
     .footer = 30},
    {.action = UA_QUICK,
     .contexts = CTX_WORK,
     .safe = {TK_F(6)},
     .letter = {'v'},
     .label = N_("Views"),
     .help = N_("Only what is late, due soon, has a card, waits for me, or all of my region"),
     .footer = 31},
    {.action = UA_MARK,
     .contexts = CTX_WORK,
     .safe = {TK_INSERT},
     .letter = {' '},
     .label = N_("Mark"),
     .help = N_("Mark this line and go down"),
     .footer = 58},
    {.action = UA_MARK_ALL, .contexts = CTX_WORK, .letter = {'*'}, .label = N_("Mark all"), .help = N_("Mark all lines")},
    {.action = UA_MARK_CLEAR, .contexts = CTX_WORK, .letter = {'-'}, .label = N_("Unmark"), .help = N_("Clear all marks")},
    {.action = UA_COPY,
     .contexts = CTX_WORK | CTX_CASE | CTX_FIGURE | CTX_INBOX,
     .letter = {'y'},
     .label = N_("Copy number"),
     .help = N_("Copy the case number to the clipboard")},
    /* what can be done to a case; all of it is in the F4 menu too */
    {.action = UA_ACCEPT,
     .contexts = CTX_WORK | CTX_CASE,
     .letter = {'a'},
     .label = N_("Accept"),
     .help = N_("Accept, sign for it, endorse, grant or resume"),
     .footer = 21},
    {.action = UA_DISPATCH,
     .contexts = CTX_WORK | CTX_CASE,
     .letter = {'p'},
     .label = N_("Dispatch"),
     .help = N_("Dispatch, or pass on"),
     .footer = 22},
    {.action = UA_NOTE,
     .contexts = CTX_WORK | CTX_CASE,
     .letter = {'c'},
     .label = N_("Note"),
     .help = N_("Add a note"),
     .footer = 23},
    {.action = UA_FINISH,
     .contexts = CTX_WORK | CTX_CASE,
     .letter = {'f'},
     .label = N_("Finish"),
     .help = N_("Settle, feed back, answer a check or close"),
     .footer = 24},
    {.action = UA_RETURN,
     .contexts = CTX_WORK | CTX_CASE,
     .letter = {'b'},
     .label = N_("Return"),
     .help = N_("Return, send back for rework or refuse"),
     .footer = 25},
    {.action = UA_URGE,
     .contexts = CTX_WORK | CTX_CASE,
     .letter = {'u'},
     .label = N_("Urge"),
     .help = N_("Urge the organ"),
     .footer = 59},
    {.action = UA_EXPLAIN,
     .contexts = CTX_CASE,
     .safe = {TK_F(6)},
     .letter = {'w'},
     .label = N_("Why this due time"),
     .help = N_("Every interval that counts or does not, and why"),
     .footer = 27},
    {.action = UA_FILES,
     .contexts = CTX_CASE,
     .safe = {TK_F(7)},
     .letter = {'e'},
     .label = N_("Files"),
     .help = N_("The files of the case: evidence, photos; add one, save one here"),
     .footer = 28},
    {.action = UA_NEXT_CASE,
     .contexts = CTX_CASE,
     .safe = {TK_PGDN},
     .letter = {']'},
     .label = N_("Next case"),
     .help = N_("The next case of the list"),
     .footer = 26},
    {.action = UA_PREV_CASE,
     .contexts = CTX_CASE,
     .safe = {TK_PGUP},
     .letter = {'['},
     .label = N_("Previous case"),
     .help = N_("The previous case of the list")},
    /* forms */
    {.action = UA_SUBMIT,
     .contexts = CTX_INTAKE | CTX_FORM,
     .safe = {TK_CTRL('S')},
     .label = N_("Submit"),
     .help = N_("Submit"),
     .footer = 10},
    {.action = UA_SUBMIT_NEW,
     .contexts = CTX_INTAKE,
     .safe = {TK_CTRL('N')},
     .label = N_("Submit, next"),
     .help = N_("Submit and start another"),
     .footer = 12},
    {.action = UA_REPEAT,
     .contexts = CTX_INTAKE,
     .safe = {TK_CTRL('T')},
     .label = N_("Same as last"),
     .help = N_("Take category, grid and address of the last one"),
     .footer = 14},
    {.action = UA_PEOPLE,
     .contexts = CTX_INTAKE,
     .safe = {TK_F(8)},
     .label = N_("People"),
     .help = N_("Add or take off people: reporter, party, contact"),
     .footer = 16},
    {.action = UA_SIMILAR,
     .contexts = CTX_INTAKE,
     .safe = {TK_F(6)},
     .label = N_("Alike"),
     .help = N_("Open a case that looks like this one"),
     .footer = 15},
    {.action = UA_DISCARD,
     .contexts = CTX_INTAKE,
     .safe = {TK_CTRL('D')},
     .label = N_("Discard"),
     .help = N_("Throw the draft away")},
    {.action = UA_NEXT_PANE,
     .contexts = CTX_INTAKE | CTX_FORM | CTX_LOGIN | CTX_PASSWORD | CTX_CASE | CTX_REPORT,
     .safe = {TK_TAB},
     .label = N_("Next"),
     .help = N_("Next field or pane"),
     .footer = 5},
    {.action = UA_PREV_PANE,
     .contexts = CTX_INTAKE | CTX_FORM | CTX_LOGIN | CTX_PASSWORD | CTX_CASE | CTX_REPORT,
     .safe = {TK_BACKTAB},
     .label = N_("Previous"),
     .help = N_("Previous field or pane")},
    {.action = UA_OPEN, .contexts = CTX_LOGIN, .safe = {TK_ENTER}, .label = N_("Log in"), .help = N_("Log in"), .footer = 10},
    {.action = UA_OPEN,
     .contexts = CTX_PASSWORD,
     .safe = {TK_ENTER},
     .label = N_("Change"),
     .help = N_("Change the password and go in"),
     .footer = 10},
    {.action = UA_OFFLINE,
     .contexts = CTX_LOGIN,
     .safe = {TK_F(3)},
     .label = N_("Offline"),
     .help = N_("Go in without the server; what you log is sent later"),
     .footer = 20},
    {.action = UA_LANGUAGE,
     .contexts = CTX_LOGIN,
     .safe = {TK_F(4)},
     .label = N_("Language"),
     .help = N_("Change the language"),
     .footer = 30},
    {.action = UA_OPEN,
     .contexts = CTX_PALETTE,
     .safe = {TK_ENTER},
     .label = N_("Run"),
     .help = N_("Run the chosen command"),
     .footer = 10},
    /* the report */
    {.action = UA_PREV_PERIOD,
     .contexts = CTX_REPORT,
     .safe = {TK_LEFT},
     .letter = {'['},
     .label = N_("Earlier"),
     .help = N_("The period before"),
     .footer = 22},
    {.action = UA_NEXT_PERIOD,
     .contexts = CTX_REPORT,
     .safe = {TK_RIGHT},
     .letter = {']'},
     .label = N_("Later"),
     .help = N_("The period after"),
     .footer = 23},
    {.action = UA_DENOMINATOR,
     .contexts = CTX_REPORT,
     .safe = {TK_F(6)},
     .letter = {'d'},
     .label = N_("Denominator"),
     .help = N_("Open the list behind the denominator"),
     .footer = 15},
    {.action = UA_REPORTS,
     .contexts = CTX_REPORT,
     .safe = {TK_F(7)},
     .letter = {'p'},
     .label = N_("All reports"),
     .help = N_("Choose one of all reports and read it"),
     .footer = 26},
    {.action = UA_PREV_PERIOD,
     .contexts = CTX_REPORTS,
     .safe = {TK_LEFT},
     .label = N_("Leftwards"),
     .help = N_("Show more of the left"),
     .footer = 22},
    {.action = UA_NEXT_PERIOD,
     .contexts = CTX_REPORTS,
     .safe = {TK_RIGHT},
     .label = N_("Rightwards"),
     .help = N_("Show more of the right"),
     .footer = 23},
    /* why a deadline is what it is */
    {.action = UA_QUICK,
     .contexts = CTX_EXPLAIN,
     .safe = {TK_F(6)},
     .letter = {'c'},
     .label = N_("Other clock"),
     .help = N_("Explain another clock of the case"),
     .footer = 10},
    /* the files of a case */
    {.action = UA_OPEN,
     .contexts = CTX_FILES,
     .safe = {TK_ENTER},
     .letter = {'d'},
     .label = N_("Download"),
     .help = N_("Save the file in the downloads folder; while a path is typed: send that file"),
     .footer = 10},
    {.action = UA_ATTACH,
     .contexts = CTX_FILES,
     .safe = {TK_F(7), TK_INSERT},
     .letter = {'a'},
     .label = N_("Add a file"),
     .help = N_("Send a file from this machine to the case"),
     .footer = 12},
    /* the inbox */
    {.action = UA_QUICK,
     .contexts = CTX_INBOX,
     .safe = {TK_F(6)},
     .letter = {'v'},
     .label = N_("Kinds"),
     .help = N_("Show one kind of notices, the unread ones, or all"),
     .footer = 22},
    {.action = UA_READ,
     .contexts = CTX_INBOX,
     .safe = {TK_F(7)},
     .letter = {'m'},
     .label = N_("Read or unread"),
     .help = N_("Mark this notice read, or unread again"),
     .footer = 23},
    {.action = UA_READ_ALL,
     .contexts = CTX_INBOX,
     .safe = {TK_F(8)},
     .letter = {'*'},
     .label = N_("All read"),
     .help = N_("Mark everything up to the newest notice shown as read"),
     .footer = 24},
    /* searching */
    {.action = UA_QUICK,
     .contexts = CTX_SEARCH,
     .safe = {TK_F(6)},
     .label = N_("Open only"),
     .help = N_("Leave out what is closed, or show it again"),
     .footer = 22},
    /* the outbox */
    {.action = UA_RETRY,
     .contexts = CTX_OUTBOX,
     .safe = {TK_F(6)},
     .letter = {'t'},
     .label = N_("Send again"),
     .help = N_("Send a refused entry again"),
     .footer = 22},
    {.action = UA_DISCARD,
     .contexts = CTX_OUTBOX,
     .safe = {TK_DELETE},
     .letter = {'d'},
     .label = N_("Discard"),
     .help = N_("Throw an unsent entry away"),
     .footer = 24},
    {.action = UA_NONE},
};

const struct ui_key *ui_keys(void)
{
    return table;
}

const struct ui_key *ui_key_of(enum ui_action action, unsigned context)
{
    for (const struct ui_key *k = table; k->action != UA_NONE; k++) {
        if (k->action == action && (k->contexts & context))
            return k;
    }
    return NULL;
}

enum ui_action ui_keys_lookup(unsigned context, uint32_t key, bool typing)
{
    if (key == 0)
        return UA_NONE;
    for (const struct ui_key *k = table; k->action != UA_NONE; k++) {
        if (!(k->contexts & context))
            continue;
        if (k->safe[0] == key || k->safe[1] == key)
            return k->action;
        if (!typing && (k->letter[0] == key || k->letter[1] == key))
            return k->action;
    }
    return UA_NONE;
}

void ui_key_names(const struct ui_key *k, char *dst, size_t dst_size)
{
    const uint32_t keys[] = {k->safe[0], k->safe[1], k->letter[0], k->letter[1]};
    size_t n = 0;
    dst[0] = 0;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (!keys[i])
            continue;
        char name[16];
        input_key_name(keys[i], name, sizeof name);
        int w = snprintf(dst + n, dst_size - n, "%s%s", n ? " " : "", name);
        if (w < 0 || (size_t)w >= dst_size - n)
            return;
        n += (size_t)w;
    }
}

void ui_keys_footer(unsigned context, int columns, bool (*allowed)(void *arg, enum ui_action a), void *arg, char *dst,
                    size_t dst_size)
{
    const struct ui_key *rows[64];
    size_t n = 0, used = 0;
    for (const struct ui_key *k = table; k->action != UA_NONE && n < 64; k++) {
        if (k->footer && (k->contexts & context) && (!allowed || allowed(arg, k->action)))
            rows[n++] = k;
    }
    for (size_t i = 1; i < n; i++) {
        for (size_t j = i; j > 0 && rows[j - 1]->footer > rows[j]->footer; j--) {
            const struct ui_key *t = rows[j];
            rows[j] = rows[j - 1];
            rows[j - 1] = t;
        }
    }
    int left = columns - 1;
    dst[0] = 0;
    for (size_t i = 0; i < n; i++) {
        char key[16], text[64];
        /* Arrows and the insert key have no short name everybody knows; their letters have. */
        bool plain = rows[i]->safe[0] >= TK_UP && rows[i]->safe[0] <= TK_INSERT && rows[i]->letter[0];
        input_key_name(rows[i]->safe[0] && !plain ? rows[i]->safe[0] : rows[i]->letter[0], key, sizeof key);
        const char *label = _(rows[i]->label);
        snprintf(text, sizeof text, "%s%s%s", key, (unsigned char)label[0] < 0x80 ? " " : "", label);
        int w = width_str(text);
        if (w + 2 > left)
            continue;
        left -= w + 2;
        int k = snprintf(dst + used, dst_size - used, "%s%s", used ? "  " : "", text);
        if (k < 0 || (size_t)k >= dst_size - used)
            break;
        used += (size_t)k;
    }
}

/* SPDX-License-Identifier: MIT */
/* A short menu over the screen: arrows or a digit choose, Esc leaves. Also asks yes-or-no questions. Embedded. */
#ifndef WG_CLIENT_UI_MENU_H
#define WG_CLIENT_UI_MENU_H

#include "client/term/term.h"

enum { MENU_ITEMS_MAX = 24, MENU_TEXT_MAX = 120 };
enum { MENU_STAY = -1, MENU_LEFT = -2 };

struct menu {
    char title[256];
    struct {
        char text[MENU_TEXT_MAX];
        int value;
    } items[MENU_ITEMS_MAX];
    int n;
    int selected;
    int row; /* where it goes; 0: the middle of the screen */
    bool open;
};

/* Opens it empty. */
void menu_open(struct menu *m, const char *title);
void menu_add(struct menu *m, int value, const char *text);
/* Returns the chosen item's value (closed then), MENU_STAY, or MENU_LEFT after Esc. Values must be >= 0. */
int menu_key(struct menu *m, uint32_t key);
/* Paints it in the middle of the screen. */
void menu_paint(const struct menu *m, struct term *t);

#endif

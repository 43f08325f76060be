/* SPDX-License-Identifier: MIT */
/* Marks text for translation below the model layer; the same words as client/model/i18n.h, which sets the language. */
#ifndef WG_CLIENT_UI_MSG_H
#define WG_CLIENT_UI_MSG_H

#include <libintl.h>

#define _(s)  gettext(s)
#define N_(s) s

#endif

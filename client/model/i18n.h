/* SPDX-License-Identifier: MIT */
/*
 * The language and the character set of the person at the terminal. Called once at the start of main by the CLI and the TUI.
 *
 * Inside the client all text is UTF-8, whatever the session's locale: gettext is bound to UTF-8, and whoever prints converts
 * (the CLI by iconv, the TUI through wchar_t). Locales are often wrong on servers, so a locale that is missing or of one byte
 * a character is replaced by C.UTF-8 and the language is taken from LANGUAGE, which gettext honours there.
 */
#ifndef WG_CLIENT_MODEL_I18N_H
#define WG_CLIENT_MODEL_I18N_H

#include <libintl.h>
#include <stdbool.h>

#define _(s)      gettext(s)
#define N_(s)     s
#define NC_(c, s) c "\004" s
#define C_(c, s)  i18n_context(c "\004" s)

/* Sets locale and language. lang: NULL or "auto" for the environment's, else "zh_CN" or "en". May be called again. */
void i18n_init(const char *lang);
/* True if lang is a value i18n_init knows. */
bool i18n_known(const char *lang);
/* The language messages come out in: "zh_CN" or "en". Static. */
const char *i18n_language(void);
/* True if names that exist in both languages are to be shown in Chinese. */
bool i18n_chinese(void);
/* True if the session's locale could not be used and C.UTF-8 stands in. */
bool i18n_locale_replaced(void);
/* True if the terminal is known to have no Chinese glyphs (the Linux console). */
bool i18n_console_without_chinese(void);
/* Translates a message with a context ("context\004message"); the message itself if there is no translation. */
const char *i18n_context(const char *msgid);

#endif

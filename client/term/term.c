/* SPDX-License-Identifier: MIT */
/* What both kinds of terminal share; see term.h. */
#include "client/term/term.h"

void term_destroy(struct term *t)
{
    if (t)
        t->ops->destroy(t);
}

void term_flush(struct term *t)
{
    t->ops->flush(t);
}

void term_redraw(struct term *t)
{
    t->ops->redraw(t);
}

void term_suspend(struct term *t)
{
    t->ops->suspend(t);
}

void term_copy(struct term *t, const char *text)
{
    t->ops->copy(t, text);
}

const char *term_glyph(const struct term *t, enum term_glyph g)
{
    static const char *const ascii[GLYPH_COUNT] = {"-", "|", "#", ".", "+", "+", "-"};
    static const char *const unicode[GLYPH_COUNT] = {"─", "│", "█", "·", "+", "▲", "▼"};
    return (t->charset == TERM_CHARSET_UNICODE ? unicode : ascii)[g];
}

/* SPDX-License-Identifier: MIT */
/* The argument of view_person: who takes the person that was entered. Borrowed while open runs; copied. */
#ifndef WG_CLIENT_VIEW_PERSON_ARG_H
#define WG_CLIENT_VIEW_PERSON_ARG_H

#include "client/model/intake.h"
#include "client/view/app.h"

struct person_arg {
    struct view *below; /* the view that asked; it lies below and outlives the form */
    void (*take)(struct view *below, const struct intake_person *p);
};

extern const struct view_ops view_person;

#endif

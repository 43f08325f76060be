/* SPDX-License-Identifier: MIT */
/*
 * Ctrl-Z: what waits in the outbox is taken out of it; an incident the server has already is recalled by an action of its
 * own, which leaves a trace, as everything does.
 */
#include <stdio.h>
#include <string.h>

#include "client/model/i18n.h"
#include "client/view/app.h"
#include "common/base/text.h"
#include "common/base/uuid.h"

bool app_can_undo(const struct app *app)
{
    return (app->undo_seq || app->undo_case[0]) && app_mono(app) <= app->undo_until;
}

void app_set_undo(struct app *app, int64_t seq, const char *case_id, const char *number)
{
    app->undo_seq = seq;
    text_copy(app->undo_case, sizeof app->undo_case, case_id);
    text_copy(app->undo_number, sizeof app->undo_number, number);
    app->undo_until = app_mono(app) + APP_UNDO_S * USEC_PER_SEC;
}

static void drop_entry(struct app *app)
{
    struct err e;
    if (outbox_drop(app->env.outbox, app->undo_seq, &e) == 0)
        app_toast(app, "%s", _("Taken back."));
    else
        app_toast(app, "%s", e.code == ERR_NOT_FOUND ? _("Too late: it was sent already.") : e.text);
}

static void recall(struct app *app)
{
    Wangge__V1__ActRequest req = WANGGE__V1__ACT_REQUEST__INIT;
    struct outbox_enqueue opts = {0};
    struct uuid u = uuid_v7(app_now(app));
    char request_id[UUID_TEXT_LEN + 1];
    struct err e;
    uuid_format(&u, request_id);
    req.request_id = request_id;
    req.case_id = app->undo_case;
    req.expected_version = 1; /* as it was taken; if anything has happened since, it is no longer ours to recall */
    req.action = WANGGE__V1__ACTION__ACTION_RECALL;
    if (outbox_enqueue_act(app->env.outbox, &req, &opts, NULL, &e) != 0) {
        app_toast(app, "%s", e.text);
        return;
    }
    app_toast(app, _("%s is being recalled."), app->undo_number);
    if (app->env.kick_outbox)
        app->env.kick_outbox(app->env.kick_arg);
}

void app_undo(struct app *app)
{
    if (!app_can_undo(app) || !app->env.outbox)
        app_toast(app, "%s", _("Nothing to take back: it was sent already."));
    else if (app->undo_seq)
        drop_entry(app);
    else
        recall(app);
    app->undo_seq = 0;
    app->undo_case[0] = 0;
    app_on_outbox(app);
}

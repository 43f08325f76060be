/* SPDX-License-Identifier: MIT */
#include "client/model/evidence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/model/complete.h"
#include "client/model/i18n.h"
#include "common/base/text.h"

static void start_next(struct evidence *v)
{
    const char *path = v->_paths;
    for (size_t i = 0; i < v->at; i++)
        path += strlen(path) + 1;
    upload_start(&v->up, &(struct upload_file){.path = path, .case_id = v->_case_id, .account = v->_account, .evidence = true});
}

static void fail(struct evidence *v, const struct err *e)
{
    v->why = *e;
    v->state = EVIDENCE_FAILED;
}

/* Cuts the text into cleaned paths, one behind the other. Returns how many, or -1 without memory. */
static int take_paths(struct evidence *v, const char *text)
{
    size_t used = 0, n = 0;
    free(v->_paths);
    v->_paths = malloc((size_t)(ATTACH_STEP_MAX + 1) * PATH_MAX);
    if (!v->_paths)
        return -1;
    for (const char *p = text; *p;) {
        char one[PATH_MAX], clean[PATH_MAX];
        size_t len = strcspn(p, EVIDENCE_SEPARATORS);
        snprintf(one, sizeof one, "%.*s", len < PATH_MAX ? (int)len : PATH_MAX - 1, p);
        complete_clean(one, clean);
        if (clean[0] && n <= ATTACH_STEP_MAX) {
            text_copy(v->_paths + used, PATH_MAX, clean);
            used += strlen(v->_paths + used) + 1;
            n++;
        }
        p += len + (p[len] != '\0');
    }
    return (int)n;
}

void evidence_start(struct evidence *v, const char *paths, const char *case_id, const char *account)
{
    struct err e;
    evidence_cancel(v);
    text_copy(v->_case_id, sizeof v->_case_id, case_id);
    text_copy(v->_account, sizeof v->_account, account);
    int n = take_paths(v, paths);
    if (n < 0) {
        err_set(&e, ERR_NOMEM, "%s", _("Out of memory."));
        fail(v, &e);
    } else if (n > ATTACH_STEP_MAX) {
        err_set(&e, ERR_INVALID, _("At most %d files can be the evidence of one step."), ATTACH_STEP_MAX);
        fail(v, &e);
    } else if (n == 0) {
        v->state = EVIDENCE_DONE;
    } else {
        v->n = (size_t)n;
        v->state = EVIDENCE_SENDING;
        start_next(v);
    }
}

bool evidence_step(struct evidence *v)
{
    if (v->state != EVIDENCE_SENDING || upload_busy(&v->up))
        return false;
    if (v->up.state != UPLOAD_DONE) {
        fail(v, &v->up.reply.err);
        upload_cancel(&v->up);
        return true;
    }
    text_copy(v->_ids[v->at], sizeof v->_ids[0], v->up.attachment_id);
    v->ids[v->at] = v->_ids[v->at];
    if (++v->at < v->n) {
        start_next(v);
        return false;
    }
    upload_cancel(&v->up);
    v->state = EVIDENCE_DONE;
    return true;
}

void evidence_cancel(struct evidence *v)
{
    upload_cancel(&v->up);
    v->state = EVIDENCE_IDLE;
    v->n = v->at = 0;
    v->why = (struct err){0};
}

void evidence_text(const struct evidence *v, char *out, size_t size)
{
    char what[80];
    const struct upload *u = &v->up;
    snprintf(what, sizeof what, _("Uploading %zu of %zu:"), v->at + 1, v->n);
    attach_progress(what, u->name, u->received, u->size, u->state == UPLOAD_WAITING ? u->tries : 0, UPLOAD_TRIES_MAX, out,
                    size);
}

int evidence_complete(const char *text, char *out, size_t size)
{
    const char *last = text;
    for (const char *p = text; *p; p++) {
        if (strchr(EVIDENCE_SEPARATORS, *p))
            last = p + 1;
    }
    char path[PATH_MAX], whole[PATH_MAX];
    complete_clean(last, path);
    int n = complete_path(path, whole);
    snprintf(out, size, "%.*s%s", (int)(last - text), text, whole);
    return n;
}

int evidence_init(struct evidence *v, const struct model_env *env, model_changed_fn changed, void *arg)
{
    memset(v, 0, sizeof *v);
    return upload_init(&v->up, env, changed, arg);
}

void evidence_fini(struct evidence *v)
{
    upload_fini(&v->up);
    free(v->_paths);
    memset(v, 0, sizeof *v);
}

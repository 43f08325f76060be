/* SPDX-License-Identifier: MIT */
/* Intake; see intake.h. A draft is a packed SubmitCaseRequest, so it survives every change of the form's layout. */
#include "client/model/intake.h"

#include <stdlib.h>
#include <string.h>

#include "client/model/i18n.h"
#include "common/base/text.h"
#include "common/base/uuid.h"

static const char draft_kind[] = "case";

/* A request that borrows from the values. */
struct filled {
    Wangge__V1__SubmitCaseRequest req;
    Wangge__V1__Person people[INTAKE_PEOPLE_MAX];
    Wangge__V1__Person *list[INTAKE_PEOPLE_MAX];
};

static void fill(struct filled *f, const struct intake_values *v)
{
    Wangge__V1__SubmitCaseRequest *req = &f->req;
    wangge__v1__submit_case_request__init(req);
    req->category_code = (char *)v->category_code;
    req->grid_code = (char *)v->grid_code;
    req->address = (char *)v->address;
    req->description = (char *)v->description;
    req->settle_text = (char *)v->settle_text;
    req->urgency = (Wangge__V1__Urgency)v->urgency;
    req->confidential = v->confidential;
    req->attachment_ids = (char **)v->attachment_ids;
    req->n_attachment_ids = v->n_attachment_ids;
    for (size_t i = 0; i < v->n_people && i < INTAKE_PEOPLE_MAX; i++) {
        const struct intake_person *from = &v->people[i];
        Wangge__V1__Person *p = f->list[i] = &f->people[i];
        wangge__v1__person__init(p);
        p->kind = (Wangge__V1__PersonKind)from->kind;
        p->name = (char *)from->name;
        p->phone = (char *)from->phone;
        p->id_number = (char *)from->id_number;
        p->address = (char *)from->address;
        req->n_people = i + 1;
    }
    req->people = f->list;
}

static size_t take_people(const Wangge__V1__SubmitCaseRequest *req, struct intake_person out[INTAKE_PEOPLE_MAX])
{
    size_t n = 0;
    for (; n < req->n_people && n < INTAKE_PEOPLE_MAX; n++) {
        const Wangge__V1__Person *p = req->people[n];
        out[n].kind = (int)p->kind;
        text_copy(out[n].name, sizeof out[n].name, p->name);
        text_copy(out[n].phone, sizeof out[n].phone, p->phone);
        text_copy(out[n].id_number, sizeof out[n].id_number, p->id_number);
        text_copy(out[n].address, sizeof out[n].address, p->address);
    }
    return n;
}

static void new_id(const struct model_env *env, char out[UUID_TEXT_LEN + 1])
{
    struct uuid u = uuid_v7(env->clock->now(env->clock));
    uuid_format(&u, out);
}

void intake_save_draft(struct intake *m, const struct intake_values *v)
{
    bool worth = v->address[0] || v->description[0] || v->settle_text[0] || v->n_people > 0;
    if (!m->_env->outbox || m->deliver.state == DELIVER_WAITING || (!worth && m->draft_id == 0))
        return;
    struct filled f;
    char *files[1] = {(char *)v->files};
    fill(&f, v);
    f.req.attachment_ids = files;
    f.req.n_attachment_ids = v->files && v->files[0];
    size_t len = wangge__v1__submit_case_request__get_packed_size(&f.req);
    uint8_t *packed = malloc(len ? len : 1);
    if (!packed)
        return;
    wangge__v1__submit_case_request__pack(&f.req, packed);
    if (outbox_put_draft(m->_env->outbox, &m->draft_id, draft_kind, packed, len, &m->save_error) == 0) {
        m->saved_at = m->_env->clock->now(m->_env->clock);
        m->save_error = (struct err){0};
    }
    free(packed);
}

struct recover {
    struct intake *m;
    void (*fn)(void *arg, const struct intake_values *v);
    void *arg;
    bool found;
};

static bool take_draft(void *arg, const struct outbox_draft *d)
{
    struct recover *r = arg;
    if (strcmp(d->kind, draft_kind) != 0)
        return true;
    Wangge__V1__SubmitCaseRequest *req = wangge__v1__submit_case_request__unpack(NULL, d->body_len, d->body);
    if (!req)
        return true;
    r->found = true;
    r->m->draft_id = d->id;
    r->m->saved_at = d->updated_at;
    struct intake_person people[INTAKE_PEOPLE_MAX];
    struct intake_values v = {
        .confidential = req->confidential,
        .people = people,
        .n_people = take_people(req, people),
        .category_code = req->category_code,
        .grid_code = req->grid_code,
        .address = req->address,
        .description = req->description,
        .settle_text = req->settle_text,
        .urgency = (int)req->urgency,
        .files = req->n_attachment_ids ? req->attachment_ids[0] : "",
    };
    r->fn(r->arg, &v);
    wangge__v1__submit_case_request__free_unpacked(req, NULL);
    return false;
}

bool intake_recover(struct intake *m, void (*fn)(void *arg, const struct intake_values *v), void *arg)
{
    struct recover r = {.m = m, .fn = fn, .arg = arg};
    if (!m->_env->outbox || outbox_each_draft(m->_env->outbox, take_draft, &r, &m->save_error) != 0)
        return false;
    return r.found;
}

const char *intake_case_id(const struct intake *m)
{
    return m->_case_id;
}

const char *intake_prepare(struct intake *m)
{
    if (!m->_case_id[0])
        new_id(m->_env, m->_case_id);
    return m->_case_id;
}

void intake_next(struct intake *m)
{
    deliver_reset(&m->deliver);
    m->draft_id = 0;
    m->saved_at = USEC_NONE;
    m->_request_id[0] = m->_case_id[0] = 0;
}

void intake_discard(struct intake *m)
{
    if (m->draft_id && m->_env->outbox && outbox_drop_draft(m->_env->outbox, m->draft_id, &m->save_error) == 0)
        m->save_error = (struct err){0};
    intake_next(m);
}

int intake_submit(struct intake *m, const struct intake_values *v, struct err *e)
{
    if (!v->category_code[0])
        return err_field(e, ERR_INVALID, "category_code", "%s", _("Choose a category."));
    if (!v->grid_code[0])
        return err_field(e, ERR_INVALID, "grid_code", "%s", _("Choose a grid."));
    if (!v->description[0])
        return err_field(e, ERR_INVALID, "description", "%s", _("Describe what happened."));
    /* A refused request may be corrected and sent again: other content needs another key. */
    new_id(m->_env, m->_request_id);
    if (v->n_attachment_ids == 0)
        m->_case_id[0] = '\0'; /* nothing hangs on it */
    (void)intake_prepare(m);
    struct filled f;
    fill(&f, v);
    f.req.request_id = m->_request_id;
    f.req.case_id = m->_case_id;
    deliver_submit(&m->deliver, &f.req, m->draft_id);
    if (m->deliver.state == DELIVER_WAITING)
        m->draft_id = 0; /* it went with the entry */
    return 0;
}

int intake_init(struct intake *m, const struct model_env *env, model_changed_fn changed, void *arg)
{
    memset(m, 0, sizeof *m);
    m->_env = env;
    m->saved_at = USEC_NONE;
    return deliver_init(&m->deliver, env, changed, arg);
}

void intake_fini(struct intake *m)
{
    deliver_fini(&m->deliver);
}

/* SPDX-License-Identifier: MIT */
/* ListDispatchRules and SetDispatchRules, and the reading and showing of a rule. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/text.h"
#include "server/service/audit.h"
#include "server/service/case_view.h"
#include "server/service/search_methods.h"

enum { SET_MAX = 500, JSON_MAX = 1 << 20 };
static const char WHY[] = "dispatch rules";

static int read_organ(const struct directory *dir, const char *code, const char *field, int32_t *ret, struct err *e)
{
    const struct dir_organ *o = directory_organ_by_code(dir, code);
    if (!o)
        return err_field(e, ERR_INVALID, field, "There is no organ %.32s.", code);
    *ret = o->id;
    return 0;
}

static int decode_rule(struct arena *a, const struct directory *dir, const Wangge__V1__DispatchRule *m, size_t at,
                       struct dispatch_rule *r, struct err *e)
{
    char prefix[32], field[96];
    struct err why;
    (void)snprintf(prefix, sizeof prefix, "rules[%zu]", at);
    (void)snprintf(field, sizeof field, "%s.category_prefix", prefix);
    if (!text_copy(r->category_prefix, sizeof r->category_prefix, m->category_prefix))
        return err_field(e, ERR_INVALID, field, "A category has five characters.");
    (void)snprintf(field, sizeof field, "%s.region_code", prefix);
    if (*m->region_code && region_parse(m->region_code, &r->region, &why))
        return err_field(e, ERR_INVALID, field, "A region code has 4, 6, 9, 12 or 15 digits.");
    (void)snprintf(field, sizeof field, "%s.weekdays", prefix);
    if (m->weekdays < 0 || m->weekdays > 127)
        return err_field(e, ERR_INVALID, field, "weekdays has seven bits, Monday to Sunday.");
    (void)snprintf(field, sizeof field, "%s.to_minute", prefix);
    if (m->from_minute < 0 || m->from_minute > 1440 || m->to_minute < 0 || m->to_minute > 1440)
        return err_field(e, ERR_INVALID, field, "Give the hours in minutes after midnight, 0 to 1440.");
    (void)snprintf(field, sizeof field, "%s.note", prefix);
    if (text_chars(m->note, strlen(m->note)) > DISPATCH_NOTE_MAX)
        return err_field(e, ERR_INVALID, field, "note has at most %d characters.", DISPATCH_NOTE_MAX);
    (void)snprintf(field, sizeof field, "%s.co_organ_codes", prefix);
    if (m->n_co_organ_codes > DISPATCH_CO_MAX)
        return err_field(e, ERR_INVALID, field, "A rule names at most %d helping organs.", DISPATCH_CO_MAX);
    r->weekdays = (uint8_t)m->weekdays;
    r->from_minute = (int16_t)m->from_minute;
    r->to_minute = (int16_t)m->to_minute;
    r->priority = m->priority;
    r->note = m->note;
    (void)snprintf(field, sizeof field, "%s.organ_code", prefix);
    int rc = read_organ(dir, m->organ_code, field, &r->organ_id, e);
    for (size_t i = 0; i < m->n_co_organ_codes && !rc; i++) {
        (void)snprintf(field, sizeof field, "%s.co_organ_codes[%zu]", prefix, i);
        rc = read_organ(dir, m->co_organ_codes[i], field, &r->co_organ_ids[r->n_co++], e);
    }
    return rc ? rc : dispatch_rule_check(r, dir, prefix, e);
}

int search_rules_decode(struct arena *a, const struct directory *dir, Wangge__V1__DispatchRule *const *rules, size_t n,
                        struct search_rules *ret, struct err *e)
{
    if (n > SET_MAX)
        return err_field(e, ERR_INVALID, "rules", "Give at most %d rules at once.", SET_MAX);
    ret->rules = arena_zalloc(a, (n + 1) * sizeof *ret->rules);
    ret->removed = arena_zalloc(a, (n + 1) * sizeof *ret->removed);
    if (!ret->rules || !ret->removed)
        return err_set(e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    for (size_t i = 0; i < n; i++) {
        char field[96];
        struct dispatch_rule *r = &ret->rules[i];
        (void)snprintf(field, sizeof field, "rules[%zu].rule_id", i);
        if (!uuid_parse(rules[i]->rule_id, &r->id))
            return err_field(e, ERR_INVALID, field, "rule_id must be a UUID.");
        for (size_t j = 0; j < i; j++) {
            if (uuid_equal(&r->id, &ret->rules[j].id))
                return err_field(e, ERR_INVALID, field, "The same rule is given twice.");
        }
        ret->removed[i] = rules[i]->removed;
        int rc = ret->removed[i] ? 0 : decode_rule(a, dir, rules[i], i, r, e);
        if (rc)
            return rc;
        ret->n++;
    }
    return 0;
}

Wangge__V1__DispatchRule *search_rule_view(struct arena *a, const struct directory *dir, const struct dispatch_rule *r)
{
    Wangge__V1__DispatchRule *v = arena_alloc(a, sizeof *v);
    char **helpers = arena_alloc(a, DISPATCH_CO_MAX * sizeof *helpers);
    char *region = arena_alloc(a, REGION_TEXT_SIZE);
    const struct dir_organ *o = directory_organ_by_id(dir, r->organ_id);
    if (!v || !helpers || !region)
        return NULL;
    wangge__v1__dispatch_rule__init(v);
    region_format(r->region, region);
    v->rule_id = view_uuid(a, &r->id);
    v->category_prefix = arena_strdup(a, r->category_prefix);
    v->region_code = region;
    v->weekdays = r->weekdays;
    v->from_minute = r->from_minute;
    v->to_minute = r->to_minute;
    v->organ_code = (char *)(o ? o->code : "");
    v->priority = r->priority;
    v->note = arena_strdup(a, r->note);
    v->co_organ_codes = helpers;
    for (int i = 0; i < r->n_co; i++) {
        const struct dir_organ *helper = directory_organ_by_id(dir, r->co_organ_ids[i]);
        helpers[v->n_co_organ_codes++] = (char *)(helper ? helper->code : "");
    }
    return v->rule_id && v->category_prefix && v->note ? v : NULL;
}

/* --- listing --- */

struct list {
    struct rpc_call *call;
    struct directory *dir;
};

static void on_rules(void *arg, struct rule_set *set, const struct err *e)
{
    struct list *l = arg;
    struct arena *a = rpc_arena(l->call);
    struct err failed = *e;
    Wangge__V1__ListDispatchRulesResponse response = WANGGE__V1__LIST_DISPATCH_RULES_RESPONSE__INIT;
    if (!failed.code) {
        response.rules = arena_alloc(a, ((size_t)set->n + 1) * sizeof *response.rules);
        for (int i = 0; response.rules && i < set->n; i++) {
            response.rules[i] = search_rule_view(a, l->dir, &set->rules[i]);
            if (!response.rules[i])
                break;
            response.n_rules++;
        }
        if ((int)response.n_rules < set->n)
            (void)err_set(&failed, ERR_NOMEM, "There are too many rules for one answer.");
    }
    if (failed.code)
        rpc_fail(l->call, &failed);
    else
        rpc_reply(l->call, &response.base);
    rpc_call_unref(l->call, WHY);
}

void search_rules_list(struct rpc_call *call, const ProtobufCMessage *msg)
{
    struct err e = {0};
    if (service_require(call, PERM_RULES_READ))
        return;
    struct directory *dir = service_hold_directory(call);
    struct list *l = dir ? service_alloc(call, sizeof *l) : NULL;
    if (!l)
        return;
    *l = (struct list){.call = rpc_call_ref(call, WHY), .dir = dir};
    /* From the database, not this worker's copy: whoever set a rule sees it at once. */
    if (rule_store_read(service_ctx_of(call)->db, rpc_arena(call), rpc_deadline(call), on_rules, l, &e))
        service_fail_unref(call, &e, WHY);
}

/* --- setting --- */

static int put_text(struct buf *b, const char *s)
{
    int rc = buf_append_str(b, "\"");
    for (; *s && !rc; s++) {
        unsigned char c = (unsigned char)*s;
        char escape[8];
        if (c == '"' || c == '\\' || c < ' ') {
            (void)snprintf(escape, sizeof escape, "\\u%04x", c);
            rc = buf_append_str(b, escape);
        } else {
            rc = buf_append(b, s, 1);
        }
    }
    return rc ? rc : buf_append_str(b, "\"");
}

static int put_rule(struct buf *b, const struct dispatch_rule *r, bool removed)
{
    char id[UUID_TEXT_LEN + 1], text[320];
    uuid_format(&r->id, id);
    (void)snprintf(text, sizeof text,
                   "{\"id\":\"%s\",\"removed\":%s,\"category_prefix\":\"%s\",\"region_code\":%" PRId64
                   ",\"weekdays\":%d,\"from_minute\":%d,\"to_minute\":%d,\"organ_id\":%d,\"priority\":%d,\"co_organ_ids\":[",
                   id, removed ? "true" : "false", r->category_prefix, r->region, r->weekdays, r->from_minute, r->to_minute,
                   r->organ_id, r->priority);
    int rc = buf_append_str(b, text);
    for (int i = 0; i < r->n_co && !rc; i++) {
        (void)snprintf(text, sizeof text, "%s%d", i ? "," : "", r->co_organ_ids[i]);
        rc = buf_append_str(b, text);
    }
    if (!rc)
        rc = buf_append_str(b, "],\"note\":");
    if (!rc)
        rc = put_text(b, r->note ? r->note : "");
    return rc ? rc : buf_append_str(b, "}");
}

struct set {
    struct rpc_call *call;
    int32_t changed;
};

static void on_set(void *arg, int32_t changed, const struct err *e)
{
    struct set *s = arg;
    Wangge__V1__SetDispatchRulesResponse response = WANGGE__V1__SET_DISPATCH_RULES_RESPONSE__INIT;
    if (e->code) {
        service_fail_unref(s->call, e, WHY);
        return;
    }
    response.changed = changed;
    rpc_reply(s->call, &response.base);
    rpc_call_unref(s->call, WHY);
}

void search_rules_set(struct rpc_call *call, const ProtobufCMessage *msg)
{
    const Wangge__V1__SetDispatchRulesRequest *req = (const Wangge__V1__SetDispatchRulesRequest *)msg;
    struct service_ctx *ctx = service_ctx_of(call);
    struct search_rules rules = {0};
    struct buf json;
    struct err e = {0};
    if (service_require(call, PERM_RULES_ADMIN))
        return;
    struct directory *dir = service_hold_directory(call);
    struct set *s = dir ? service_alloc(call, sizeof *s) : NULL;
    if (!s)
        return;
    s->call = rpc_call_ref(call, WHY);
    buf_init(&json, JSON_MAX);
    int rc = req->n_rules ? 0 : err_field(&e, ERR_INVALID, "rules", "Give at least one rule.");
    if (!rc)
        rc = search_rules_decode(rpc_arena(call), dir, req->rules, req->n_rules, &rules, &e);
    if (!rc) {
        rc = buf_append_str(&json, "[");
        for (int i = 0; i < rules.n && !rc; i++) {
            if (i)
                rc = buf_append_str(&json, ",");
            if (!rc)
                rc = put_rule(&json, &rules.rules[i], rules.removed[i]);
        }
        if (!rc)
            rc = buf_append(&json, "]", 2); /* with the end of the string */
        if (rc)
            rc = err_set(&e, rc, "The rules are too long for one call.");
    }
    const struct db_rider *row = rc ? NULL : audit_act(call, AUDIT_CONFIGURATION, "", "dispatch rules set");
    if (!rc && !row)
        rc = err_set(&e, ERR_NOMEM, "The server is out of memory for this call. Try again.");
    if (!rc)
        rc = rule_store_set(ctx->db, (const char *)buf_data(&json), &service_caller(call)->actor.account,
                            ctx->clock->now(ctx->clock), row, rpc_arena(call), rpc_deadline(call), on_set, s, &e);
    if (rc)
        service_fail_unref(call, &e, WHY);
    buf_fini(&json);
}

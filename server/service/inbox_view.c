/* SPDX-License-Identifier: MIT */
#include "server/service/inbox_view.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/text.h"
#include "server/domain/number.h"
#include "server/service/case_view.h"

enum { SUMMARY_CHARS = 60, ID_SIZE = 24 };

bool view_parse_notice_id(const char *s, int64_t *ret)
{
    return text_to_i64(s, 0, INT64_MAX, ret) == 0;
}

/* The first characters of a text. */
static char *beginning(struct arena *a, const char *s)
{
    size_t len = 0, chars = 0;
    while (s[len] && chars < SUMMARY_CHARS) {
        len++;
        while (((unsigned char)s[len] & 0xC0) == 0x80)
            len++;
        chars++;
    }
    char *p = arena_alloc(a, len + 1);
    if (p) {
        memcpy(p, s, len);
        p[len] = '\0';
    }
    return p;
}

static char *number_text(struct arena *a, int64_t number)
{
    char *s = arena_alloc(a, NUMBER_TEXT_SIZE);
    if (s)
        number_format(number, s);
    return s;
}

static Wangge__V1__Actor *actor(struct arena *a, const struct directory *dir, const struct notice_row *row)
{
    const struct dir_organ *organ = row->actor_organ_id ? directory_organ_by_id(dir, row->actor_organ_id) : NULL;
    Wangge__V1__Actor *who = arena_alloc(a, sizeof *who);
    if (!who)
        return NULL;
    wangge__v1__actor__init(who);
    who->account_id = view_uuid(a, &row->actor_id);
    who->name = (char *)row->actor_name;
    who->role = (Wangge__V1__Role)row->actor_role;
    if (organ)
        who->organ_code = arena_strdup(a, organ->code);
    return who->account_id && who->organ_code ? who : NULL;
}

Wangge__V1__Notice *view_notice(struct arena *a, const struct directory *dir, const struct notice_row *row)
{
    Wangge__V1__Notice *n = arena_alloc(a, sizeof *n);
    char *id = arena_alloc(a, ID_SIZE);
    if (!n || !id)
        return NULL;
    snprintf(id, ID_SIZE, "%" PRId64, row->id);
    wangge__v1__notice__init(n);
    n->notice_id = id;
    n->kind = (Wangge__V1__NoticeKind)row->kind;
    n->case_id = view_uuid(a, &row->case_id);
    n->case_number = number_text(a, row->number);
    n->at = view_time(a, row->at);
    n->event_version = row->event_version;
    n->action = (Wangge__V1__Action)row->action;
    /* Masked for everybody, and before it is cut: half a number tells nobody that it is one. */
    static const struct view_lens lens = {.mask_texts = true};
    const char *description = view_text(a, &lens, row->description);
    n->summary = description ? beginning(a, description) : NULL;
    n->state = (Wangge__V1__CaseState)row->state;
    n->due_at = view_time(a, row->due_at);
    n->read = row->is_read;
    n->approval = (Wangge__V1__ApprovalKind)row->approval;
    if (row->through_number)
        n->through_number = number_text(a, row->through_number);
    if (!uuid_is_nil(&row->actor_id) && !(n->actor = actor(a, dir, row)))
        return NULL;
    return n->case_id && n->case_number && n->at && n->summary && n->through_number ? n : NULL;
}

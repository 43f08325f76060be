/* SPDX-License-Identifier: MIT */
/* Shared by the models; see model.h. */
#include "client/model/model.h"

#include <stdlib.h>

void model_status_init(struct model_status *s)
{
    *s = (struct model_status){.state = MODEL_IDLE, .loaded_at = USEC_NONE};
}

void model_status_begin(struct model_status *s)
{
    s->busy = true;
    if (s->state == MODEL_IDLE || s->state == MODEL_FAILED)
        s->state = MODEL_LOADING;
}

void model_status_done(struct model_status *s, usec_t now)
{
    s->busy = false;
    s->state = MODEL_READY;
    s->loaded_at = now;
    s->why = (struct err){0};
}

void model_status_fail(struct model_status *s, const struct err *why)
{
    s->busy = false;
    s->state = s->loaded_at == USEC_NONE ? MODEL_FAILED : MODEL_STALE;
    s->why = *why;
}

ProtobufCMessage *model_copy(const ProtobufCMessage *msg)
{
    size_t len = protobuf_c_message_get_packed_size(msg);
    uint8_t *packed = malloc(len ? len : 1);
    if (!packed)
        return NULL;
    protobuf_c_message_pack(msg, packed);
    ProtobufCMessage *copy = protobuf_c_message_unpack(msg->descriptor, NULL, len, packed);
    free(packed);
    return copy;
}

void model_free(void *msg)
{
    if (msg)
        protobuf_c_message_free_unpacked(msg, NULL);
}

usec_t model_time(const Google__Protobuf__Timestamp *t)
{
    return t ? t->seconds * USEC_PER_SEC + t->nanos / 1000 : USEC_NONE;
}

void model_set_time(Google__Protobuf__Timestamp *t, usec_t us)
{
    google__protobuf__timestamp__init(t);
    t->seconds = us / USEC_PER_SEC;
    t->nanos = (int32_t)(us % USEC_PER_SEC) * 1000;
}

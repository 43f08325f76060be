/* SPDX-License-Identifier: MIT */
/* Whatever passes the wire pre-check must unpack within the arena, and be writable as JSON. The first byte picks the type. */
#include <stdint.h>
#include <stdlib.h>

#include "google/protobuf/descriptor.pb-c.h"
#include "google/rpc/status.pb-c.h"
#include "wangge/v1/case.pb-c.h"
#include "wangge/v1/report.pb-c.h"

#include "common/pb/check.h"
#include "common/pb/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const ProtobufCMessageDescriptor *const types[] = {
        &wangge__v1__submit_cases_request__descriptor,   &wangge__v1__import_history_request__descriptor,
        &wangge__v1__list_cases_request__descriptor,     &google__rpc__status__descriptor,
        &google__protobuf__descriptor_proto__descriptor,
    };
    if (size == 0)
        return 0;
    struct arena *a = arena_create((size_t)16 << 20);
    ProtobufCMessage *msg;
    struct err e;
    if (pb_unpack(types[data[0] % (sizeof types / sizeof types[0])], data + 1, size - 1, NULL, a, &msg, &e) == 0) {
        struct buf out;
        buf_init(&out, (size_t)64 << 20);
        if (pb_json_write(msg, NULL, &out, &e) != 0)
            abort();
        buf_fini(&out);
    }
    arena_destroy(a);
    return 0;
}

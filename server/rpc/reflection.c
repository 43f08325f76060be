/* SPDX-License-Identifier: MIT */
/*
 * grpc.reflection v1 and v1alpha over a FileDescriptorSet that is linked into the program. Both versions have the same bytes
 * on the wire, so the code generated for v1 reads and writes both.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "google/protobuf/descriptor.pb-c.h"
#include "grpc/reflection/v1/reflection.pb-c.h"

#include "common/h2/grpc.h"
#include "server/rpc/call_impl.h"

enum { MAX_FILES = 256, MAX_SERVICES = 64, INDEX_MEMORY = 64 * 1024 * 1024, MAX_NESTING = 16 };

struct symbol {
    const char *name; /* without the leading dot */
    int file;
};

struct rpc_reflection {
    struct arena *arena;
    int n_files;
    ProtobufCBinaryData raw[MAX_FILES]; /* borrowed from the embedded set */
    const Google__Protobuf__FileDescriptorProto *files[MAX_FILES];
    struct symbol *symbols; /* sorted by name */
    size_t n_symbols, cap_symbols;
    const char *services[MAX_SERVICES];
    size_t n_services;
};

static int add_symbol(struct rpc_reflection *r, const char *scope, const char *name, int file, const char **ret)
{
    if (r->n_symbols == r->cap_symbols) {
        size_t cap = r->cap_symbols ? r->cap_symbols * 2 : 256;
        struct symbol *p = realloc(r->symbols, cap * sizeof *p);
        if (!p)
            return ERR_NOMEM;
        r->symbols = p;
        r->cap_symbols = cap;
    }
    const char *full = *scope ? arena_printf(r->arena, "%s.%s", scope, name) : arena_strdup(r->arena, name);
    if (!full)
        return ERR_NOMEM;
    r->symbols[r->n_symbols++] = (struct symbol){.name = full, .file = file};
    if (ret)
        *ret = full;
    return 0;
}

static int add_enum(struct rpc_reflection *r, const char *scope, const Google__Protobuf__EnumDescriptorProto *en, int file)
{
    int rc = add_symbol(r, scope, en->name, file, NULL);
    /* By the rules of protobuf an enum's values are siblings of the enum. */
    for (size_t i = 0; i < en->n_value && rc == 0; i++)
        rc = add_symbol(r, scope, en->value[i]->name, file, NULL);
    return rc;
}

/* A message and what is nested in it, without recursion. */
static int add_message(struct rpc_reflection *r, const char *scope, const Google__Protobuf__DescriptorProto *top, int file)
{
    struct {
        const Google__Protobuf__DescriptorProto *msg;
        const char *name;
        size_t next;
    } stack[MAX_NESTING];
    int depth = 0;
    const Google__Protobuf__DescriptorProto *msg = top;
    for (;;) {
        if (msg) {
            if (depth == MAX_NESTING)
                return ERR_INVALID;
            const char *name;
            int rc = add_symbol(r, scope, msg->name, file, &name);
            for (size_t i = 0; i < msg->n_field && rc == 0; i++)
                rc = add_symbol(r, name, msg->field[i]->name, file, NULL);
            for (size_t i = 0; i < msg->n_enum_type && rc == 0; i++)
                rc = add_enum(r, name, msg->enum_type[i], file);
            if (rc)
                return rc;
            stack[depth].msg = msg;
            stack[depth].name = name;
            stack[depth].next = 0;
            depth++;
        }
        if (depth == 0)
            return 0;
        if (stack[depth - 1].next == stack[depth - 1].msg->n_nested_type) {
            depth--;
            msg = NULL;
            continue;
        }
        scope = stack[depth - 1].name;
        msg = stack[depth - 1].msg->nested_type[stack[depth - 1].next++];
    }
}

static int add_file(struct rpc_reflection *r, const Google__Protobuf__FileDescriptorProto *f, int file)
{
    const char *package = f->package ? f->package : "";
    int rc = 0;
    for (size_t i = 0; i < f->n_message_type && rc == 0; i++)
        rc = add_message(r, package, f->message_type[i], file);
    for (size_t i = 0; i < f->n_enum_type && rc == 0; i++)
        rc = add_enum(r, package, f->enum_type[i], file);
    for (size_t i = 0; i < f->n_service && rc == 0; i++) {
        const char *name;
        rc = add_symbol(r, package, f->service[i]->name, file, &name);
        for (size_t k = 0; k < f->service[i]->n_method && rc == 0; k++)
            rc = add_symbol(r, name, f->service[i]->method[k]->name, file, NULL);
    }
    return rc;
}

static int compare_symbols(const void *a, const void *b)
{
    return strcmp(((const struct symbol *)a)->name, ((const struct symbol *)b)->name);
}

/* The bytes of each file in the set: field 1, length-delimited, as often as it comes. The set has passed pb_check. */
static int slice_files(struct rpc_reflection *r, const unsigned char *set, size_t len)
{
    const unsigned char *p = set, *end = set + len;
    while (p < end) {
        size_t n = 0;
        if (*p++ != 0x0a || r->n_files == MAX_FILES)
            return ERR_INVALID;
        for (int shift = 0;; shift += 7) {
            n |= (size_t)(*p & 0x7f) << shift;
            if (!(*p++ & 0x80))
                break;
        }
        r->raw[r->n_files++] = (ProtobufCBinaryData){.len = n, .data = (uint8_t *)(uintptr_t)p};
        p += n;
    }
    return 0;
}

static int build_index(struct rpc_reflection *r, const unsigned char *set, size_t len, struct err *e)
{
    static const struct pb_limits limits = {.max_size = INDEX_MEMORY / 4, .max_depth = PB_MAX_DEPTH, .max_fields = 1000000};
    ProtobufCMessage *msg;
    int rc = pb_unpack(&google__protobuf__file_descriptor_set__descriptor, set, len, &limits, r->arena, &msg, e);
    if (rc)
        return rc;
    const Google__Protobuf__FileDescriptorSet *fds = (const void *)msg;
    rc = slice_files(r, set, len);
    for (size_t i = 0; i < fds->n_file && rc == 0; i++) {
        r->files[i] = fds->file[i];
        rc = add_file(r, fds->file[i], (int)i);
    }
    if (rc)
        return err_set(e, rc, "The descriptor set for reflection is broken or too big.");
    if (r->n_symbols)
        qsort(r->symbols, r->n_symbols, sizeof *r->symbols, compare_symbols);
    return 0;
}

static int list_services(struct rpc_reflection *r, const struct rpc_method *methods, size_t n, struct err *e)
{
    for (size_t i = 0; i < n; i++) {
        const char *name = methods[i].path + 1, *slash = strchr(name, '/');
        size_t len = (size_t)(slash - name);
        bool known = false;
        for (size_t k = 0; k < r->n_services; k++)
            known |= strlen(r->services[k]) == len && memcmp(r->services[k], name, len) == 0;
        if (known)
            continue;
        if (r->n_services == MAX_SERVICES || !(r->services[r->n_services] = arena_strndup(r->arena, name, len)))
            return err_set(e, ERR_EXHAUSTED, "Reflection cannot hold all services.");
        r->n_services++;
    }
    return 0;
}

struct rpc_reflection *rpc_reflection_create(const unsigned char *set, size_t len, const struct rpc_method *methods, size_t n,
                                             struct err *e)
{
    struct rpc_reflection *r = calloc(1, sizeof *r);
    if (r)
        r->arena = arena_create(INDEX_MEMORY);
    if (!r || !r->arena) {
        (void)err_set(e, ERR_NOMEM, "There is not enough memory for reflection.");
        rpc_reflection_destroy(r);
        return NULL;
    }
    if (build_index(r, set, len, e) || list_services(r, methods, n, e)) {
        rpc_reflection_destroy(r);
        return NULL;
    }
    return r;
}

void rpc_reflection_destroy(struct rpc_reflection *r)
{
    if (!r)
        return;
    free(r->symbols);
    arena_destroy(r->arena);
    free(r);
}

static int file_by_name(const struct rpc_reflection *r, const char *name)
{
    for (int i = 0; i < r->n_files; i++) {
        if (strcmp(r->files[i]->name, name) == 0)
            return i;
    }
    return -1;
}

static int file_by_symbol(const struct rpc_reflection *r, const char *name)
{
    const struct symbol key = {.name = name[0] == '.' ? name + 1 : name};
    if (r->n_symbols == 0)
        return -1;
    const struct symbol *s = bsearch(&key, r->symbols, r->n_symbols, sizeof key, compare_symbols);
    return s ? s->file : -1;
}

/* The file and everything it imports, each once, the file first. */
static size_t with_imports(const struct rpc_reflection *r, int file, ProtobufCBinaryData out[MAX_FILES])
{
    bool seen[MAX_FILES] = {false};
    int queue[MAX_FILES];
    size_t n = 0;
    queue[n++] = file;
    seen[file] = true;
    for (size_t i = 0; i < n; i++) {
        const Google__Protobuf__FileDescriptorProto *f = r->files[queue[i]];
        out[i] = r->raw[queue[i]];
        for (size_t k = 0; k < f->n_dependency; k++) {
            int dep = file_by_name(r, f->dependency[k]);
            if (dep >= 0 && !seen[dep]) {
                seen[dep] = true;
                queue[n++] = dep;
            }
        }
    }
    return n;
}

typedef Grpc__Reflection__V1__ServerReflectionRequest request_type;
typedef Grpc__Reflection__V1__ServerReflectionResponse response_type;

static void send_response(struct rpc_call *call, const request_type *req, response_type *resp)
{
    resp->valid_host = req->host;
    resp->original_request = (request_type *)(uintptr_t)req;
    /* The client may ask faster than it reads: then it waits. */
    if (!rpc_send(call, &resp->base))
        rpc_pause(call);
}

static void send_error(struct rpc_call *call, const request_type *req, int code, const char *text)
{
    response_type resp = GRPC__REFLECTION__V1__SERVER_REFLECTION_RESPONSE__INIT;
    Grpc__Reflection__V1__ErrorResponse err = GRPC__REFLECTION__V1__ERROR_RESPONSE__INIT;
    err.error_code = code;
    err.error_message = (char *)(uintptr_t)text;
    resp.message_response_case = GRPC__REFLECTION__V1__SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_ERROR_RESPONSE;
    resp.error_response = &err;
    send_response(call, req, &resp);
}

static void send_file(struct rpc_call *call, const request_type *req, int file)
{
    const struct rpc_reflection *r = rpc_call_method(call)->ctx;
    if (file < 0) {
        send_error(call, req, GRPC_NOT_FOUND, "No such file or symbol.");
        return;
    }
    ProtobufCBinaryData blobs[MAX_FILES];
    response_type resp = GRPC__REFLECTION__V1__SERVER_REFLECTION_RESPONSE__INIT;
    Grpc__Reflection__V1__FileDescriptorResponse files = GRPC__REFLECTION__V1__FILE_DESCRIPTOR_RESPONSE__INIT;
    files.n_file_descriptor_proto = with_imports(r, file, blobs);
    files.file_descriptor_proto = blobs;
    resp.message_response_case = GRPC__REFLECTION__V1__SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_FILE_DESCRIPTOR_RESPONSE;
    resp.file_descriptor_response = &files;
    send_response(call, req, &resp);
}

static void send_services(struct rpc_call *call, const request_type *req)
{
    const struct rpc_reflection *r = rpc_call_method(call)->ctx;
    Grpc__Reflection__V1__ServiceResponse list[MAX_SERVICES], *ptrs[MAX_SERVICES];
    response_type resp = GRPC__REFLECTION__V1__SERVER_REFLECTION_RESPONSE__INIT;
    Grpc__Reflection__V1__ListServiceResponse services = GRPC__REFLECTION__V1__LIST_SERVICE_RESPONSE__INIT;
    for (size_t i = 0; i < r->n_services; i++) {
        grpc__reflection__v1__service_response__init(&list[i]);
        list[i].name = (char *)(uintptr_t)r->services[i];
        ptrs[i] = &list[i];
    }
    services.n_service = r->n_services;
    services.service = ptrs;
    resp.message_response_case = GRPC__REFLECTION__V1__SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_LIST_SERVICES_RESPONSE;
    resp.list_services_response = &services;
    send_response(call, req, &resp);
}

static void send_extension_numbers(struct rpc_call *call, const request_type *req)
{
    const struct rpc_reflection *r = rpc_call_method(call)->ctx;
    if (file_by_symbol(r, req->all_extension_numbers_of_type) < 0) {
        send_error(call, req, GRPC_NOT_FOUND, "No such type.");
        return;
    }
    response_type resp = GRPC__REFLECTION__V1__SERVER_REFLECTION_RESPONSE__INIT;
    Grpc__Reflection__V1__ExtensionNumberResponse none = GRPC__REFLECTION__V1__EXTENSION_NUMBER_RESPONSE__INIT;
    none.base_type_name = req->all_extension_numbers_of_type;
    resp.message_response_case =
        GRPC__REFLECTION__V1__SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_ALL_EXTENSION_NUMBERS_RESPONSE;
    resp.all_extension_numbers_response = &none;
    send_response(call, req, &resp);
}

static void on_request(struct rpc_call *call, const ProtobufCMessage *msg)
{
    const struct rpc_reflection *r = rpc_call_method(call)->ctx;
    const request_type *req = (const void *)msg;
    switch ((int)req->message_request_case) {
    case GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_FILE_BY_FILENAME:
        send_file(call, req, file_by_name(r, req->file_by_filename));
        return;
    case GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_FILE_CONTAINING_SYMBOL:
        send_file(call, req, file_by_symbol(r, req->file_containing_symbol));
        return;
    case GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_FILE_CONTAINING_EXTENSION:
        send_error(call, req, GRPC_NOT_FOUND, "There are no extensions.");
        return;
    case GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_ALL_EXTENSION_NUMBERS_OF_TYPE:
        send_extension_numbers(call, req);
        return;
    case GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_LIST_SERVICES:
        send_services(call, req);
        return;
    default:
        send_error(call, req, GRPC_INVALID_ARGUMENT, "The request asks nothing.");
        return;
    }
}

static void on_half_close(struct rpc_call *call)
{
    rpc_finish(call);
}

static void on_writable(struct rpc_call *call)
{
    rpc_resume(call);
}

void rpc_reflection_methods(struct rpc_reflection *r, struct rpc_method out[RPC_REFLECTION_METHODS])
{
    out[0] = (struct rpc_method){
        .path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        .kind = RPC_BIDI,
        .flags = RPC_PUBLIC,
        .request = &grpc__reflection__v1__server_reflection_request__descriptor,
        .response = &grpc__reflection__v1__server_reflection_response__descriptor,
        .on_message = on_request,
        .on_half_close = on_half_close,
        .on_writable = on_writable,
        .ctx = r,
    };
    out[1] = out[0];
    out[1].path = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";
}

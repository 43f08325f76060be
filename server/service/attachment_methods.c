/* SPDX-License-Identifier: MIT */
#include "server/service/attachment_methods.h"

enum { READ_MS = 10000 };

const struct rpc_method attachment_methods[] = {
    {
        .path = "/wangge.v1.AttachmentService/GetUpload",
        .kind = RPC_UNARY,
        .request = &wangge__v1__get_upload_request__descriptor,
        .response = &wangge__v1__get_upload_response__descriptor,
        .default_deadline_ms = READ_MS,
        .on_message = attachment_get_upload,
    },
    {
        .path = "/wangge.v1.AttachmentService/Upload",
        .kind = RPC_BIDI,
        .request = &wangge__v1__upload_request__descriptor,
        .response = &wangge__v1__upload_response__descriptor,
        .on_start = attachment_upload_start,
        .on_message = attachment_upload_message,
        .on_half_close = attachment_upload_half_close,
        .on_cancel = attachment_upload_cancel,
    },
    {
        .path = "/wangge.v1.AttachmentService/Download",
        .kind = RPC_SERVER_STREAM,
        .request = &wangge__v1__download_request__descriptor,
        .response = &wangge__v1__download_response__descriptor,
        .on_message = attachment_download,
        .on_writable = attachment_download_writable,
        .on_cancel = attachment_download_cancel,
    },
    {
        .path = "/wangge.v1.AttachmentService/ListAttachments",
        .kind = RPC_UNARY,
        .request = &wangge__v1__list_attachments_request__descriptor,
        .response = &wangge__v1__list_attachments_response__descriptor,
        .default_deadline_ms = READ_MS,
        .on_message = attachment_list,
    },
    {.path = NULL},
};

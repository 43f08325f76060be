/* SPDX-License-Identifier: MIT */
/* The handlers of the attachment service; attachment_methods.c lists them. */
#ifndef WG_SERVICE_ATTACHMENT_METHODS_H
#define WG_SERVICE_ATTACHMENT_METHODS_H

#include "server/service/service.h"
#include "server/store/attachment_store.h"
#include "server/store/case_row.h"
#include "wangge/v1/attachment.pb-c.h"

void attachment_upload_start(struct rpc_call *call);
void attachment_upload_message(struct rpc_call *call, const ProtobufCMessage *msg);
void attachment_upload_half_close(struct rpc_call *call);
void attachment_upload_cancel(struct rpc_call *call);
void attachment_get_upload(struct rpc_call *call, const ProtobufCMessage *msg);
void attachment_download(struct rpc_call *call, const ProtobufCMessage *msg);
void attachment_download_writable(struct rpc_call *call);
void attachment_download_cancel(struct rpc_call *call);
void attachment_list(struct rpc_call *call, const ProtobufCMessage *msg);

/* An attachment for one caller; of_case is NULL while the case does not exist. NULL without memory. */
Wangge__V1__Attachment *attachment_view(struct arena *a, const struct actor *who, const struct attachment_row *row,
                                        const struct case_row *of_case);

#endif

/* SPDX-License-Identifier: MIT */
/* grpc.testing.TestService on our rpc layer: what the official interop clients call, and what wire tests call too. */
#ifndef WG_TESTS_SUPPORT_GRPC_TESTING_H
#define WG_TESTS_SUPPORT_GRPC_TESTING_H

#include <stddef.h>

#include "server/rpc/rpc.h"

/* EmptyCall, UnaryCall, StreamingOutputCall, StreamingInputCall, FullDuplexCall; UnimplementedCall is not there. Static. */
const struct rpc_method *grpc_testing_methods(size_t *ret_n);

/* A FileDescriptorSet with grpc.testing, health and reflection. */
extern const unsigned char grpc_testing_protoset[];
extern const size_t grpc_testing_protoset_len;

#endif

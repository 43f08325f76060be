/* SPDX-License-Identifier: MIT */
/* The methods of the people service. */
#include "server/service/people_methods.h"

#include "wangge/v1/people.pb-c.h"

enum { READ_MS = 10000, WRITE_MS = 15000 };

const struct rpc_method people_methods[] = {
    {
        .path = "/wangge.v1.PeopleService/SetPeople",
        .kind = RPC_UNARY,
        .request = &wangge__v1__set_people_request__descriptor,
        .response = &wangge__v1__set_people_response__descriptor,
        .default_deadline_ms = WRITE_MS,
        .on_message = people_set,
    },
    {
        .path = "/wangge.v1.PeopleService/RevealPeople",
        .kind = RPC_UNARY,
        .request = &wangge__v1__reveal_people_request__descriptor,
        .response = &wangge__v1__reveal_people_response__descriptor,
        .default_deadline_ms = READ_MS,
        .on_message = people_reveal,
    },
    {.path = NULL},
};

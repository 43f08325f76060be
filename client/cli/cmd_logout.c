/* SPDX-License-Identifier: MIT */
#include "client/cli/cli.h"
#include "client/model/i18n.h"
#include "client/rpc/methods.h"
#include "common/h2/grpc.h"
#include "wangge/v1/auth.pb-c.h"

int cmd_logout(struct cli *c)
{
    struct err e;
    Wangge__V1__LogoutRequest req = WANGGE__V1__LOGOUT_REQUEST__INIT;
    struct channel_result r = {0};
    int rc = CLI_OK;
    if (c->has_session && cli_connect(c, true) == CLI_OK) {
        channel_call_wait(c->base, c->channel, &methods_logout, &req.base, cli_timeout_ms(c), &r);
        if (r.interrupted)
            rc = CLI_INTERRUPTED;
        else if (r.status.code != GRPC_OK && r.status.code != GRPC_UNAUTHENTICATED) {
            out_note(c, "%s", _("The server could not be told; there the session ends by itself after a while."));
            rc = cli_exit_of(r.status.code);
        }
        channel_result_fini(&r);
    }
    /* Whatever the server says: the token leaves this machine. */
    if (session_remove(&e))
        return cli_error(c, &e);
    out_note(c, "%s", _("Logged out."));
    return rc;
}

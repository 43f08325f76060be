/* SPDX-License-Identifier: MIT */
#include "client/cli/cli.h"
#include "client/model/i18n.h"
#ifdef WANGGE_HAS_TUI
#include "client/view/tui.h"
#endif

#ifdef WANGGE_HAS_TUI
int cmd_tui(struct cli *c)
{
    struct err e;
    struct tui_options opts = {.config = &c->config, .token = c->has_session ? c->session.token : NULL};
    const char *screen = options_get(&c->opt, OPTION_RENDER, NULL);
    if (!screen)
        return tui_main(&opts, &e) ? cli_error(c, &e) : CLI_OK;
    struct tui_render_options render = {.rows = 24, .cols = 80};
    const char *size = options_get(&c->opt, OPTION_SIZE, "80x24");
    if (!tui_known_screen(screen)) {
        out_error(c, _("There is no screen \"%s\"."), screen);
        return CLI_USAGE;
    }
    if (!tui_parse_size(size, &render.cols, &render.rows)) {
        out_error(c, _("--%s: \"%s\" is not of the form %s."), "size", size, "80x24");
        return CLI_USAGE;
    }
    opts.screen = screen;
    return tui_render(&opts, &render, stdout, &e) ? cli_error(c, &e) : CLI_OK;
}
#else
int cmd_tui(struct cli *c)
{
    return cmd_help(c);
}
#endif

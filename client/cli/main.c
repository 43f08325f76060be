/* SPDX-License-Identifier: MIT */
/* The program "wangge": the terminal interface without arguments, the command line with them. */
#include "client/cli/cli.h"

int main(int argc, char **argv)
{
    return cli_main(argc, argv);
}

/* SPDX-License-Identifier: MIT */
/*
 * Named points at which tests end a program as a power failure would. They exist only in the test programs that are built with
 * WG_FAILPOINTS; everywhere else they are nothing at all (a test looks for traces of them in wangged and wangge).
 *
 * WANGGE_FAILPOINT=name or name:n kills the process with SIGKILL when it passes the point for the n-th time.
 */
#ifndef WG_BASE_FAILPOINT_H
#define WG_BASE_FAILPOINT_H

#ifdef WG_FAILPOINTS
/* The point is called "name", or "name.part" if part is given. */
void failpoint_pass(const char *name, const char *part);
#define FAILPOINT(name)          failpoint_pass((name), NULL)
#define FAILPOINT_OF(name, part) failpoint_pass((name), (part))
#else
#define FAILPOINT(name)          ((void)0)
#define FAILPOINT_OF(name, part) ((void)0)
#endif

#endif

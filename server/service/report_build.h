/* SPDX-License-Identifier: MIT */
/*
 * Builds a report part by part: what PullReport sends, FreezeReport keeps and RestateReport compares. The parts are the same
 * for the same request, so the digest at their end is too: who pulled it and when stand in the head and are no part of it.
 */
#ifndef WG_SERVICE_REPORT_BUILD_H
#define WG_SERVICE_REPORT_BUILD_H

#include "server/service/service.h"
#include "wangge/v1/report.pb-c.h"

struct report_build;

struct report_build_sink {
    /* One part, valid during the call. A negative return ends the report with *e, which part then filled. */
    int (*part)(void *arg, const Wangge__V1__ReportPart *part, struct err *e);
    /* Last: after the end part, or with what went wrong. The build is gone when it returns. */
    void (*done)(void *arg, const struct err *e);
    void *arg;
};

/*
 * Checks the request against the caller's rights and begins; the sink is called later, never from inside. The request must live
 * as long as the call. A sink that cannot take more for now pauses the build and resumes it.
 * Errors as PullReport documents; the sink is then not called.
 */
int report_build_start(struct rpc_call *call, const Wangge__V1__PullReportRequest *req, const struct report_build_sink *sink,
                       struct report_build **ret, struct err *e) MUST_CHECK;
void report_build_pause(struct report_build *b);
void report_build_resume(struct report_build *b);

/* A digest over parts as ReportEnd documents it. Add every part but the end. */
struct report_digest;
struct report_digest *report_digest_create(struct arena *a);
/* Adds one part as its bytes. ERR_NOMEM. */
int report_digest_add(struct report_digest *d, struct arena *a, const Wangge__V1__ReportPart *part) MUST_CHECK;
/* 64 hex digits and NUL; once. */
void report_digest_end(struct report_digest *d, char out[65]);

#endif

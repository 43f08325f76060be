/* SPDX-License-Identifier: MIT */
/* How the client trusts a server: TLS 1.2 or newer with ALPN h2, the name checked, a certificate store or a pinned certificate.
 */
#ifndef WG_CLIENT_RPC_TLS_H
#define WG_CLIENT_RPC_TLS_H

#include <openssl/ssl.h>

#include "common/base/err.h"

struct tls_trust;

/* ca_file NULL or "": the system's store. pin NULL or "": none, else 64 hex digits. Owned by the caller. */
int tls_trust_create(const char *ca_file, const char *pin, struct tls_trust **ret, struct err *e) MUST_CHECK;
void tls_trust_destroy(struct tls_trust *t);
/* A client session on fd that will insist on host. Owned by the caller (SSL_free); the socket stays the caller's. */
int tls_session_create(struct tls_trust *t, int fd, const char *host, SSL **ret, struct err *e) MUST_CHECK;
/* Explains a failed handshake, the certificate's fingerprint included so that it can be compared and pinned. */
int tls_explain(SSL *ssl, const char *target, struct err *e);

#endif

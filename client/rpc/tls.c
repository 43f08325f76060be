/* SPDX-License-Identifier: MIT */
#include "client/rpc/tls.h"

#include <arpa/inet.h>
#include <libintl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#define _(s) gettext(s)

struct tls_trust {
    SSL_CTX *ctx;
    bool pinned;
    unsigned char pin[32];
    bool has_seen;
    unsigned char seen[32]; /* the last certificate shown, for explaining why it was not taken */
};

static const unsigned char alpn_h2[] = {2, 'h', '2'};

static bool fingerprint(X509 *cert, unsigned char out[32])
{
    unsigned len = 32;
    return cert && X509_digest(cert, EVP_sha256(), out, &len) == 1 && len == 32;
}

static int hex_nibble(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool parse_pin(const char *hex, unsigned char out[32])
{
    if (strlen(hex) != 64)
        return false;
    for (int i = 0; i < 32; i++) {
        int hi = hex_nibble(hex[2 * i]);
        int lo = hex_nibble(hex[2 * i + 1]);
        if (hi < 0 || lo < 0)
            return false;
        out[i] = (unsigned char)(hi << 4 | lo);
    }
    return true;
}

/* A pinned certificate needs nobody's word; every other goes the usual way, the name included. */
static int verify(X509_STORE_CTX *store, void *arg)
{
    struct tls_trust *t = arg;
    t->has_seen = fingerprint(X509_STORE_CTX_get0_cert(store), t->seen);
    if (t->pinned && t->has_seen && CRYPTO_memcmp(t->seen, t->pin, sizeof t->pin) == 0) {
        X509_STORE_CTX_set_error(store, X509_V_OK);
        return 1;
    }
    return X509_verify_cert(store);
}

int tls_trust_create(const char *ca_file, const char *pin, struct tls_trust **ret, struct err *e)
{
    int rc = 0;
    struct tls_trust *t = calloc(1, sizeof *t);
    if (!t)
        return err_set(e, ERR_NOMEM, _("Out of memory."));
    if (pin && *pin) {
        t->pinned = parse_pin(pin, t->pin);
        if (!t->pinned) {
            rc = err_field(e, ERR_INVALID, "pin", _("The pinned certificate must be given as 64 hexadecimal digits."));
            goto out;
        }
    }
    t->ctx = SSL_CTX_new(TLS_client_method());
    if (!t->ctx || !SSL_CTX_set_min_proto_version(t->ctx, TLS1_2_VERSION) ||
        SSL_CTX_set_alpn_protos(t->ctx, alpn_h2, sizeof alpn_h2) != 0) {
        rc = err_set(e, ERR_INTERNAL, _("TLS could not be set up."));
        goto out;
    }
    SSL_CTX_set_app_data(t->ctx, t);
    SSL_CTX_set_mode(t->ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_verify(t->ctx, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_cert_verify_callback(t->ctx, verify, t);
    if (ca_file && *ca_file) {
        if (SSL_CTX_load_verify_file(t->ctx, ca_file) != 1)
            rc = err_field(e, ERR_INVALID, "ca_file", _("The certificates in %s cannot be read."), ca_file);
    } else if (SSL_CTX_set_default_verify_paths(t->ctx) != 1) {
        rc = err_set(e, ERR_INTERNAL, _("The system's certificates cannot be read."));
    }
out:
    ERR_clear_error();
    if (rc) {
        tls_trust_destroy(t);
        return rc;
    }
    *ret = t;
    return 0;
}

void tls_trust_destroy(struct tls_trust *t)
{
    if (!t)
        return;
    SSL_CTX_free(t->ctx);
    free(t);
}

int tls_session_create(struct tls_trust *t, int fd, const char *host, SSL **ret, struct err *e)
{
    struct in6_addr any;
    bool is_ip = inet_pton(AF_INET, host, &any) == 1 || inet_pton(AF_INET6, host, &any) == 1;
    SSL *ssl = SSL_new(t->ctx);
    bool fine = ssl && SSL_set_fd(ssl, fd) == 1;
    if (fine && is_ip)
        fine = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1;
    else if (fine)
        fine = SSL_set1_host(ssl, host) == 1 && SSL_set_tlsext_host_name(ssl, host) == 1;
    ERR_clear_error();
    if (!fine) {
        SSL_free(ssl);
        return err_set(e, ERR_INTERNAL, _("TLS could not be set up."));
    }
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    SSL_set_connect_state(ssl);
    *ret = ssl;
    return 0;
}

int tls_explain(SSL *ssl, const char *target, struct err *e)
{
    long verdict = SSL_get_verify_result(ssl);
    unsigned long code = ERR_peek_error();
    int rc;
    if (verdict != X509_V_OK) {
        const struct tls_trust *t = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
        char hex[65] = "";
        for (int i = 0; t->has_seen && i < 32; i++) {
            hex[2 * i] = "0123456789abcdef"[t->seen[i] >> 4];
            hex[2 * i + 1] = "0123456789abcdef"[t->seen[i] & 15];
        }
        if (hex[0])
            rc = err_set(e, ERR_DENIED, _("The certificate of %s is not trusted (%s). Its SHA-256 is %s."), target,
                         X509_verify_cert_error_string(verdict), hex);
        else
            rc = err_set(e, ERR_DENIED, _("The certificate of %s is not trusted (%s)."), target,
                         X509_verify_cert_error_string(verdict));
    } else {
        rc = err_set(e, ERR_UNAVAILABLE, _("%s does not answer in TLS as expected. Is it a wangged with TLS?"), target);
    }
    if (code) {
        char text[160];
        ERR_error_string_n(code, text, sizeof text);
        err_detail(e, "%s", text);
    }
    ERR_clear_error();
    return rc;
}

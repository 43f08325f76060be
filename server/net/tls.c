/* SPDX-License-Identifier: MIT */
/*
 * OpenSSL as a filter between memory and memory: it reads what recv() brought and writes what send() will take, so a request
 * costs one of each, and an idle connection holds no buffer.
 */
#include <stdlib.h>
#include <string.h>
#include <openssl/err.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include "server/net/net_impl.h"

static int bio_read(BIO *bio, char *out, int cap)
{
    struct conn *c = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (c->rx_len == 0) {
        BIO_set_retry_read(bio);
        return -1;
    }
    size_t n = c->rx_len < (size_t)cap ? c->rx_len : (size_t)cap;
    memcpy(out, c->rx, n);
    c->rx += n;
    c->rx_len -= n;
    return (int)n;
}

static int bio_write(BIO *bio, const char *data, int len)
{
    struct conn *c = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    return len > 0 && buf_append(&c->net->tx, data, (size_t)len) == 0 ? len : -1;
}

static long bio_ctrl(BIO *bio, int cmd, long num, void *ptr)
{
    (void)bio;
    (void)num;
    (void)ptr;
    return cmd == BIO_CTRL_FLUSH;
}

static int bio_create(BIO *bio)
{
    BIO_set_init(bio, 1);
    return 1;
}

BIO_METHOD *tls_bio_method(void)
{
    BIO_METHOD *m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "wangge connection");
    if (m) {
        BIO_meth_set_read(m, bio_read);
        BIO_meth_set_write(m, bio_write);
        BIO_meth_set_ctrl(m, bio_ctrl);
        BIO_meth_set_create(m, bio_create);
    }
    return m;
}

SSL *tls_create(struct net *net, struct conn *c)
{
    SSL *ssl = SSL_new(net->tls);
    BIO *bio = ssl ? BIO_new(net->bio) : NULL;
    if (!bio) {
        SSL_free(ssl);
        return NULL;
    }
    BIO_set_data(bio, c);
    SSL_set_bio(ssl, bio, bio);
    SSL_set_accept_state(ssl);
    return ssl;
}

bool tls_peer_key(SSL *ssl, uint8_t key[32])
{
    X509 *cert = SSL_get0_peer_certificate(ssl);
    unsigned char *der = NULL;
    int len;

    if (!cert || SSL_get_verify_result(ssl) != X509_V_OK)
        return false;
    len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der);
    if (len <= 0)
        return false;
    SHA256(der, (size_t)len, key);
    OPENSSL_free(der);
    return true;
}

/* HTTP/2 or nothing. */
static int select_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len, const unsigned char *in, unsigned in_len,
                       void *arg)
{
    (void)ssl;
    (void)arg;
    for (unsigned i = 0; i < in_len && in[i] < in_len - i; i += in[i] + 1u) {
        if (in[i] == 2 && memcmp(in + i + 1, "h2", 2) == 0) {
            *out = in + i + 1;
            *out_len = 2;
            return SSL_TLSEXT_ERR_OK;
        }
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static int tls_error(struct err *e, const char *what, const char *file)
{
    char text[200] = "";
    unsigned long code = ERR_peek_last_error();
    if (code)
        ERR_error_string_n(code, text, sizeof text);
    ERR_clear_error();
    err_set(e, ERR_INVALID, "%s %s cannot be used.", what, file);
    err_detail(e, "%s", text);
    return ERR_INVALID;
}

int net_set_tls(struct net *net, const char *cert_file, const char *key_file, const char *client_ca_file, bool client_optional,
                struct err *e)
{
    int rc = 0;
    ERR_clear_error();
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    if (!ctx)
        return err_set(e, ERR_NOMEM, "There is not enough memory for TLS.");
    SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
    /* RFC 9113 §9.2: for 1.2 only what has forward secrecy and an AEAD. */
    SSL_CTX_set_cipher_list(ctx, "ECDHE+AESGCM:ECDHE+CHACHA20");
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                 SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    /* Tickets keep no state here; a cache would, and worker processes could not share it. */
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(ctx, 1);
    SSL_CTX_set_alpn_select_cb(ctx, select_alpn, NULL);
    static const unsigned char session_context[] = "wangge";
    SSL_CTX_set_session_id_context(ctx, session_context, sizeof session_context - 1);
    if (SSL_CTX_use_certificate_chain_file(ctx, cert_file) != 1)
        rc = tls_error(e, "The certificate", cert_file);
    else if (SSL_CTX_use_PrivateKey_file(ctx, key_file, SSL_FILETYPE_PEM) != 1 || SSL_CTX_check_private_key(ctx) != 1)
        rc = tls_error(e, "The private key", key_file);
    else if (client_ca_file && SSL_CTX_load_verify_file(ctx, client_ca_file) != 1)
        rc = tls_error(e, "The authority for client certificates", client_ca_file);
    if (rc) {
        SSL_CTX_free(ctx);
        return rc;
    }
    if (client_ca_file) {
        SSL_CTX_set_client_CA_list(ctx, SSL_load_client_CA_file(client_ca_file));
        SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | (client_optional ? 0 : SSL_VERIFY_FAIL_IF_NO_PEER_CERT), NULL);
    }
    /* Connections hold their own reference to the old one. */
    SSL_CTX_free(net->tls);
    net->tls = ctx;
    return 0;
}

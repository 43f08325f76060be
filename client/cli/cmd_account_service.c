/* SPDX-License-Identifier: MIT */
/* account token, cert, credentials, revoke: how other systems come in. */
#include <errno.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

#include "client/cli/account.h"
#include "client/cli/instant.h"
#include "client/cli/listing.h"
#include "client/model/i18n.h"
#include "client/model/until.h"
#include "client/rpc/methods.h"

enum { HASH_SIZE = 32, HASH_TEXT_SIZE = 2 * HASH_SIZE + 1 };

static int need_label(struct cli *c)
{
    if (options_get(&c->opt, OPTION_LABEL, "")[0])
        return CLI_OK;
    out_error(c, _("--%s is missing."), options_option_name(OPTION_LABEL));
    return CLI_USAGE;
}

int cmd_account_token(struct cli *c)
{
    Wangge__V1__CreateServiceTokenRequest req = WANGGE__V1__CREATE_SERVICE_TOKEN_REQUEST__INIT;
    Google__Protobuf__Timestamp room;
    struct channel_result r;
    const char *expires = options_get(&c->opt, OPTION_EXPIRES, NULL);
    usec_t at;
    int rc = need_label(c);
    if (rc == CLI_OK && expires && !until_parse(expires, cli_now(), NULL, "", &at)) {
        out_error(c, _("--%s: \"%s\" is no time; use for example 2027-06-30 or +90d."), options_option_name(OPTION_EXPIRES),
                  expires);
        rc = CLI_INVALID;
    }
    if (rc)
        return rc;
    req.login = (char *)c->opt.args[0];
    req.label = (char *)options_get(&c->opt, OPTION_LABEL, "");
    if (expires)
        req.expires_at = instant_stamp(&room, at);
    rc = cli_call(c, &methods_create_service_token, &req.base, &r);
    if (rc == CLI_OK) {
        const Wangge__V1__CreateServiceTokenResponse *made = (const Wangge__V1__CreateServiceTokenResponse *)r.resp;
        if (c->json)
            rc = out_json(c, r.resp);
        else
            out_printf(c, "%s\n", made->token);
        out_note(c, _("The token is shown this once. To end it: wangge account revoke %s"), made->credential_id);
    }
    channel_result_fini(&r);
    return rc;
}

static bool is_hash(const char *text)
{
    return strlen(text) == HASH_TEXT_SIZE - 1 && strspn(text, "0123456789abcdefABCDEF") == HASH_TEXT_SIZE - 1;
}

/* SHA-256 of the SubjectPublicKeyInfo (RFC 5280, 4.1.2.7) of the first certificate in a PEM file. */
static int hash_of_file(struct cli *c, const char *path, char out[HASH_TEXT_SIZE])
{
    FILE *file = fopen(path, "re");
    unsigned char *der = NULL, hash[HASH_SIZE];
    if (!file) {
        out_error(c, _("%s cannot be read (%s)."), path, strerror(errno));
        return CLI_NOT_FOUND;
    }
    X509 *cert = PEM_read_X509(file, NULL, NULL, NULL);
    int len = cert ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der) : -1;
    bool ok = len > 0 && EVP_Digest(der, (size_t)len, hash, NULL, EVP_sha256(), NULL) == 1;
    for (int i = 0; ok && i < HASH_SIZE; i++)
        snprintf(out + 2 * i, 3, "%02x", hash[i]);
    OPENSSL_free(der);
    X509_free(cert);
    (void)fclose(file); /* it was only read */
    if (!ok)
        out_error(c, _("%s holds no certificate in PEM form."), path);
    return ok ? CLI_OK : CLI_INVALID;
}

int cmd_account_cert(struct cli *c)
{
    Wangge__V1__BindCertificateRequest req = WANGGE__V1__BIND_CERTIFICATE_REQUEST__INIT;
    struct channel_result r;
    char hash[HASH_TEXT_SIZE] = "";
    const char *given = c->opt.args[1];
    int rc = need_label(c);
    if (rc == CLI_OK && is_hash(given))
        snprintf(hash, sizeof hash, "%s", given);
    else if (rc == CLI_OK)
        rc = hash_of_file(c, given, hash);
    if (rc)
        return rc;
    req.login = (char *)c->opt.args[0];
    req.spki_sha256 = hash;
    req.label = (char *)options_get(&c->opt, OPTION_LABEL, "");
    rc = cli_call(c, &methods_bind_certificate, &req.base, &r);
    if (rc == CLI_OK && c->json)
        rc = out_json(c, r.resp);
    else if (rc == CLI_OK)
        out_printf(c, "%s\n", ((const Wangge__V1__BindCertificateResponse *)r.resp)->credential_id);
    channel_result_fini(&r);
    return rc;
}

static const struct listing_column columns[] = {
    {N_("Credential"), false, false}, {N_("Kind"), false, false}, {N_("For"), false, true},
    {N_("Made"), false, false},       {N_("Ends"), false, false}, {N_("Last used"), false, false},
};

static bool put_row(struct table *t, const ProtobufCMessage *item)
{
    const Wangge__V1__Credential *d = (const Wangge__V1__Credential *)item;
    char made[INSTANT_TEXT_MAX], ends[INSTANT_TEXT_MAX], used[INSTANT_TEXT_MAX];
    return table_cell(t, d->credential_id) && table_cell(t, d->certificate ? _("certificate") : _("token")) &&
           table_cell(t, d->label) && table_cell(t, instant_format(instant_of(d->created_at), made)) &&
           table_cell(t, instant_format(instant_of(d->expires_at), ends)) &&
           table_cell(t, instant_format(instant_of(d->last_used_at), used));
}

int cmd_account_credentials(struct cli *c)
{
    Wangge__V1__ListCredentialsRequest req = WANGGE__V1__LIST_CREDENTIALS_REQUEST__INIT;
    const struct listing l = {
        .method = &methods_list_credentials,
        .request = &req.base,
        .columns = columns,
        .n_columns = sizeof columns / sizeof *columns,
        .row = put_row,
        .none = _("It has neither tokens nor certificates."),
    };
    req.login = (char *)c->opt.args[0];
    return listing_run(c, &l);
}

int cmd_account_revoke(struct cli *c)
{
    Wangge__V1__RevokeCredentialRequest req = WANGGE__V1__REVOKE_CREDENTIAL_REQUEST__INIT;
    struct channel_result r;
    int rc = ask_confirm(c, _("End this token or binding? What uses it is cut off at once."));
    if (rc)
        return rc;
    req.credential_id = (char *)c->opt.args[0];
    rc = cli_call(c, &methods_revoke_credential, &req.base, &r);
    channel_result_fini(&r);
    if (rc == CLI_OK)
        out_note(c, "%s", _("It is ended."));
    return rc;
}

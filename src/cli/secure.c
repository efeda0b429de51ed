#include "cli/secure.h"

#include "base/mem.h"
#include "worker/settings.h"
#include "worker/worker.h"

#include <errno.h>
#include <stdio.h>
#include <sys/random.h>

#define LOCAL_USER "local"

static int make_local(struct secure *s, struct error *err)
{
    unsigned char random[(sizeof s->local_password - 1) / 2];
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return error_set(err, ERROR_IO, "no random numbers: %s", strerror(errno));
    for (size_t i = 0; i < sizeof random; i++)
        snprintf(s->local_password + 2 * i, 3, "%02x", random[i]);
    AUTO_FREE char *line = mem_printf(LOCAL_USER "=%s", s->local_password);
    return http_users_read(str_from(line), &s->local, err);
}

static int read_tls(const struct worker_settings *settings, struct secure *s, struct error *err)
{
    if (!settings->keystore.len)
        return error_set(err, ERROR_CONFIG,
                         "listeners=https://... needs ssl.keystore.location, a PEM file with the private key and the "
                         "certificate");
    s->tls = (struct http_server_tls){
        .cert_file = settings->keystore.ptr,
        .key_file = settings->keystore.ptr,
        .key_password = settings->key_password.len ? settings->key_password.ptr : NULL,
    };
    return 0;
}

int secure_read(struct config *properties, bool https, struct secure *ret, struct error *err)
{
    struct worker_settings settings = {0};
    struct findings findings;
    struct secure s = {0};
    if (!properties)
        return 0;
    findings_init(&findings);
    config_parse(worker_properties, properties, &settings, &findings);
    int code = findings_error(&findings, err);
    findings_release(&findings);
    if (!code && https)
        code = read_tls(&settings, &s, err);
    if (!code && settings.users_file.len) {
        code = http_users_read_file(settings.users_file.ptr, &s.users, err);
        if (code)
            error_context(err, "rest.basic.auth.file");
    }
    if (!code && secure_is_on(&s))
        code = make_local(&s, err);
    if (code)
        secure_release(&s);
    else
        *ret = s;
    return code;
}

void secure_release(struct secure *s)
{
    http_users_free(s->users);
    http_users_free(s->local);
    s->users = s->local = NULL;
}

char *secure_local_url(const struct secure *s, uint16_t port)
{
    return mem_printf("http://" LOCAL_USER ":%s@127.0.0.1:%u", s->local_password, port);
}

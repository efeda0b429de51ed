#include "http/client.h"

#include "base/mem.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>

struct http_client {
    CURL *curl;
    int64_t timeout_ms;
    char *user, *password;
    char *ca_file, *cert_file, *key_file, *cert_type, *key_password;
    bool any_host;
    char *no_proxy;
    char detail[CURL_ERROR_SIZE];
};

struct sink {
    struct buf *body;
    size_t begin;
    bool too_large;
};

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void init_curl(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* Servers on this machine are reached directly, whatever proxy the environment names. */
static char *without_proxy(void)
{
    const char *env = getenv("no_proxy") ? getenv("no_proxy") : getenv("NO_PROXY");
    return mem_printf("%s%slocalhost,127.0.0.1,::1", env ? env : "", env && *env ? "," : "");
}

struct http_client *http_client_new(void)
{
    pthread_once(&curl_once, init_curl);
    struct http_client *c = mem_new(struct http_client);
    c->curl = curl_easy_init();
    if (!c->curl)
        mem_alloc(SIZE_MAX);
    c->timeout_ms = HTTP_CLIENT_TIMEOUT_MS;
    c->no_proxy = without_proxy();
    return c;
}

static void forget_tls(struct http_client *c)
{
    free(c->ca_file);
    free(c->cert_file);
    free(c->key_file);
    free(c->cert_type);
    free(c->key_password);
}

void http_client_free(struct http_client *c)
{
    if (!c)
        return;
    curl_easy_cleanup(c->curl);
    forget_tls(c);
    free(c->user);
    free(c->password);
    free(c->no_proxy);
    free(c);
}

void http_client_set_timeout(struct http_client *c, int64_t ms)
{
    c->timeout_ms = ms;
}

void http_client_set_auth(struct http_client *c, const char *user, const char *password)
{
    free(c->user);
    free(c->password);
    c->user = mem_strdup(user);
    c->password = mem_strdup(password);
}

void http_client_set_tls(struct http_client *c, const struct http_client_tls *tls)
{
    forget_tls(c);
    c->ca_file = mem_strdup(tls->ca_file);
    c->cert_file = mem_strdup(tls->cert_file);
    c->key_file = mem_strdup(tls->key_file);
    c->cert_type = mem_strdup(tls->cert_type);
    c->key_password = mem_strdup(tls->key_password);
    c->any_host = tls->any_host;
}

static size_t on_body(char *data, size_t size, size_t n, void *ctx)
{
    struct sink *sink = ctx;
    if (size * n > HTTP_CLIENT_MAX_BODY - (sink->body->len - sink->begin)) {
        sink->too_large = true;
        return CURL_WRITEFUNC_ERROR;
    }
    buf_add(sink->body, data, size * n);
    return size * n;
}

static enum error_code code_of(CURLcode rc)
{
    switch (rc) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_NOT_BUILT_IN:
        return ERROR_CONFIG;
    case CURLE_OPERATION_TIMEDOUT:
        return ERROR_TIMEOUT;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_LOGIN_DENIED:
        return ERROR_AUTH;
    case CURLE_WRITE_ERROR:
        return ERROR_DATA;
    default:
        return ERROR_CONNECTION;
    }
}

static size_t strcspn_str(struct str s, const char *reject)
{
    size_t n = 0;
    while (n < s.len && !strchr(reject, s.ptr[n]))
        n++;
    return n;
}

bool http_url_split(struct str url, struct http_url *ret)
{
    struct http_url parts = {.is_https = str_starts(url, "https://")};
    if (!parts.is_https && !str_starts(url, "http://"))
        return false;
    size_t scheme = parts.is_https ? strlen("https://") : strlen("http://");
    struct str rest = str_of(url.ptr + scheme, url.len - scheme);
    rest.len = strcspn_str(rest, "/?#");
    for (size_t at = str_find(rest, '@'); at < rest.len; at = str_find(rest, '@'))
        rest = str_of(rest.ptr + at + 1, rest.len - at - 1);
    parts.host = rest.len && rest.ptr[0] == '[' ? str_of(rest.ptr + 1, str_find(rest, ']') - 1)
                                                : str_of(rest.ptr, str_find(rest, ':'));
    const char *end = parts.host.ptr + parts.host.len + (rest.len && rest.ptr[0] == '[');
    struct str port = end < rest.ptr + rest.len ? str_of(end + 1, (size_t)(rest.ptr + rest.len - end - 1)) : STR("");
    uint64_t number = parts.is_https ? 443 : 80;
    if (parts.host.len == 0 || (port.len && (!str_to_uint64(port, &number) || number > UINT16_MAX)))
        return false;
    parts.port = (uint16_t)number;
    *ret = parts;
    return true;
}

/* A URL may carry a password: the text shows it without its user part. */
static char *shown(const char *url)
{
    const char *host = strstr(url, "://");
    if (!host)
        return mem_strdup(url);
    host += 3;
    const char *at = host + strcspn(host, "/?#");
    while (at > host && *at != '@')
        at--;
    return at > host ? mem_printf("%.*s%s", (int)(host - url), url, at + 1) : mem_strdup(url);
}

static int fail(const struct http_client *c, CURLcode rc, const char *method, const char *url, bool too_large,
                struct error *err)
{
    AUTO_FREE
    char *where = shown(url);
    if (too_large)
        return error_set(err, ERROR_DATA, "%s %s: the answer has more than %d bytes", method, where,
                         HTTP_CLIENT_MAX_BODY);
    if (rc == CURLE_OPERATION_TIMEDOUT)
        return error_set(err, ERROR_TIMEOUT, "%s %s: no answer within %lld ms", method, where,
                         (long long)c->timeout_ms);
    return error_set(err, code_of(rc), "%s %s: %s", method, where, c->detail[0] ? c->detail : curl_easy_strerror(rc));
}

static struct curl_slist *headers_for(const char *content_type)
{
    struct curl_slist *headers = curl_slist_append(NULL, "Expect:");
    if (!content_type)
        return curl_slist_append(headers, "Content-Type:");
    AUTO_FREE
    char *line = mem_printf("Content-Type: %s", content_type);
    return curl_slist_append(headers, line);
}

static void set_up_tls(struct http_client *c)
{
    if (c->ca_file)
        curl_easy_setopt(c->curl, CURLOPT_CAINFO, c->ca_file);
    if (c->cert_file)
        curl_easy_setopt(c->curl, CURLOPT_SSLCERT, c->cert_file);
    if (c->cert_type)
        curl_easy_setopt(c->curl, CURLOPT_SSLCERTTYPE, c->cert_type);
    if (c->key_file)
        curl_easy_setopt(c->curl, CURLOPT_SSLKEY, c->key_file);
    if (c->key_password)
        curl_easy_setopt(c->curl, CURLOPT_KEYPASSWD, c->key_password);
    if (c->any_host)
        curl_easy_setopt(c->curl, CURLOPT_SSL_VERIFYHOST, 0L);
}

static void set_up(struct http_client *c, const char *method, const char *url, struct str body)
{
    curl_easy_reset(c->curl);
    curl_easy_setopt(c->curl, CURLOPT_URL, url);
    curl_easy_setopt(c->curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(c->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c->curl, CURLOPT_NOPROXY, c->no_proxy);
    curl_easy_setopt(c->curl, CURLOPT_USERAGENT, "tributary/" TRIBUTARY_VERSION);
    curl_easy_setopt(c->curl, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(c->curl, CURLOPT_ERRORBUFFER, c->detail);
    curl_easy_setopt(c->curl, CURLOPT_TIMEOUT_MS, (long)c->timeout_ms);
    if (c->user) {
        curl_easy_setopt(c->curl, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
        curl_easy_setopt(c->curl, CURLOPT_USERNAME, c->user);
        curl_easy_setopt(c->curl, CURLOPT_PASSWORD, c->password ? c->password : "");
    }
    set_up_tls(c);
    if (strcmp(method, "HEAD") == 0)
        curl_easy_setopt(c->curl, CURLOPT_NOBODY, 1L);
    if (body.ptr) {
        curl_easy_setopt(c->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.len);
        curl_easy_setopt(c->curl, CURLOPT_POSTFIELDS, body.ptr);
    }
    curl_easy_setopt(c->curl, CURLOPT_CUSTOMREQUEST, method);
}

int http_client_do(struct http_client *c, const char *method, const char *url, const char *content_type,
                   struct str body, int *ret_status, struct buf *ret_body, struct error *err)
{
    struct sink sink = {.body = ret_body, .begin = ret_body->len};
    struct curl_slist *headers = headers_for(content_type);
    set_up(c, method, url, body);
    curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, &sink);
    c->detail[0] = '\0';
    CURLcode rc = curl_easy_perform(c->curl);
    curl_slist_free_all(headers);
    if (rc != CURLE_OK) {
        ret_body->len = sink.begin;
        return fail(c, rc, method, url, sink.too_large, err);
    }
    long status = 0;
    curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
    *ret_status = (int)status;
    return 0;
}

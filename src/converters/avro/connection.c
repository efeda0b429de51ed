/* Which registry a converter uses. */
#include "base/mem.h"
#include "converters/avro/settings.h"
#include "registry/remote.h"

/* Text of the configuration as C strings, for as long as the registry is opened. */
static const char *text_of(struct arena *arena, struct str s)
{
    return s.len ? arena_str(arena, s).ptr : NULL;
}

static bool is_own(const struct avro_converter_config *settings, const struct registry *own)
{
    for (size_t i = 0; i < settings->registry_url.len; i++)
        if (settings->registry_url.items[i].len && (!own || !registry_is_at(own, settings->registry_url.items[i])))
            return false;
    return true;
}

static int set_auth(const struct avro_converter_config *settings, struct arena *arena,
                    struct registry_remote_options *options, struct error *err)
{
    if (settings->auth_source != AUTH_USER_INFO)
        return 0;
    struct str password, user = str_split(settings->auth_user, ':', &password);
    if (!user.len || !password.ptr)
        return error_set(
            err, ERROR_CONFIG,
            "basic.auth.user.info: name:password is wanted, as basic.auth.credentials.source is USER_INFO");
    options->user = arena_str(arena, user).ptr;
    options->password = arena_str(arena, password).ptr;
    return 0;
}

static int open_remote(const struct avro_converter_config *settings, struct arena *arena, struct registry **ret,
                       struct error *err)
{
    struct registry_remote_options options = {
        .urls = settings->registry_url.items,
        .n_urls = settings->registry_url.len,
        .tls = {.ca_file = text_of(arena, settings->trust_file),
                .cert_file = text_of(arena, settings->key_file),
                .cert_type = settings->key_type == KEY_PKCS12 ? "P12" : NULL,
                .key_password = text_of(arena, settings->key_password),
                .any_host = settings->host_check.len == 0},
        .timeout_ms = settings->timeout_ms,
        .max_retries = settings->max_retries,
        .retry_wait_ms = settings->wait_ms,
        .retry_max_wait_ms = settings->max_wait_ms,
    };
    int rc = set_auth(settings, arena, &options, err);
    return rc ? rc : registry_open_remote(&options, ret, err);
}

int avro_converter_registry(const struct avro_converter_config *settings, struct registry *own, struct registry **ret,
                            bool *ret_opened, struct error *err)
{
    if (is_own(settings, own)) {
        if (!own)
            return error_set(err, ERROR_CONFIG,
                             "AvroConverter needs a schema registry, and there is none here: set schema.registry.url");
        *ret = own;
        *ret_opened = false;
        return 0;
    }
    struct arena arena = {.chunk_size = 1024};
    int rc = open_remote(settings, &arena, ret, err);
    arena_free(&arena);
    if (rc == 0)
        *ret_opened = true;
    return rc;
}

#include "cli/listen_at.h"

#include "worker/settings.h"
#include "worker/worker.h"

static int bad(struct str listener, struct error *err)
{
    return error_set(err, ERROR_CONFIG,
                     "listeners=" STR_FMT " is not an address; write http://HOST:PORT or https://HOST:PORT",
                     STR_ARG(listener));
}

/* "[::1]:8083", "127.0.0.1:8083", ":8083", "localhost" */
static bool split_port(struct str text, struct str *ret_host, struct str *ret_port)
{
    bool bracket = text.len && *text.ptr == '[';
    size_t end = bracket ? str_find(text, ']') : str_find(text, ':');
    if (bracket && end == text.len)
        return false;
    *ret_host = bracket ? str_of(text.ptr + 1, end - 1) : str_of(text.ptr, end);
    struct str rest = str_of(text.ptr + end + bracket, text.len - end - bracket);
    *ret_port = rest.len ? str_of(rest.ptr + 1, rest.len - 1) : STR_NULL;
    return !rest.len || *rest.ptr == ':';
}

int listen_at_parse(struct str listeners, struct arena *arena, struct str *ret_host, int64_t *ret_port, bool *ret_https,
                    struct error *err)
{
    struct str rest, listener = str_trim(str_split(listeners, ',', &rest)), host, port_text;
    size_t colon = str_find(listener, ':');
    bool https = str_is_nocase(str_of(listener.ptr, colon), "https");
    int64_t port = LISTEN_NOT_GIVEN;
    struct str place = colon < listener.len ? str_of(listener.ptr + colon + 1, listener.len - colon - 1) : STR("");
    if ((!https && !str_is_nocase(str_of(listener.ptr, colon), "http")) || !str_starts(place, "//"))
        return bad(listener, err);
    place = str_of(place.ptr + 2, place.len - 2);
    if (place.len && place.ptr[place.len - 1] == '/')
        place.len--;
    if (!split_port(place, &host, &port_text))
        return bad(listener, err);
    if (port_text.ptr && (!str_to_int64(port_text, &port) || port < 0 || port > 65535))
        return bad(listener, err);
    *ret_host = host.len ? arena_str(arena, host) : STR("0.0.0.0");
    *ret_port = port;
    *ret_https = https;
    return 0;
}

int listen_at_rest(struct config *properties, const char **address, int64_t *port, bool *ret_https, struct error *err)
{
    bool https = false;
    struct worker_settings settings = {0};
    struct str host = STR_NULL;
    int64_t given = LISTEN_NOT_GIVEN;
    int code = 0;
    if (properties) {
        struct findings findings; /* told by worker_start */
        findings_init(&findings);
        config_parse(worker_properties, properties, &settings, &findings);
        findings_release(&findings);
        host = settings.rest_host;
        if (config_has(properties, STR("rest.port")))
            given = settings.rest_port;
        if (settings.listeners.len)
            code = listen_at_parse(settings.listeners, &properties->arena, &host, &given, &https, err);
    }
    if (code)
        return code;
    *ret_https = https;
    if (!*address)
        *address = host.len ? host.ptr : "127.0.0.1";
    if (*port == LISTEN_NOT_GIVEN)
        *port = given == LISTEN_NOT_GIVEN ? LISTEN_REST_PORT : given;
    return 0;
}

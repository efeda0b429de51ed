#include "cli/listen_at.h"

#include "worker/settings.h"
#include "worker/worker.h"

static int bad(struct str listener, struct error *err)
{
    return error_set(err, ERROR_CONFIG, "listeners=" STR_FMT " is not an address; write http://HOST:PORT",
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

int listen_at_parse(struct str listeners, struct arena *arena, struct str *ret_host, int64_t *ret_port,
                    struct error *err)
{
    struct str rest, listener = str_trim(str_split(listeners, ',', &rest)), host, port_text;
    struct str scheme = str_of(listener.ptr, listener.len < 7 ? listener.len : 7);
    int64_t port = LISTEN_NOT_GIVEN;
    if (str_starts(listener, "https://") || str_starts(listener, "HTTPS://"))
        return error_set(err, ERROR_CONFIG,
                         "listeners=" STR_FMT ": HTTPS is not served; listen at http://127.0.0.1:PORT behind a proxy "
                         "that does",
                         STR_ARG(listener));
    if (!str_is_nocase(scheme, "http://"))
        return bad(listener, err);
    struct str place = str_of(listener.ptr + 7, listener.len - 7);
    if (place.len && place.ptr[place.len - 1] == '/')
        place.len--;
    if (!split_port(place, &host, &port_text))
        return bad(listener, err);
    if (port_text.ptr && (!str_to_int64(port_text, &port) || port < 0 || port > 65535))
        return bad(listener, err);
    *ret_host = host.len ? arena_str(arena, host) : STR("0.0.0.0");
    *ret_port = port;
    return 0;
}

int listen_at_rest(struct config *properties, const char **address, int64_t *port, struct error *err)
{
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
            code = listen_at_parse(settings.listeners, &properties->arena, &host, &given, err);
    }
    if (code)
        return code;
    if (!*address)
        *address = host.len ? host.ptr : "127.0.0.1";
    if (*port == LISTEN_NOT_GIVEN)
        *port = given == LISTEN_NOT_GIVEN ? LISTEN_REST_PORT : given;
    return 0;
}

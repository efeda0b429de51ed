#include "http/client.h"
#include "http/routes.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct http_route routes[] = {{"GET", "/a/{b}/c/{d}", NULL, ""}, {NULL, NULL, NULL, NULL}};
static const struct http_mount mounts[] = {{routes, NULL}, {NULL, NULL}};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct http_path path;
    struct http_match match;
    struct buf out = {0};
    if (http_path_init(&path, str_of(data, size), NULL) == 0) {
        http_routes_match(mounts, &path, "HEAD", &match);
        http_routes_allow(mounts, &path, &out);
    }
    http_path_release(&path);
    http_json_string(&out, str_of(data, size));
    struct http_url url;
    if (http_url_split(str_of(data, size), &url) && url.host.len == 0)
        __builtin_trap();
    struct http_users *users;
    if (http_users_read(str_of(data, size), &users, NULL) == 0) {
        http_users_admit(users, str_of(data, size));
        http_users_free(users);
    }
    buf_free(&out);
    return 0;
}

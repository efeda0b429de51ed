#include "http/users.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/vec.h"
#include "wire/json.h"

#include <errno.h>
#include <stdio.h>

enum { MAX_FILE = 1 << 20, MAX_HEADER = 8192 };

struct user {
    struct str name, password;
};

struct http_users {
    struct arena memory;
    VEC(struct user) list;
};

/* ---- reading ---- */

static int add_line(struct http_users *users, struct str line, int number, struct error *err)
{
    line = str_trim(line);
    if (line.len == 0 || line.ptr[0] == '#' || line.ptr[0] == '!')
        return 0;
    size_t equals = str_find(line, '='), colon = str_find(line, ':');
    size_t at = equals < colon ? equals : colon;
    struct str name = str_trim(str_of(line.ptr, at)), roles;
    struct str password = at < line.len ? str_trim(str_of(line.ptr + at + 1, line.len - at - 1)) : STR("");
    if (at == colon && colon < line.len)
        password = str_trim(str_split(password, ',', &roles));
    if (name.len == 0 || password.len == 0)
        return error_set(err, ERROR_CONFIG, "line %d is not name=password", number);
    *vec_push(&users->list) = (struct user){arena_str(&users->memory, name), arena_str(&users->memory, password)};
    return 0;
}

int http_users_read(struct str text, struct http_users **ret, struct error *err)
{
    struct http_users *users = mem_new(struct http_users);
    int rc = 0, number = 0;
    users->memory.chunk_size = 1024;
    for (struct str rest = text; rest.ptr && rc == 0;)
        rc = add_line(users, str_split(rest, '\n', &rest), ++number, err);
    if (rc == 0 && users->list.len == 0)
        rc = error_set(err, ERROR_CONFIG, "there is no user; a line is name=password");
    if (rc != 0) {
        http_users_free(users);
        return rc;
    }
    *ret = users;
    return 0;
}

static int read_file(const char *path, struct buf *out, struct error *err)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return error_set(err, ERROR_CONFIG, "%s", strerror(errno));
    size_t n;
    do {
        n = fread(buf_reserve(out, 4096), 1, 4096, file);
        out->len += n;
    } while (n > 0 && out->len <= MAX_FILE);
    bool failed = ferror(file);
    fclose(file);
    if (failed)
        return error_set(err, ERROR_IO, "cannot be read");
    return out->len <= MAX_FILE ? 0 : error_set(err, ERROR_CONFIG, "longer than %d bytes", MAX_FILE);
}

int http_users_read_file(const char *path, struct http_users **ret, struct error *err)
{
    AUTO_BUF text = {0};
    int rc = read_file(path, &text, err);
    if (rc == 0)
        rc = http_users_read(buf_str(&text), ret, err);
    return rc ? error_context(err, "users in %s", path) : 0;
}

void http_users_free(struct http_users *users)
{
    if (!users)
        return;
    vec_free(&users->list);
    arena_free(&users->memory);
    free(users);
}

/* ---- admitting ---- */

/* Looks at every byte of `given`, whatever differs. */
static bool is_same(struct str given, struct str wanted)
{
    unsigned difference = given.len != wanted.len;
    for (size_t i = 0; i < given.len; i++)
        difference |= (unsigned char)given.ptr[i] ^ (unsigned char)(wanted.len ? wanted.ptr[i % wanted.len] : 0);
    return difference == 0;
}

bool http_users_admit(const struct http_users *users, struct str authorization)
{
    struct str encoded, decoded, scheme = str_split(authorization, ' ', &encoded);
    if (!encoded.ptr || authorization.len > MAX_HEADER || !str_is_nocase(scheme, "Basic"))
        return false;
    struct arena arena = {.chunk_size = 1024};
    bool admitted = false;
    if (json_read_base64(str_trim(encoded), &arena, &decoded)) {
        struct str password, name = str_split(decoded, ':', &password);
        vec_each (&users->list, user) {
            bool same = is_same(password.ptr ? password : STR(""), user->password);
            admitted |= same & (password.ptr && str_equal(name, user->name));
        }
    }
    arena_free(&arena);
    return admitted;
}

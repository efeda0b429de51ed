#include "cli/run_file.h"

#include "base/buf.h"
#include "base/mem.h"
#include "http/text.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RUN_FILE_MAX = 4096 };

struct run_file {
    int fd;
    char *path;
};

static char *path_in(const char *dir)
{
    return mem_printf("%s/tributary.run", dir);
}

/* The file that holds the lock must be the one that the path names, not one that was removed meanwhile. */
static bool still_named(int fd, const char *path)
{
    struct stat held, named;
    return fstat(fd, &held) == 0 && stat(path, &named) == 0 && held.st_ino == named.st_ino &&
           held.st_dev == named.st_dev;
}

static int lock_new(const char *path, int *ret_fd, struct error *err)
{
    for (int attempt = 0; attempt < 16; attempt++) {
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        if (fd < 0)
            return error_set(err, error_from_errno(errno), "cannot write %s: %s", path, strerror(errno));
        struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
        if (fcntl(fd, F_OFD_SETLK, &whole)) {
            int errnum = errno;
            close(fd);
            return errnum == EAGAIN || errnum == EACCES
                       ? error_set(err, ERROR_LOCKED, "%s is held by another tributary", path)
                       : error_set(err, ERROR_IO, "cannot lock %s: %s", path, strerror(errnum));
        }
        if (still_named(fd, path)) {
            *ret_fd = fd;
            return 0;
        }
        close(fd);
    }
    return error_set(err, ERROR_IO, "%s is being replaced all the time", path);
}

int run_file_write(const char *dir, const char *rest, const char *registry, struct run_file **ret, struct error *err)
{
    AUTO_FREE char *path = path_in(dir);
    AUTO_BUF text = {0};
    int fd = -1, code = lock_new(path, &fd, err);
    if (code)
        return code;
    buf_printf(&text, "{\"pid\":%lld,\"rest\":", (long long)getpid());
    http_json_string(&text, str_from(rest));
    buf_add_literal(&text, ",\"registry\":");
    http_json_string(&text, str_from(registry));
    buf_add_literal(&text, ",\"version\":\"" TRIBUTARY_VERSION "\"}\n");
    bool secret = strchr(rest, '@') || strchr(registry, '@'); /* a password, of cli/secure.h */
    if (ftruncate(fd, 0) || fchmod(fd, secret ? 0600 : 0644) ||
        pwrite(fd, text.data, text.len, 0) != (ssize_t)text.len) {
        code = error_set(err, error_from_errno(errno), "cannot write %s: %s", path, strerror(errno));
        close(fd);
        return code;
    }
    struct run_file *f = mem_new(struct run_file);
    *f = (struct run_file){.fd = fd, .path = mem_strdup(path)};
    *ret = f;
    return 0;
}

void run_file_remove(struct run_file *f)
{
    if (!f)
        return;
    unlink(f->path);
    close(f->fd);
    free(f->path);
    free(f);
}

static bool parse(struct str text, struct arena *arena, struct running *ret)
{
    json_t *root = json_loadb(text.ptr, text.len, 0, NULL);
    const char *rest = json_string_value(json_object_get(root, "rest"));
    const char *registry = json_string_value(json_object_get(root, "registry"));
    if (rest && registry)
        *ret = (struct running){.pid = json_integer_value(json_object_get(root, "pid")),
                                .rest = arena_cstr(arena, rest),
                                .registry = arena_cstr(arena, registry)};
    json_decref(root);
    return rest && registry;
}

bool run_file_find(const char *dir, struct arena *arena, struct running *ret)
{
    AUTO_FREE char *path = path_in(dir);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    char text[RUN_FILE_MAX];
    struct flock whole = {.l_type = F_RDLCK, .l_whence = SEEK_SET}; /* looks, and takes nothing */
    bool held = fcntl(fd, F_OFD_GETLK, &whole) == 0 && whole.l_type != F_UNLCK;
    ssize_t n = held ? pread(fd, text, sizeof text, 0) : 0;
    close(fd);
    return n > 0 && parse(str_of(text, (size_t)n), arena, ret);
}

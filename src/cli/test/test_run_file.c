// link: plugins
/* tributary.run: found while its process lives, never afterwards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/run_file.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

struct fixture {
    char dir[64], path[96];
    struct arena arena;
};

static int setup(void **state)
{
    struct fixture *f = mem_new(struct fixture);
    snprintf(f->dir, sizeof f->dir, "%s/run-file-XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
    assert_non_null(mkdtemp(f->dir));
    snprintf(f->path, sizeof f->path, "%s/tributary.run", f->dir);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    unlink(f->path);
    rmdir(f->dir);
    arena_free(&f->arena);
    free(f);
    return 0;
}

static void test_write_find_remove(void **state)
{
    struct fixture *f = *state;
    struct running running;
    struct run_file *file, *second;
    struct error err;
    assert_false(run_file_find(f->dir, &f->arena, &running));
    assert_int_equal(run_file_write(f->dir, "http://127.0.0.1:1", "http://[::1]:2", &file, &err), 0);
    assert_true(run_file_find(f->dir, &f->arena, &running));
    assert_string_equal(running.rest.ptr, "http://127.0.0.1:1");
    assert_string_equal(running.registry.ptr, "http://[::1]:2");
    assert_int_equal(running.pid, getpid());
    assert_int_equal(run_file_write(f->dir, "a", "b", &second, &err), ERROR_LOCKED);
    assert_true(run_file_find(f->dir, &f->arena, &running));
    run_file_remove(file);
    assert_int_not_equal(access(f->path, F_OK), 0);
    assert_false(run_file_find(f->dir, &f->arena, &running));
    run_file_remove(NULL);
}

static void test_a_file_left_behind_is_stale(void **state)
{
    struct fixture *f = *state;
    struct running running;
    pid_t pid = fork();
    if (pid == 0) {
        struct run_file *file;
        _exit(run_file_write(f->dir, "http://a", "http://b", &file, NULL) ? 1 : 0); /* as if killed: no removal */
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_int_equal(access(f->path, F_OK), 0);
    assert_false(run_file_find(f->dir, &f->arena, &running));
    struct run_file *file;
    assert_int_equal(run_file_write(f->dir, "http://c", "http://d", &file, NULL), 0);
    assert_true(run_file_find(f->dir, &f->arena, &running));
    assert_string_equal(running.rest.ptr, "http://c");
    run_file_remove(file);
}

static void test_errors(void **state)
{
    struct fixture *f = *state;
    struct run_file *file;
    struct error err;
    rmdir(f->dir);
    assert_int_not_equal(run_file_write(f->dir, "a", "b", &file, &err), 0);
    assert_non_null(strstr(err.text, "cannot write"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_write_find_remove, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_file_left_behind_is_stale, setup, teardown),
        cmocka_unit_test_setup_teardown(test_errors, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

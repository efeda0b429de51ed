/*
 * DIR/tributary.run: where the `tributary up` that has the data directory answers, so that other commands find it.
 *
 *     {"pid":4711,"rest":"http://127.0.0.1:8083","registry":"http://127.0.0.1:8081","version":"0.1.0"}
 *
 * The process holds a lock (fcntl, F_OFD_SETLK) on the file as long as it lives, so a file that was left behind is told
 * by its lock being free, whoever has that pid now.
 */
#ifndef CLI_RUN_FILE_H
#define CLI_RUN_FILE_H

#include "base/arena.h"
#include "base/error.h"

struct run_file;

/* Called when both servers answer. ERROR_LOCKED: another process holds the file. URLs with a password in them are for
 * this user only (mode 0600). */
int run_file_write(const char *dir, const char *rest, const char *registry, struct run_file **ret, struct error *err);
void run_file_remove(struct run_file *f); /* removes the file; NULL is fine */

struct running {
    int64_t pid;
    struct str rest, registry; /* URLs without a final slash, in the arena */
};

/* True when a process runs on the directory and is ready. */
bool run_file_find(const char *dir, struct arena *arena, struct running *ret);

#endif

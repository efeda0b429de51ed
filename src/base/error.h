/*
 * Errors: a code that decides what happens next, and a text for the person who reads it.
 *
 * A function that can fail returns 0 or an `enum error_code`, and fills the caller's `struct error`
 * (which may be NULL). Its other outputs (`ret_x`) are untouched on failure. Library rooms neither
 * log nor exit: only the runtime (worker, cli) logs, retries and gives up.
 *
 * A text says what failed, where, and what to do about it, in one line, without a final full stop:
 *     table "public.orders": column "seq" does not exist; set incrementing.column.name to one of: id, n
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdarg.h>
#include <stdbool.h>

/*      code          REST  retriable  meaning                                                    */
#define ERROR_CODES(X)                                                                                                 \
    X(NONE, 200, false, "no error")                                                                                    \
    X(CONFIG, 400, false, "a setting is wrong")                                                                        \
    X(REQUEST, 400, false, "a request is malformed")                                                                   \
    X(NOT_FOUND, 404, false, "the named thing does not exist")                                                         \
    X(CONFLICT, 409, false, "the named thing exists already, or is busy")                                              \
    X(INVALID_SCHEMA, 422, false, "a schema is not valid or not representable")                                        \
    X(DATA, 500, false, "bytes or values that cannot be understood or represented")                                    \
    X(UNSUPPORTED, 501, false, "understood, and not available here")                                                   \
    X(AUTH, 500, false, "refused: credentials or rights")                                                              \
    X(CONNECTION, 500, true, "a peer cannot be reached or went away")                                                  \
    X(IO, 500, true, "reading or writing failed")                                                                      \
    X(NO_SPACE, 500, true, "the disk is full")                                                                         \
    X(LOCKED, 409, false, "another process holds the directory")                                                       \
    X(CORRUPT, 500, false, "stored data is damaged")                                                                   \
    X(TIMEOUT, 500, true, "took longer than its limit")                                                                \
    X(STOPPED, 503, false, "asked to stop before it was done")                                                         \
    X(INTERNAL, 500, false, "a defect of this program")

enum error_code {
#define X(code, rest, retriable, meaning) ERROR_##code,
    ERROR_CODES(X)
#undef X
};

enum { ERROR_TEXT_SIZE = 1024 };

struct error {
    enum error_code code;
    char text[ERROR_TEXT_SIZE];
};

/* Fills *err if it is not NULL (texts longer than ERROR_TEXT_SIZE are cut) and returns `code`. */
int error_set(struct error *err, enum error_code code, const char *format, ...) __attribute__((format(printf, 3, 4)));
int error_setv(struct error *err, enum error_code code, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

/* Puts context in front of the text: "CONTEXT: text". Returns err's code. */
int error_context(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ERROR_NO_SPACE for ENOSPC and EDQUOT, ERROR_LOCKED for EWOULDBLOCK..., else ERROR_IO. */
enum error_code error_from_errno(int errnum);

bool error_is_retriable(enum error_code code);
int error_rest_status(enum error_code code);
const char *error_name(enum error_code code);    /* "NO_SPACE" */
const char *error_meaning(enum error_code code); /* "the disk is full" */

#endif

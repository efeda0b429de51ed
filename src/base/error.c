#include "base/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name, *meaning;
    int rest;
    bool retriable;
} codes[] = {
#define X(code, rest, retriable, meaning) {#code, meaning, rest, retriable},
    ERROR_CODES(X)
#undef X
};

enum { N_CODES = sizeof codes / sizeof *codes };

int error_setv(struct error *err, enum error_code code, const char *format, va_list args)
{
    if (err) {
        /* The arguments may point into err->text itself. */
        char text[ERROR_TEXT_SIZE];
        vsnprintf(text, sizeof text, format, args);
        memcpy(err->text, text, strlen(text) + 1);
        err->code = code;
    }
    return (int)code;
}

int error_set(struct error *err, enum error_code code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    error_setv(err, code, format, args);
    va_end(args);
    return (int)code;
}

int error_context(struct error *err, const char *format, ...)
{
    if (!err)
        return ERROR_INTERNAL;
    struct error inner = *err;
    va_list args;
    va_start(args, format);
    error_setv(err, inner.code, format, args);
    va_end(args);
    size_t n = strlen(err->text);
    const char *parts[] = {": ", inner.text};
    for (size_t i = 0; i < 2; i++) {
        size_t len = strnlen(parts[i], sizeof err->text - 1 - n);
        memcpy(err->text + n, parts[i], len);
        n += len;
    }
    err->text[n] = '\0';
    return (int)err->code;
}

enum error_code error_from_errno(int errnum)
{
    switch (errnum) {
    case ENOSPC:
    case EDQUOT:
        return ERROR_NO_SPACE;
    case EWOULDBLOCK:
        return ERROR_LOCKED;
    default:
        return ERROR_IO;
    }
}

bool error_is_retriable(enum error_code code)
{
    return (unsigned)code < N_CODES && codes[code].retriable;
}

int error_rest_status(enum error_code code)
{
    return (unsigned)code < N_CODES ? codes[code].rest : 500;
}

const char *error_name(enum error_code code)
{
    return (unsigned)code < N_CODES ? codes[code].name : "UNKNOWN";
}

const char *error_meaning(enum error_code code)
{
    return (unsigned)code < N_CODES ? codes[code].meaning : "an unknown error";
}

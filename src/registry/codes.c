#include "registry/codes.h"

static const struct {
    int number;
    enum error_code error;
    const char *format;
} codes[] = {{0, ERROR_NONE, ""},
#define X(name, code_number, code, text) {code_number, ERROR_##code, text},
             REGISTRY_CODES(X)
#undef X
};

enum registry_code registry_fail(struct error *err, enum registry_code code, ...)
{
    va_list args;
    va_start(args, code);
    error_setv(err, codes[code].error, codes[code].format, args);
    va_end(args);
    return code;
}

int registry_code_number(enum registry_code code)
{
    return codes[code].number;
}

enum error_code registry_code_error(enum registry_code code)
{
    return codes[code].error;
}

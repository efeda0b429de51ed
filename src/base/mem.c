#include "base/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *or_die(void *p, size_t size)
{
    if (p || size == 0)
        return p;
    char line[96];
    int n = snprintf(line, sizeof line, "tributary: out of memory (an allocation of %zu bytes failed)\n", size);
    ssize_t ignored = write(STDERR_FILENO, line, (size_t)n);
    (void)ignored;
    _exit(70);
}

void *mem_alloc(size_t size)
{
    if (size == 0)
        size = 1;
    return or_die(malloc(size), size);
}

void *mem_zalloc(size_t size)
{
    if (size == 0)
        size = 1;
    return or_die(calloc(1, size), size);
}

void *mem_realloc(void *ptr, size_t size)
{
    if (size == 0)
        size = 1;
    return or_die(realloc(ptr, size), size);
}

void *mem_grow(void *ptr, size_t *cap, size_t need, size_t item_size)
{
    enum { FIRST = 8 };
    if (need <= *cap)
        return ptr;
    size_t n = *cap < FIRST / 2 ? FIRST : *cap;
    while (n < need) {
        if (n > SIZE_MAX / 2)
            or_die(NULL, SIZE_MAX);
        n *= 2;
    }
    size_t size;
    if (__builtin_mul_overflow(n, item_size, &size))
        or_die(NULL, SIZE_MAX);
    ptr = mem_realloc(ptr, size);
    *cap = n;
    return ptr;
}

void *mem_dup(const void *ptr, size_t size)
{
    void *copy = mem_alloc(size);
    if (size)
        memcpy(copy, ptr, size);
    return copy;
}

char *mem_strdup(const char *s)
{
    return s ? mem_dup(s, strlen(s) + 1) : NULL;
}

char *mem_strndup(const char *s, size_t len)
{
    char *copy = mem_alloc(len + 1);
    if (len)
        memcpy(copy, s, len);
    copy[len] = '\0';
    return copy;
}

char *mem_printf(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = NULL;
    int n = vasprintf(&text, format, args);
    va_end(args);
    return n < 0 ? or_die(NULL, strlen(format)) : text;
}

void mem_free_ptr(void *ptr_to_ptr)
{
    free(*(void **)ptr_to_ptr);
}

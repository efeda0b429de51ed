/*
 * Allocation. Running out of memory ends the process with one line on stderr: everything that matters
 * is in committed transactions, so a restart continues where the last one stood.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

void *mem_alloc(size_t size);                                          /* uninitialised; never NULL */
void *mem_zalloc(size_t size);                                         /* zeroed; never NULL */
void *mem_realloc(void *ptr, size_t size);                             /* never NULL */
void *mem_grow(void *ptr, size_t *cap, size_t need, size_t item_size); /* doubles *cap until >= need */
void *mem_dup(const void *ptr, size_t size);
char *mem_strdup(const char *s);              /* NULL gives NULL */
char *mem_strndup(const char *s, size_t len); /* NUL-terminated copy */
char *mem_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define mem_new(type)          ((type *)mem_zalloc(sizeof(type)))
#define mem_new_array(type, n) ((type *)mem_zalloc(sizeof(type) * (n)))

/* For __attribute__((cleanup)): frees what the pointer points to. */
void mem_free_ptr(void *ptr_to_ptr);
#define AUTO_FREE __attribute__((cleanup(mem_free_ptr)))

#endif

/*
 * Confluent's error codes and texts, declared once. A code's HTTP status is its first three digits;
 * codes of three digits are plain statuses, as Confluent has them for what is wrong with a request as such.
 * https://docs.confluent.io/platform/current/schema-registry/develop/api.html#errors
 */
#ifndef REGISTRY_CODES_H
#define REGISTRY_CODES_H

#include "base/error.h"

/* clang-format off */
#define REGISTRY_CODES(X)                                                                                              \
    X(BAD_JSON, 400, REQUEST, "the body is not JSON: %s")                                                            \
    X(PATH_NOT_FOUND, 404, NOT_FOUND, "HTTP 404 Not Found")                                                          \
    X(SUBJECT_NOT_FOUND, 40401, NOT_FOUND, "Subject '%s' not found.")                                                  \
    X(VERSION_NOT_FOUND, 40402, NOT_FOUND, "Version %d not found.")                                                    \
    X(SCHEMA_NOT_FOUND, 40403, NOT_FOUND, "Schema not found")                                                          \
    X(ID_NOT_FOUND, 40403, NOT_FOUND, "Schema %d not found")                                                           \
    X(SUBJECT_SOFT_DELETED, 40404, NOT_FOUND, "Subject '%s' was soft deleted.Set permanent=true to delete permanently")\
    X(SUBJECT_NOT_SOFT_DELETED, 40405, NOT_FOUND,                                                                      \
      "Subject '%s' was not deleted first before being permanently deleted")                                           \
    X(VERSION_SOFT_DELETED, 40406, NOT_FOUND,                                                                          \
      "Subject '%s' Version %d was soft deleted.Set permanent=true to delete permanently")                             \
    X(VERSION_NOT_SOFT_DELETED, 40407, NOT_FOUND,                                                                      \
      "Subject '%s' Version %d was not deleted first before being permanently deleted")                                \
    X(NO_SUBJECT_CONFIG, 40408, NOT_FOUND, "Subject '%s' does not have subject-level compatibility configured")        \
    X(NO_SUBJECT_MODE, 40409, NOT_FOUND, "Subject '%s' does not have subject-level mode configured")                   \
    X(INCOMPATIBLE, 40901, CONFLICT, "%s")                                                                           \
    X(BAD_REQUEST, 422, REQUEST, "%s")                                                                               \
    X(BAD_SCHEMA, 42201, INVALID_SCHEMA, "%s")                                                                         \
    X(BAD_VERSION, 42202, REQUEST,                                                                                     \
      "The specified version '%s' is not a valid version id. Allowed values are between [1, 2^31-1] and the string "   \
      "\"latest\"")                                                                                                    \
    X(BAD_COMPATIBILITY, 42203, REQUEST,                                                                               \
      "Invalid compatibility level. Valid values are none, backward, forward, full, backward_transitive, "             \
      "forward_transitive, and full_transitive")                                                                       \
    X(BAD_MODE, 42204, REQUEST, "Invalid mode. Valid values are READWRITE, READONLY, IMPORT and FORWARD.")             \
    X(NOT_PERMITTED, 42205, REQUEST, "%s")                                                                             \
    X(REFERENCE_EXISTS, 42206, REQUEST,                                                                                \
      "One or more references exist to the schema {magic=1,keytype=SCHEMA,subject=%s,version=%d}.")                    \
    X(BAD_SUBJECT, 42208, REQUEST, "The specified subject '%s' is not a valid.")                                       \
    X(STORE_FAILED, 50001, IO, "%s")                                                                                   \
    X(NOT_HERE, 50101, UNSUPPORTED, "%s")
/* clang-format on */

#define REGISTRY_INCOMPATIBLE_TEXT                                                                                     \
    "Schema being registered is incompatible with an earlier schema for subject \"%.*s\", details: "

enum registry_code {
    REGISTRY_OK,
#define X(name, number, code, format) REGISTRY_##name,
    REGISTRY_CODES(X)
#undef X
};

/* Fills *err with the code's text, made with the arguments that its format wants; returns `code`. */
enum registry_code registry_fail(struct error *err, enum registry_code code, ...);

int registry_code_number(enum registry_code code);            /* 40401 */
enum error_code registry_code_error(enum registry_code code); /* ERROR_NOT_FOUND */

#endif

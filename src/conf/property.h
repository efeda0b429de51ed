/*
 * One row per property, and what is read by the rows: parsing, unknown names, the check of the rows themselves.
 * Types and their texts are those of Kafka's ConfigDef.
 */
#ifndef CONF_PROPERTY_H
#define CONF_PROPERTY_H

#include "conf/config.h"
#include "conf/findings.h"

#include <stddef.h>
#include <stdint.h>

struct str_list {
    struct str *items;
    size_t len;
};

/* Kafka's ConfigDef.Type. Text is trimmed in all of them. */
enum property_type {
    PROPERTY_TYPE_STRING,   /* struct str; STR_NULL without a value */
    PROPERTY_TYPE_PASSWORD, /* struct str; never shown */
    PROPERTY_TYPE_CLASS,    /* struct str: Java class name or short name */
    PROPERTY_TYPE_LIST,     /* struct str_list: comma separated, trimmed; the empty text is the empty list */
    PROPERTY_TYPE_BOOLEAN,  /* bool: true or false in any case */
    PROPERTY_TYPE_INT,      /* int32_t */
    PROPERTY_TYPE_LONG,     /* int64_t */
    PROPERTY_TYPE_DOUBLE,   /* double */
    PROPERTY_TYPE_ENUM,     /* int: index into `choices`, 0 without a value; a STRING to Kafka Connect */
};

enum property_importance { IMPORTANCE_HIGH, IMPORTANCE_MEDIUM, IMPORTANCE_LOW };

enum property_flags {
    PROPERTY_REQUIRED = 1,   /* no default, and an error without a value */
    PROPERTY_SECRET = 2,     /* masked wherever it would be shown (PASSWORD is secret by itself) */
    PROPERTY_DEPRECATED = 4, /* a warning names the replacement given in `doc` */
    PROPERTY_INTERNAL = 8,   /* parsed, and left out of the reference */
    PROPERTY_CASE = 16,      /* ENUM choices are compared with case (they are not, by default) */
    PROPERTY_ACCEPTED = 32,  /* taken for compatibility and without effect here; `doc` says why */
};

struct property {
    const char *name;
    enum property_type type;
    size_t offset;              /* into the plug-in's config struct */
    const char *fallback;       /* default, as text; NULL: none (Java's null) */
    const char *const *choices; /* ENUM: NULL-terminated, the index is what is stored */
    const char *const *aliases; /* NULL-terminated further names of the same property */
    /* INT and LONG. `max` 0: no upper limit; both 0: no limits at all ("not negative" is .max = INT64_MAX). */
    int64_t min, max;
    enum property_importance importance;
    const char *group;   /* heading in the reference and in validate's `groups` */
    const char *display; /* short human name; NULL: the name */
    const char *doc;     /* required: full sentences, Markdown */
    const char *example; /* for the reference and for errors; may be NULL */
    unsigned flags;      /* enum property_flags */
    /* A further check of one value, beyond type and limits; may be NULL. Not asked about an absent value. */
    int (*check)(const struct property *p, struct str value, struct error *err);
};

/* The typed offset: the compiler checks that the member has the type that the row says. */
#define PROPERTY_MEMBER(config, member, ctype)                                                                         \
    (offsetof(config, member) +                                                                                        \
     0 * sizeof(char[__builtin_types_compatible_p(__typeof__(((config *)0)->member), ctype) ? 1 : -1]))
#define PROPERTY_ROW(prop_name, config, member, ctype, kind, ...)                                                      \
    {                                                                                                                  \
        .name = (prop_name), .type = (kind), .offset = PROPERTY_MEMBER(config, member, ctype), __VA_ARGS__             \
    }

#define PROPERTY_STRING(name, config, member, ...)                                                                     \
    PROPERTY_ROW(name, config, member, struct str, PROPERTY_TYPE_STRING, __VA_ARGS__)
#define PROPERTY_PASSWORD(name, config, member, ...)                                                                   \
    PROPERTY_ROW(name, config, member, struct str, PROPERTY_TYPE_PASSWORD, __VA_ARGS__)
#define PROPERTY_CLASS(name, config, member, ...)                                                                      \
    PROPERTY_ROW(name, config, member, struct str, PROPERTY_TYPE_CLASS, __VA_ARGS__)
#define PROPERTY_LIST(name, config, member, ...)                                                                       \
    PROPERTY_ROW(name, config, member, struct str_list, PROPERTY_TYPE_LIST, __VA_ARGS__)
#define PROPERTY_BOOLEAN(name, config, member, ...)                                                                    \
    PROPERTY_ROW(name, config, member, bool, PROPERTY_TYPE_BOOLEAN, __VA_ARGS__)
#define PROPERTY_INT(name, config, member, ...)                                                                        \
    PROPERTY_ROW(name, config, member, int32_t, PROPERTY_TYPE_INT, __VA_ARGS__)
#define PROPERTY_LONG(name, config, member, ...)                                                                       \
    PROPERTY_ROW(name, config, member, int64_t, PROPERTY_TYPE_LONG, __VA_ARGS__)
#define PROPERTY_DOUBLE(name, config, member, ...)                                                                     \
    PROPERTY_ROW(name, config, member, double, PROPERTY_TYPE_DOUBLE, __VA_ARGS__)
#define PROPERTY_ENUM(name, config, member, ...)                                                                       \
    PROPERTY_ROW(name, config, member, int, PROPERTY_TYPE_ENUM, __VA_ARGS__)
#define PROPERTY_END                                                                                                   \
    {                                                                                                                  \
        .name = NULL                                                                                                   \
    }

#define property_each(table, p) for (const struct property *p = (table); p->name; p++)

/*
 * Parses the properties of `table` that `c` holds into `out`, defaults included. `out` must be zeroed
 * and of the struct that the table was declared for. Every finding is added; parsing goes on after one, and the
 * member in question keeps its default, or zero. A null value counts as not given. A name wins over its aliases.
 * Names that the table does not know are left alone (see config_check_unknown). Variables
 * ${env:NAME}, ${file:PATH:KEY} and ${dir:PATH:FILE} are replaced here, not in the stored config.
 * Text and lists in `out` point into c's arena.
 */
void config_parse(const struct property *table, struct config *c, void *out, struct findings *findings);

/* A warning for every name in `c` that neither a table (NULL-terminated array of tables) nor a prefix
 * (NULL-terminated, e.g. "transforms.") knows, with the nearest known name. */
void config_check_unknown(const struct property *const *tables, const char *const *prefixes, const struct config *c,
                          struct findings *findings);

/* The row of that name or alias; NULL when no table has one. */
const struct property *property_find(const struct property *const *tables, struct str name);

/* What `c` gives for the row, under its name or an alias: true and the entry, or false. */
bool property_given(const struct property *p, const struct config *c, const struct config_entry **ret);

/* True when `name` must not be shown: declared secret, or its name says so (password, secret, token, ...). `tables`
 * may be NULL. */
bool property_is_secret(const struct property *const *tables, struct str name);

/* Programming errors in a table: missing doc, default that does not parse or is out of its limits, a name or an
 * alias used twice, choices missing. Adds a finding for each; the test that walks all tables uses it. */
void property_check_table(const struct property *table, struct findings *findings);

#endif

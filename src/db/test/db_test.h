/* What tests of drivers share: a connection, one-line queries, values as text. */
#ifndef DB_TEST_DB_TEST_H
#define DB_TEST_DB_TEST_H

#include "db/db.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static struct arena arena;
static struct error err;
static struct db *db;

static inline void open_with(struct db_options options)
{
    if (db_open(&options, &db, &err))
        fail_msg("%s", err.text);
}

static inline int disconnected(void **state)
{
    (void)state;
    db_close(db);
    db = NULL;
    arena_reset(&arena);
    return 0;
}

static inline struct db_cursor *query(const char *sql)
{
    struct db_cursor *c = NULL;
    if (db_query(db, str_from(sql), &c, &err))
        fail_msg("%s: %s", sql, err.text);
    return c;
}

static inline const char *show(struct value v)
{
    switch (v.type) {
    case VALUE_NULL:
        return "null";
    case VALUE_STRING:
        return arena_str(&arena, value_as_str(&v)).ptr;
    case VALUE_BYTES: {
        struct str out = STR("x");
        for (uint32_t i = 0; i < v.len; i++)
            out = arena_printf(&arena, STR_FMT "%02x", STR_ARG(out), v.bytes[i]);
        return out.ptr;
    }
    case VALUE_FLOAT32:
        return arena_printf(&arena, "%.9gf", (double)v.f32).ptr;
    case VALUE_FLOAT64:
        return arena_printf(&arena, "%.17g", v.f64).ptr;
    case VALUE_BOOLEAN:
        return v.b ? "true" : "false";
    default:
        return arena_printf(&arena, "%" PRId64, v.i).ptr;
    }
}

/* The first row of the first column in a representation, as text; the error's text when it fails. */
static inline const char *one(const char *sql, enum db_rep rep, int32_t scale)
{
    struct db_cursor *c = query(sql);
    struct value v = value_null();
    bool row = false;
    int code = db_cursor_bind(c, 0, rep, scale, &err);
    if (!code)
        code = db_cursor_next(c, &arena, &v, &row, &err);
    db_cursor_close(c);
    return code ? arena_cstr(&arena, err.text).ptr : row ? show(v) : "no row";
}

/* "NAME TYPE(precision,scale) flags" of every column of a query. */
static inline const char *types_of(const struct db_column *columns, size_t n)
{
    static const char *const names[] = {
        [DB_BIT] = "BIT",
        [DB_BOOLEAN] = "BOOLEAN",
        [DB_TINYINT] = "TINYINT",
        [DB_SMALLINT] = "SMALLINT",
        [DB_INTEGER] = "INTEGER",
        [DB_BIGINT] = "BIGINT",
        [DB_REAL] = "REAL",
        [DB_FLOAT] = "FLOAT",
        [DB_DOUBLE] = "DOUBLE",
        [DB_NUMERIC] = "NUMERIC",
        [DB_DECIMAL] = "DECIMAL",
        [DB_CHAR] = "CHAR",
        [DB_VARCHAR] = "VARCHAR",
        [DB_LONGVARCHAR] = "LONGVARCHAR",
        [DB_CLOB] = "CLOB",
        [DB_BINARY] = "BINARY",
        [DB_VARBINARY] = "VARBINARY",
        [DB_LONGVARBINARY] = "LONGVARBINARY",
        [DB_BLOB] = "BLOB",
        [DB_DATE] = "DATE",
        [DB_TIME] = "TIME",
        [DB_TIMESTAMP] = "TIMESTAMP",
        [DB_OTHER] = "OTHER",
        [DB_NULL] = "NULL",
        [DB_NVARCHAR] = "NVARCHAR",
        [DB_NCHAR] = "NCHAR",
        [DB_LONGNVARCHAR] = "LONGNVARCHAR",
    };
    struct str out = STR("");
    for (size_t i = 0; i < n; i++) {
        const struct db_column *c = &columns[i];
        out = arena_printf(&arena, STR_FMT "%s" STR_FMT " %s", STR_ARG(out), i ? ", " : "", STR_ARG(c->name),
                           names[c->type] ? names[c->type] : "?");
        if (c->type == DB_DECIMAL || c->type == DB_NUMERIC)
            out = arena_printf(&arena, STR_FMT "(%d,%d)", STR_ARG(out), c->precision, c->scale);
        out = arena_printf(&arena, STR_FMT "%s%s%s", STR_ARG(out), c->is_unsigned ? " unsigned" : "",
                           c->nullable ? "" : " not null", c->auto_increment ? " auto" : "");
    }
    return out.ptr;
}

static inline const char *types(const char *sql)
{
    struct db_cursor *c = query(sql);
    const struct db_column *columns;
    size_t n = db_cursor_columns(c, &columns);
    const char *text = types_of(columns, n);
    db_cursor_close(c);
    return text;
}

static inline const char *literal_ns(int64_t seconds, int32_t nanos)
{
    struct db_literal l = {.type = DB_LITERAL_TIMESTAMP, .i = seconds, .nanos = nanos};
    struct buf out = {0};
    if (db_write_literal(db, &l, &out, &err))
        fail_msg("%s", err.text);
    const char *text = arena_str(&arena, buf_str(&out)).ptr;
    buf_free(&out);
    return text;
}

#endif

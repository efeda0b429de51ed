#include "db/db.h"

static const struct db_driver *driver_of(struct str url)
{
    for (const struct db_driver *const *d = db_drivers; *d; d++)
        for (const char *const *scheme = (*d)->schemes; *scheme; scheme++)
            if (str_starts(url, *scheme))
                return *d;
    return NULL;
}

bool db_url_known(struct str url)
{
    return driver_of(url) != NULL;
}

void db_url_schemes(struct buf *out)
{
    const char *separator = "";
    for (const struct db_driver *const *d = db_drivers; *d; d++)
        for (const char *const *scheme = (*d)->schemes; *scheme; scheme++) {
            buf_printf(out, "%s%s", separator, *scheme);
            separator = ", ";
        }
}

void db_check_url(struct str url, struct str name, struct findings *findings)
{
    const struct db_driver *d = driver_of(url);
    if (d) {
        d->check_url(url, name, findings);
        return;
    }
    AUTO_BUF
    schemes = {0};
    db_url_schemes(&schemes);
    findings_add(findings, FINDING_ERROR, name, "no driver here for this URL; it starts with one of: %s",
                 buf_cstr(&schemes));
}

int db_open(const struct db_options *options, struct db **ret, struct error *err)
{
    const struct db_driver *d = driver_of(options->url);
    if (d)
        return d->open(options, ret, err);
    AUTO_BUF
    schemes = {0};
    db_url_schemes(&schemes);
    return error_set(err, ERROR_CONFIG, "no driver for the URL \"" STR_FMT "\"; it starts with one of: %s",
                     (int)(options->url.len > 40 ? 40 : options->url.len), options->url.ptr ? options->url.ptr : "",
                     buf_cstr(&schemes));
}

void db_close(struct db *db)
{
    if (db)
        db->driver->close(db);
}

const char *db_name(const struct db *db)
{
    return db->driver->name;
}

int db_tables(struct db *db, struct arena *arena, struct db_table **ret, size_t *ret_n, struct error *err)
{
    return db->driver->tables(db, arena, ret, ret_n, err);
}

int db_table_columns(struct db *db, const struct db_table *t, struct arena *arena, struct db_column **ret,
                     size_t *ret_n, struct error *err)
{
    return db->driver->table_columns(db, t, arena, ret, ret_n, err);
}

int db_write_literal(struct db *db, const struct db_literal *literal, struct buf *out, struct error *err)
{
    return db->driver->write_literal(db, literal, out, err);
}

void db_write_identifier(const struct db *db, struct str name, struct buf *out)
{
    char quote = db->driver->quote;
    buf_add_char(out, quote);
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] == quote)
            buf_add_char(out, quote);
        buf_add_char(out, name.ptr[i]);
    }
    buf_add_char(out, quote);
}

int db_query(struct db *db, struct str sql, struct db_cursor **ret, struct error *err)
{
    return db->driver->query(db, sql, ret, err);
}

size_t db_cursor_columns(const struct db_cursor *c, const struct db_column **ret)
{
    return c->driver->cursor_columns(c, ret);
}

int db_cursor_bind(struct db_cursor *c, size_t column, enum db_rep rep, int32_t scale, struct error *err)
{
    return c->driver->cursor_bind(c, column, rep, scale, err);
}

int db_cursor_next(struct db_cursor *c, struct arena *arena, struct value *values, bool *ret_row, struct error *err)
{
    return c->driver->cursor_next(c, arena, values, ret_row, err);
}

int db_cursor_value(struct db_cursor *c, size_t column, enum db_rep rep, int32_t scale, struct arena *arena,
                    struct value *ret, struct error *err)
{
    return c->driver->cursor_value(c, column, rep, scale, arena, ret, err);
}

int db_cursor_peek(struct db_cursor *c, size_t column, enum db_rep rep, int32_t scale, struct arena *arena,
                   struct value *ret, bool *ret_row, struct error *err)
{
    return c->driver->cursor_peek(c, column, rep, scale, arena, ret, ret_row, err);
}

bool db_cursor_widened(const struct db_cursor *c)
{
    return c->driver->cursor_widened && c->driver->cursor_widened(c);
}

void db_cursor_close(struct db_cursor *c)
{
    if (c)
        c->driver->cursor_close(c);
}

int db_execute(struct db *db, struct str sql, struct error *err)
{
    return db->driver->execute(db, sql, err);
}

int db_now(struct db *db, int64_t *ret_ns, struct error *err)
{
    return db->driver->now(db, ret_ns, err);
}

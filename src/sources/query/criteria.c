#include "sources/query/criteria.h"

static void add_timestamp(const struct criteria *c, struct buf *sql)
{
    if (c->n_timestamps > 1)
        buf_add_literal(sql, "COALESCE(");
    for (size_t i = 0; i < c->n_timestamps; i++) {
        if (i)
            buf_add_char(sql, ',');
        buf_add_str(sql, c->timestamps[i]);
    }
    if (c->n_timestamps > 1)
        buf_add_char(sql, ')');
}

static void compare_timestamp(const struct criteria *c, const char *operator, struct str literal, struct buf *sql)
{
    add_timestamp(c, sql);
    buf_add_cstr(sql, operator);
    buf_add_str(sql, literal);
}

static void compare_incrementing(const struct criteria *c, struct str literal, struct buf *sql)
{
    buf_add_str(sql, c->incrementing);
    buf_add_literal(sql, " > ");
    buf_add_str(sql, literal);
}

static void add_where(const struct criteria *c, const struct criteria_values *v, struct buf *sql)
{
    if (!c->n_timestamps && !c->incrementing.len)
        return;
    buf_add_literal(sql, " WHERE ");
    if (c->n_timestamps && c->incrementing.len) {
        compare_timestamp(c, " < ", v->end, sql);
        buf_add_literal(sql, " AND ");
        compare_timestamp(c, " >= ", v->begin, sql);
        buf_add_literal(sql, " AND (");
        compare_timestamp(c, " > ", v->begin, sql);
        buf_add_literal(sql, " OR ");
        compare_incrementing(c, v->last, sql);
        buf_add_literal(sql, ") ORDER BY ");
        add_timestamp(c, sql);
        buf_add_char(sql, ',');
        buf_add_str(sql, c->incrementing);
    } else if (c->n_timestamps) {
        compare_timestamp(c, " > ", v->begin, sql);
        buf_add_literal(sql, " AND ");
        compare_timestamp(c, " < ", v->end, sql);
        buf_add_literal(sql, " ORDER BY ");
        add_timestamp(c, sql);
    } else {
        compare_incrementing(c, v->last, sql);
        buf_add_literal(sql, " ORDER BY ");
        buf_add_str(sql, c->incrementing);
    }
    buf_add_literal(sql, " ASC");
}

void criteria_write(const struct criteria *c, const struct criteria_values *v, struct buf *sql)
{
    if (c->table.len) {
        buf_add_literal(sql, "SELECT * FROM ");
        buf_add_str(sql, c->table);
    } else if (c->n_timestamps || c->incrementing.len) {
        /* on a line of its own, since the query may end in a comment */
        buf_add_literal(sql, "SELECT * FROM (");
        buf_add_str(sql, c->statement);
        buf_add_literal(sql, "\n) q"); /* an alias that every database takes */
    } else {
        buf_add_str(sql, c->statement);
        buf_add_char(sql, '\n');
    }
    add_where(c, v, sql);
    if (c->suffix.len) {
        buf_add_char(sql, ' ');
        buf_add_str(sql, c->suffix);
    }
}

/*
 * A query as a stream of rows: `COPY (query) TO STDOUT (FORMAT binary)`. COPY is the server's fastest way out, and
 * PQgetlineAsync copies a row from libpq's buffer to where it stays: the batch's arena. What COPY does not tell (names,
 * types), the statement's description has told before, in the same transaction, whose locks keep both the same.
 */
#include "base/mem.h"
#include "db/postgres/postgres.h"

#include <poll.h>
#include <stdlib.h>

enum {
    ROOM_MIN = 512,        /* for a row, before any was seen */
    ROOM_MAX = 64 * 1024,  /* a longer row takes a second copy */
    CARRY_STEP = 64 * 1024 /* by which the row kept aside grows */
};

struct pg_cursor {
    struct db_cursor base;
    struct pg_db *db;
    struct arena arena;
    struct buf sql;
    struct db_column *columns;
    size_t n_columns;
    struct pg_decoder *decoders; /* one per column; SKIP: not in the stream */
    const char **casts;          /* per column, or NULL */
    const char **formats;        /* per column, or NULL: to_char's, whose text is the value then */
    uint32_t *oids;              /* per column: the type that the stream has at its place */
    uint16_t *places;            /* per column: its place in the stream */
    size_t n_stream;
    struct pg_decoder *stream; /* the decoders in the stream's order */
    bool started, header_done, ended;
    size_t room;        /* that the longest row so far took */
    const uint8_t *row; /* the last one that next gave */
    size_t row_len;
    struct buf carry; /* bytes that were read and not given yet: a row that was peeked at */
    size_t carry_at;
};

static int send_and_collect(struct pg_db *db, int sent, PGresult **ret, struct error *err)
{
    if (!sent)
        return pg_connection_error(db, err);
    return pg_collect(db, ret, err);
}

static int describe(struct pg_cursor *c, struct error *err)
{
    PGresult *r = NULL;
    int code = send_and_collect(c->db, PQsendPrepare(c->db->conn, "", buf_cstr(&c->sql), 0, NULL), &r, err);
    PQclear(r);
    r = NULL;
    if (!code)
        code = send_and_collect(c->db, PQsendDescribePrepared(c->db->conn, ""), &r, err);
    if (!code)
        code = pg_describe(c->db, r, &c->arena, &c->columns, &c->n_columns, err);
    PQclear(r);
    return code;
}

static const char *begin_statement(enum db_isolation isolation)
{
    switch (isolation) {
    case DB_ISOLATION_READ_UNCOMMITTED:
        return "BEGIN ISOLATION LEVEL READ UNCOMMITTED";
    case DB_ISOLATION_READ_COMMITTED:
        return "BEGIN ISOLATION LEVEL READ COMMITTED";
    case DB_ISOLATION_REPEATABLE_READ:
        return "BEGIN ISOLATION LEVEL REPEATABLE READ";
    case DB_ISOLATION_SERIALIZABLE:
        return "BEGIN ISOLATION LEVEL SERIALIZABLE";
    default:
        return "BEGIN";
    }
}

int pg_query(struct db *base, struct str sql, struct db_cursor **ret, struct error *err)
{
    struct pg_db *db = (struct pg_db *)base;
    if (db->busy)
        return error_set(err, ERROR_INTERNAL, STR_FMT ": a cursor is open already", STR_ARG(db->place));
    int code = pg_command(db, begin_statement(db->isolation), err);
    if (code)
        return code;
    struct pg_cursor *c = mem_new(struct pg_cursor);
    c->base.driver = &postgres_driver;
    c->db = db;
    c->room = ROOM_MIN;
    buf_add_str(&c->sql, sql);
    db->busy = true;
    code = describe(c, err);
    if (code) {
        pg_cursor_close(&c->base);
        return code;
    }
    c->decoders = arena_zalloc(&c->arena, sizeof *c->decoders * c->n_columns);
    c->stream = arena_zalloc(&c->arena, sizeof *c->stream * c->n_columns * 2);
    c->formats = arena_zalloc(&c->arena, sizeof *c->formats * c->n_columns);
    c->casts = arena_zalloc(&c->arena, sizeof *c->casts * c->n_columns);
    c->oids = arena_zalloc(&c->arena, sizeof *c->oids * c->n_columns);
    c->places = arena_zalloc(&c->arena, sizeof *c->places * c->n_columns);
    *ret = &c->base;
    return 0;
}

size_t pg_cursor_columns(const struct db_cursor *base, const struct db_column **ret)
{
    const struct pg_cursor *c = (const struct pg_cursor *)base;
    *ret = c->columns;
    return c->n_columns;
}

/* Is it a timestamp without zone, of which the server makes one with zone? */
static bool is_local(const struct pg_cursor *c, size_t column, uint32_t oid)
{
    return oid == PG_TIMESTAMPTZ && c->columns[column].native == PG_TIMESTAMP;
}

/* The decoder for what the stream has of a column. */
static int make_decoder(const struct pg_cursor *c, size_t column, uint32_t oid, enum db_rep rep, int32_t scale,
                        struct pg_decoder *ret, struct error *err)
{
    struct pg_decoder d;
    if (!pg_decoder_for(oid, rep, scale, c->db->check_utf8, &d))
        return error_set(err, ERROR_UNSUPPORTED,
                         "column \"" STR_FMT "\" of type " STR_FMT " cannot be read in this form",
                         STR_ARG(c->columns[column].name), STR_ARG(c->columns[column].type_name));
    d.name = c->columns[column].name;
    d.legacy = c->db->legacy_calendar;
    d.adjust = d.op == PG_OP_TIME ? c->db->time_adjust_us : is_local(c, column, oid) ? c->db->standard_us : 0;
    *ret = d;
    return 0;
}

int pg_cursor_bind(struct db_cursor *base, size_t column, enum db_rep rep, int32_t scale, struct error *err)
{
    struct pg_cursor *c = (struct pg_cursor *)base;
    if (c->started || column >= c->n_columns)
        return error_set(err, ERROR_INTERNAL, "a column can be bound before the first row only");
    uint32_t oid = (uint32_t)c->columns[column].native;
    const char *cast = NULL, *format = NULL;
    struct pg_decoder d;
    if (oid == PG_TIMESTAMP && !c->db->zone_is_utc && rep != DB_AS_SKIP) {
        cast = "pg_catalog.timestamptz"; /* the server knows the zone's history */
        oid = PG_TIMESTAMPTZ;
    }
    if (oid == PG_TIMESTAMPTZ && !c->db->zone_is_utc && rep >= DB_AS_TIMESTAMP_US_ISO) {
        format = rep == DB_AS_TIMESTAMP_US_ISO ? "'MM-DD\"T\"HH24:MI:SS.US'" : "'MM-DD\"T\"HH24:MI:SS.US000'";
        rep = DB_AS_TIMESTAMP_US; /* what db_cursor_value starts from */
    }
    if (!pg_decoder_for(oid, rep, scale, c->db->check_utf8, &d))
        cast = pg_cast_for(oid, rep, &oid);
    int code = make_decoder(c, column, oid, rep, scale, &c->decoders[column], err);
    if (!code) {
        c->casts[column] = cast;
        c->formats[column] = format;
        c->oids[column] = oid;
    }
    return code;
}

/* The columns of the stream. One with a format has two: itself, for db_cursor_value only, and its text. */
static bool lay_out_stream(struct pg_cursor *c)
{
    bool plain = true;
    for (size_t i = 0; i < c->n_columns; i++) {
        plain = plain && c->decoders[i].op != PG_OP_SKIP && !c->casts[i] && !c->formats[i];
        if (c->decoders[i].op == PG_OP_SKIP)
            continue;
        c->places[i] = (uint16_t)c->n_stream;
        c->stream[c->n_stream++] = c->formats[i] ? (struct pg_decoder){.op = PG_OP_SKIP} : c->decoders[i];
        if (c->formats[i])
            c->stream[c->n_stream++] = (struct pg_decoder){.op = PG_OP_TEXT, .name = c->columns[i].name};
    }
    return plain;
}

/* To UTC, by the zone's history; before 1900 java.util.Calendar has every zone's standard time of nowadays. */
static void write_local(const struct pg_cursor *c, size_t column, struct buf *sql)
{
    if (c->db->legacy_calendar)
        buf_printf(sql, "CASE WHEN q.c%zu < '1900-01-01' THEN (q.c%zu + '%lld us') AT TIME ZONE 'UTC' ELSE ", column,
                   column, (long long)c->db->standard_us);
    buf_printf(sql, "q.c%zu::pg_catalog.timestamptz%s", column, c->db->legacy_calendar ? " END" : "");
}

/* In ISO's form. What is infinite has a far-away year, in the zone's summer and in its beginnings. */
static void write_iso(const struct pg_cursor *c, size_t column, struct buf *sql)
{
    const char *format = c->formats[column];
    buf_printf(sql,
               ", coalesce(CASE WHEN q.c%zu >= '10000-01-01' THEN '+' ELSE '' END || pg_catalog.to_char(q.c%zu, "
               "'YYYY-' || %s), CASE WHEN q.c%zu > '1970-01-01' THEN '+292278994-' || "
               "pg_catalog.to_char('9999-08-16 23:00+00'::pg_catalog.timestamptz, %s) WHEN q.c%zu < '1970-01-01' THEN "
               "'+292275056-' || pg_catalog.to_char('0001-05-16 23:00+00'::pg_catalog.timestamptz, %s) END)",
               column, column, format, column, format, column, format);
}

static void write_select(const struct pg_cursor *c, struct buf *sql)
{
    const char *separator = "SELECT ";
    for (size_t i = 0; i < c->n_columns; i++) {
        if (c->decoders[i].op == PG_OP_SKIP)
            continue;
        buf_add_cstr(sql, separator);
        if (is_local(c, i, c->oids[i]))
            write_local(c, i, sql);
        else
            buf_printf(sql, "q.c%zu%s%s", i, c->casts[i] ? "::" : "", c->casts[i] ? c->casts[i] : "");
        if (c->formats[i])
            write_iso(c, i, sql);
        separator = ", ";
    }
    if (c->n_stream == 0)
        buf_add_literal(sql, "SELECT");
    buf_add_literal(sql, " FROM (");
    buf_add_str(sql, buf_str(&c->sql));
    buf_add_literal(sql, "\n) AS q(");
    for (size_t i = 0; i < c->n_columns; i++)
        buf_printf(sql, "%sc%zu", i ? "," : "", i);
    buf_add_char(sql, ')');
}

/* The COPY command. A select list of its own is needed for casts and for columns left out. */
static void write_copy(struct pg_cursor *c, struct buf *sql)
{
    buf_add_literal(sql, "COPY (");
    if (lay_out_stream(c))
        buf_add_str(sql, buf_str(&c->sql));
    else
        write_select(c, sql);
    buf_add_literal(sql, "\n) TO STDOUT (FORMAT binary)");
}

static int start(struct pg_cursor *c, struct error *err)
{
    AUTO_BUF sql = {0};
    write_copy(c, &sql);
    c->started = true;
    if (!PQsendQuery(c->db->conn, buf_cstr(&sql)))
        return pg_connection_error(c->db, err);
    PGresult *r = NULL;
    int code = pg_next_result(c->db, &r, err);
    if (!code && PQresultStatus(r) != PGRES_COPY_OUT)
        code = r ? pg_result_error(c->db, r, err) : pg_connection_error(c->db, err);
    PQclear(r);
    return code;
}

/* After the last row: did the server mean it? */
static int finish(struct pg_cursor *c, struct error *err)
{
    PGresult *r = NULL;
    int code = pg_collect(c->db, &r, err);
    PQclear(r);
    c->ended = true;
    return code;
}

/* Bytes of the stream to p; *ret 0 at its end. A message is handed out in parts when it is longer than `room`. */
static inline int read_bytes(struct pg_cursor *c, char *p, size_t room, size_t *ret, struct error *err)
{
    PGconn *conn = c->db->conn;
    int size = room > INT32_MAX ? INT32_MAX : (int)room;
    int n = PQgetlineAsync(conn, p, size);
    while (n == 0) {
        if (!PQconsumeInput(conn))
            return pg_connection_error(c->db, err);
        n = PQgetlineAsync(conn, p, size);
        if (n == 0) {
            int code = pg_wait(c->db, POLLIN, err);
            if (code)
                return code;
        }
    }
    *ret = n > 0 ? (size_t)n : 0;
    return n > 0 ? 0 : finish(c, err);
}

static int not_a_stream(const struct pg_cursor *c, struct error *err)
{
    return error_set(err, ERROR_DATA, STR_FMT ": what arrives is not COPY's binary form", STR_ARG(c->db->place));
}

/* Takes the header and the end mark off the bytes kept aside; *ret_len 0 when no whole row is there. */
static int take_carried(struct pg_cursor *c, size_t *ret_len, struct error *err)
{
    const uint8_t *p = (const uint8_t *)c->carry.data + c->carry_at;
    size_t len = c->carry.len - c->carry_at;
    if (!c->header_done) {
        int64_t header = pg_header_length(p, len);
        if (header < 0)
            return not_a_stream(c, err);
        if (header == 0) {
            *ret_len = 0;
            return 0;
        }
        c->header_done = true;
        c->carry_at += (size_t)header;
        p += header;
        len -= (size_t)header;
    }
    int64_t row = pg_row_length(p, len);
    if (row < 0)
        return not_a_stream(c, err);
    *ret_len = (size_t)row;
    return 0;
}

/* Makes sure that a whole row is kept aside: its length, or 0 at the end of the stream. */
static int fill_carry(struct pg_cursor *c, size_t *ret_len, struct error *err)
{
    for (;;) {
        int code = take_carried(c, ret_len, err);
        if (code)
            return code;
        if (*ret_len && !pg_row_is_end((const uint8_t *)c->carry.data + c->carry_at, *ret_len))
            return 0;
        if (*ret_len) { /* the end mark */
            c->carry_at += *ret_len;
            *ret_len = 0;
        }
        if (c->ended)
            return c->carry.len == c->carry_at ? 0 : not_a_stream(c, err);
        if (c->carry_at) {
            memmove(c->carry.data, c->carry.data + c->carry_at, c->carry.len - c->carry_at);
            c->carry.len -= c->carry_at;
            c->carry_at = 0;
        }
        if (c->carry.len > PG_MAX_ROW)
            return not_a_stream(c, err);
        size_t n = 0;
        char *p = buf_reserve(&c->carry, CARRY_STEP);
        code = read_bytes(c, p, c->carry.cap - c->carry.len, &n, err);
        if (code)
            return code;
        c->carry.len += n;
    }
}

static int next_carried(struct pg_cursor *c, struct arena *arena, struct value *values, bool *ret_row,
                        struct error *err)
{
    size_t len;
    int code = fill_carry(c, &len, err);
    if (code)
        return code;
    if (len == 0) {
        *ret_row = false;
        return 0;
    }
    c->row = arena_dup(arena, c->carry.data + c->carry_at, len);
    c->row_len = len;
    c->carry_at += len;
    code = pg_decode_row(c->stream, c->n_stream, c->row, len, arena, values, &len, err);
    if (!code)
        *ret_row = true;
    return code;
}

static int start_once(struct pg_cursor *c, struct error *err)
{
    return c->started ? 0 : start(c, err);
}

int pg_cursor_next(struct db_cursor *base, struct arena *arena, struct value *values, bool *ret_row, struct error *err)
{
    struct pg_cursor *c = (struct pg_cursor *)base;
    int code = start_once(c, err);
    if (__builtin_expect(code, 0))
        return code;
    if (__builtin_expect(!c->header_done || c->ended || c->carry_at < c->carry.len, 0))
        return next_carried(c, arena, values, ret_row, err);

    size_t room, n = 0, len;
    char *p = arena_open(arena, c->room, &room);
    code = read_bytes(c, p, room, &n, err);
    if (__builtin_expect(code || n == 0 || n == room || pg_row_is_end((uint8_t *)p, n), 0)) {
        arena_close(arena, 0);
        if (code)
            return code;
        c->carry.len = c->carry_at = 0;
        buf_add(&c->carry, p, n); /* perhaps not all of a row */
        return next_carried(c, arena, values, ret_row, err);
    }
    arena_close(arena, n);
    if (__builtin_expect(n > c->room, 0))
        c->room = n < ROOM_MAX ? n : ROOM_MAX;
    code = pg_decode_row(c->stream, c->n_stream, (uint8_t *)p, n, arena, values, &len, err);
    if (__builtin_expect(code || len != n, 0)) {
        /* a proxy may cut the stream where it likes */
        int64_t whole = code ? pg_row_length((uint8_t *)p, n) : (int64_t)n;
        if (whole > 0 && code)
            return code;
        c->carry.len = c->carry_at = 0;
        buf_add(&c->carry, p, n);
        return next_carried(c, arena, values, ret_row, err);
    }
    c->row = (uint8_t *)p;
    c->row_len = n;
    *ret_row = true;
    return 0;
}

static int decode_one(const struct pg_cursor *c, const uint8_t *row, size_t len, size_t column, enum db_rep rep,
                      int32_t scale, struct arena *arena, struct value *ret, struct error *err)
{
    if (column >= c->n_columns || c->decoders[column].op == PG_OP_SKIP)
        return error_set(err, ERROR_INTERNAL, "a column that is left out has no value");
    struct pg_decoder d;
    int code = make_decoder(c, column, c->oids[column], rep, scale, &d, err);
    const uint8_t *p;
    size_t n;
    bool null;
    if (!code)
        code = pg_row_field(row, len, c->places[column], &p, &n, &null, err);
    if (code)
        return code;
    struct value v = value_null();
    if (!null)
        code = pg_decode_field(&d, p, n, arena, &v, err);
    if (!code)
        *ret = v;
    return code;
}

int pg_cursor_value(struct db_cursor *base, size_t column, enum db_rep rep, int32_t scale, struct arena *arena,
                    struct value *ret, struct error *err)
{
    const struct pg_cursor *c = (const struct pg_cursor *)base;
    if (!c->row)
        return error_set(err, ERROR_INTERNAL, "there is no row yet");
    return decode_one(c, c->row, c->row_len, column, rep, scale, arena, ret, err);
}

int pg_cursor_peek(struct db_cursor *base, size_t column, enum db_rep rep, int32_t scale, struct arena *arena,
                   struct value *ret, bool *ret_row, struct error *err)
{
    struct pg_cursor *c = (struct pg_cursor *)base;
    size_t len;
    int code = start_once(c, err);
    if (!code)
        code = fill_carry(c, &len, err);
    if (!code && len) /* what the value points to must outlive the carry */
        code =
            decode_one(c, arena_dup(arena, c->carry.data + c->carry_at, len), len, column, rep, scale, arena, ret, err);
    if (!code)
        *ret_row = len > 0;
    return code;
}

/* Ends a COPY that nobody wants to the end. */
static void cancel(struct pg_cursor *c)
{
    struct pg_db *db = c->db;
    char text[256];
    PGcancel *cancel = PQgetCancel(db->conn);
    if (cancel)
        PQcancel(cancel, text, sizeof text);
    PQfreeCancel(cancel);
    if (db->interrupted)
        return;
    int code = 0;
    size_t n = 1;
    while (!code && n)
        code = read_bytes(c, buf_reserve(&c->carry, CARRY_STEP), CARRY_STEP, &n, NULL);
    if (code && !c->ended)
        db->interrupted = true;
}

void pg_cursor_close(struct db_cursor *base)
{
    struct pg_cursor *c = (struct pg_cursor *)base;
    struct pg_db *db = c->db;
    if (c->started && !c->ended && PQtransactionStatus(db->conn) == PQTRANS_ACTIVE)
        cancel(c);
    if (!db->interrupted && PQstatus(db->conn) == CONNECTION_OK)
        pg_command(db, PQtransactionStatus(db->conn) == PQTRANS_INTRANS ? "COMMIT" : "ROLLBACK", NULL);
    db->busy = false;
    buf_free(&c->sql);
    buf_free(&c->carry);
    arena_free(&c->arena);
    free(c);
}

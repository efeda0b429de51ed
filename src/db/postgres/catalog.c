/* What the system catalogs say about tables, columns and types, as pgjdbc reports it. */
#include "db/postgres/postgres.h"

#include <stdlib.h>

struct known_type {
    uint32_t oid;
    enum db_type type;
    const char *name;
    int32_t precision; /* 0: by the type modifier */
    bool is_text;
};

static const struct known_type known_types[] = {
    {PG_BOOL, DB_BIT, "bool", 1, false},
    {PG_BYTEA, DB_BINARY, "bytea", INT32_MAX, false},
    {PG_CHAR, DB_CHAR, "char", 1, false},
    {PG_NAME, DB_VARCHAR, "name", INT32_MAX, false},
    {PG_INT8, DB_BIGINT, "int8", 19, false},
    {PG_INT2, DB_SMALLINT, "int2", 5, false},
    {PG_INT4, DB_INTEGER, "int4", 10, false},
    {PG_TEXT, DB_VARCHAR, "text", INT32_MAX, false},
    {PG_OID, DB_BIGINT, "oid", 10, false},
    {PG_JSON, DB_OTHER, "json", INT32_MAX, true},
    {PG_XML, DB_SQLXML, "xml", INT32_MAX, false},
    {PG_FLOAT4, DB_REAL, "float4", 8, false},
    {PG_FLOAT8, DB_DOUBLE, "float8", 17, false},
    {PG_MONEY, DB_DOUBLE, "money", INT32_MAX, false},
    {PG_BPCHAR, DB_CHAR, "bpchar", 0, false},
    {PG_VARCHAR, DB_VARCHAR, "varchar", 0, false},
    {PG_DATE, DB_DATE, "date", 13, false},
    {PG_TIME, DB_TIME, "time", 15, false},
    {PG_TIMETZ, DB_TIME, "timetz", 21, false},
    {PG_TIMESTAMP, DB_TIMESTAMP, "timestamp", 29, false},
    {PG_TIMESTAMPTZ, DB_TIMESTAMP, "timestamptz", 35, false},
    {PG_BIT, DB_BIT, "bit", 0, false},
    {PG_VARBIT, DB_OTHER, "varbit", 0, false},
    {PG_NUMERIC, DB_NUMERIC, "numeric", 0, false},
    {PG_UUID, DB_OTHER, "uuid", INT32_MAX, true},
    {PG_JSONB, DB_OTHER, "jsonb", INT32_MAX, true},
};

static const struct known_type *find_known(uint32_t oid)
{
    for (size_t i = 0; i < sizeof known_types / sizeof *known_types; i++)
        if (known_types[i].oid == oid)
            return &known_types[i];
    return NULL;
}

static void by_modifier(uint32_t oid, int32_t typmod, struct db_column *c)
{
    switch (oid) {
    case PG_NUMERIC: /* JDBC does not know of negative scales: numeric(5,-2) has scale 2046, that many digits are kept
                      */
        c->precision = typmod < 4 ? 0 : (typmod - 4) >> 16 & 0xFFFF;
        c->scale = typmod < 4 ? 0 : (typmod - 4) & 0x7FF;
        break;
    case PG_BIT:
        c->precision = typmod;
        break;
    case PG_BPCHAR:
    case PG_VARCHAR:
        c->precision = typmod < 4 ? INT32_MAX : typmod - 4;
        break;
    default:
        c->precision = typmod < 0 ? INT32_MAX : typmod;
        break;
    }
}

void pg_jdbc_type(uint32_t oid, int32_t typmod, const struct pg_type *type, struct db_column *column)
{
    const struct known_type *known = find_known(oid);
    column->native = oid;
    if (known) {
        column->type = known->type;
        column->type_name = str_from(known->name);
        column->is_text = known->is_text;
        column->precision = known->precision;
        if (known->precision == 0)
            by_modifier(oid, typmod, column);
        if (known->type == DB_TIME || known->type == DB_TIMESTAMP)
            column->scale = typmod < 0 ? 6 : typmod;
        if (oid == PG_FLOAT4 || oid == PG_FLOAT8)
            column->scale = column->precision;
        return;
    }
    column->type = !type ? DB_OTHER : type->is_array ? DB_ARRAY : type->kind == 'e' ? DB_VARCHAR : DB_OTHER;
    column->type_name = type ? type->name : STR("unknown");
    column->precision = INT32_MAX;
}

static const struct pg_type *find_type(const struct pg_db *db, uint32_t oid)
{
    vec_each (&db->types, t)
        if (t->oid == oid)
            return t;
    return NULL;
}

/* Learns the types that the fields of `described` have and nobody knows yet. */
static int learn_types(struct pg_db *db, const PGresult *described, struct error *err)
{
    AUTO_BUF sql = {0};
    bool missing = false;
    buf_add_literal(&sql, "SELECT oid, typtype, typname, typinput = 'pg_catalog.array_in'::pg_catalog.regproc "
                          "FROM pg_catalog.pg_type WHERE oid IN (");
    for (int i = 0; i < PQnfields(described); i++) {
        uint32_t oid = PQftype(described, i);
        if (!find_known(oid) && !find_type(db, oid)) {
            buf_printf(&sql, "%s%u", missing ? "," : "", oid);
            missing = true;
        }
    }
    if (!missing)
        return 0;
    buf_add_char(&sql, ')');
    PGresult *r = NULL;
    int code = pg_exec(db, buf_cstr(&sql), &r, err);
    for (int i = 0; !code && i < PQntuples(r); i++)
        *vec_push(&db->types) = (struct pg_type){
            .oid = (uint32_t)strtoul(PQgetvalue(r, i, 0), NULL, 10),
            .kind = PQgetvalue(r, i, 1)[0],
            .name = arena_cstr(&db->arena, PQgetvalue(r, i, 2)),
            .is_array = PQgetvalue(r, i, 3)[0] == 't',
        };
    PQclear(r);
    return code;
}

/* Nullability and auto-increment of those fields that are columns of a table. */
static int read_attributes(struct pg_db *db, const PGresult *described, struct db_column *columns, struct error *err)
{
    AUTO_BUF sql = {0};
    const char *separator = "";
    buf_add_literal(&sql,
                    "SELECT a.attrelid, a.attnum, a.attnotnull OR (t.typtype = 'd' AND t.typnotnull), "
                    "a.attidentity <> '' OR coalesce(pg_catalog.pg_get_expr(d.adbin, d.adrelid), '') LIKE '%nextval(%' "
                    "FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid "
                    "LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum "
                    "WHERE (a.attrelid, a.attnum) IN (");
    for (int i = 0; i < PQnfields(described); i++)
        if (PQftable(described, i) != InvalidOid && PQftablecol(described, i) > 0) {
            buf_printf(&sql, "%s(%u,%d)", separator, PQftable(described, i), PQftablecol(described, i));
            separator = ",";
        }
    if (!*separator)
        return 0;
    buf_add_char(&sql, ')');
    PGresult *r = NULL;
    int code = pg_exec(db, buf_cstr(&sql), &r, err);
    for (int row = 0; !code && row < PQntuples(r); row++) {
        Oid table = (Oid)strtoul(PQgetvalue(r, row, 0), NULL, 10);
        int64_t number = 0;
        str_to_int64(str_from(PQgetvalue(r, row, 1)), &number);
        for (int i = 0; i < PQnfields(described); i++)
            if (PQftable(described, i) == table && PQftablecol(described, i) == number) {
                columns[i].nullable = PQgetvalue(r, row, 2)[0] != 't';
                columns[i].auto_increment = PQgetvalue(r, row, 3)[0] == 't';
            }
    }
    PQclear(r);
    return code;
}

int pg_describe(struct pg_db *db, const PGresult *described, struct arena *arena, struct db_column **ret, size_t *ret_n,
                struct error *err)
{
    int n = PQnfields(described);
    if (n <= 0 || n > PG_MAX_COLUMNS)
        return error_set(err, ERROR_CONFIG, STR_FMT ": the statement gives no columns; `query` is to be a SELECT",
                         STR_ARG(db->place));
    int code = learn_types(db, described, err);
    if (code)
        return code;
    struct db_column *columns = arena_zalloc(arena, sizeof *columns * (size_t)n);
    for (int i = 0; i < n; i++) {
        columns[i].name = arena_cstr(arena, PQfname(described, i));
        columns[i].nullable = true;
        pg_jdbc_type(PQftype(described, i), PQfmod(described, i), find_type(db, PQftype(described, i)), &columns[i]);
        columns[i].type_name = arena_str(arena, columns[i].type_name);
    }
    code = read_attributes(db, described, columns, err);
    if (code)
        return code;
    *ret = columns;
    *ret_n = (size_t)n;
    return 0;
}

int pg_table_columns(struct db *base, const struct db_table *t, struct arena *arena, struct db_column **ret,
                     size_t *ret_n, struct error *err)
{
    struct pg_db *db = (struct pg_db *)base;
    AUTO_BUF sql = {0};
    buf_add_literal(&sql, "SELECT * FROM ");
    if (t->schema.len) {
        db_write_identifier(base, t->schema, &sql);
        buf_add_char(&sql, '.');
    }
    db_write_identifier(base, t->name, &sql);
    if (!PQsendPrepare(db->conn, "", buf_cstr(&sql), 0, NULL))
        return pg_connection_error(db, err);
    PGresult *r = NULL;
    int code = pg_collect(db, &r, err);
    PQclear(r);
    r = NULL;
    if (!code && !PQsendDescribePrepared(db->conn, ""))
        code = pg_connection_error(db, err);
    if (!code)
        code = pg_collect(db, &r, err);
    if (!code)
        code = pg_describe(db, r, arena, ret, ret_n, err);
    PQclear(r);
    return code;
}

int pg_tables(struct db *base, struct arena *arena, struct db_table **ret, size_t *ret_n, struct error *err)
{
    PGresult *r = NULL;
    int code =
        pg_exec((struct pg_db *)base,
                "SELECT pg_catalog.current_database(), n.nspname, c.relname, CASE "
                "WHEN n.nspname ~ '^pg_temp_' THEN CASE c.relkind WHEN 'v' THEN 'TEMPORARY VIEW' ELSE 'TEMPORARY "
                "TABLE' END "
                "WHEN n.nspname IN ('pg_catalog', 'information_schema') "
                "THEN CASE c.relkind WHEN 'v' THEN 'SYSTEM VIEW' ELSE 'SYSTEM TABLE' END "
                "WHEN c.relkind = 'v' THEN 'VIEW' WHEN c.relkind = 'm' THEN 'MATERIALIZED VIEW' "
                "WHEN c.relkind = 'f' THEN 'FOREIGN TABLE' WHEN c.relkind = 'p' THEN 'PARTITIONED TABLE' "
                "ELSE 'TABLE' END "
                "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
                "WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_toast' "
                "ORDER BY 4, 2, 3",
                &r, err);
    if (code)
        return code;
    size_t n = (size_t)PQntuples(r);
    struct db_table *tables = arena_zalloc(arena, sizeof *tables * (n ? n : 1));
    for (size_t i = 0; i < n; i++)
        tables[i] = (struct db_table){
            .catalog = arena_cstr(arena, PQgetvalue(r, (int)i, 0)),
            .schema = arena_cstr(arena, PQgetvalue(r, (int)i, 1)),
            .name = arena_cstr(arena, PQgetvalue(r, (int)i, 2)),
            .type = arena_cstr(arena, PQgetvalue(r, (int)i, 3)),
        };
    PQclear(r);
    *ret = tables;
    *ret_n = n;
    return 0;
}

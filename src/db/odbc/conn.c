#include "db/odbc/odbc.h"

#include "base/mem.h"

#include <poll.h>
#include <stdlib.h>

void odbc_check_url(struct str url, struct str name, struct findings *findings)
{
    struct arena arena = {.chunk_size = 1024};
    struct str text, shown;
    struct error err = {0};
    if (odbc_connection_string(url, STR_NULL, STR_NULL, &arena, &text, &shown, &err))
        findings_add(findings, FINDING_ERROR, name, "%s", err.text);
    arena_free(&arena);
}

/* --- errors: https://learn.microsoft.com/sql/odbc/reference/appendixes/appendix-a-odbc-error-codes --- */

static const struct {
    const char *state; /* SQLSTATE, or the beginning of one */
    enum error_code code;
    const char *advice;
} kinds[] = {
    {"IM002", ERROR_CONFIG, "; see odbcinst -q -s for the data sources and odbcinst -q -d for the drivers here"},
    {"IM", ERROR_CONFIG, "; is the driver's package installed?"},
    {"01000", ERROR_CONFIG, ""}, /* what unixODBC says of a library that it cannot open */
    {"08", ERROR_CONNECTION, ""},
    {"28", ERROR_AUTH, "; check connection.user and connection.password"},
    {"42501", ERROR_AUTH, ""},
    {"42S02", ERROR_NOT_FOUND, ""},
    {"42P01", ERROR_NOT_FOUND, ""},
    {"S0002", ERROR_NOT_FOUND, ""},
    {"3D000", ERROR_NOT_FOUND, ""},
    {"HYT", ERROR_TIMEOUT, ""},
    {"HY008", ERROR_TIMEOUT, ""},
    {"57014", ERROR_TIMEOUT, ""},
    {"57", ERROR_CONNECTION, ""},
    {"40", ERROR_IO, ""},
    {"22", ERROR_DATA, ""},
    {"HYC00", ERROR_UNSUPPORTED, ""},
    {"HY001", ERROR_IO, ""},
};

int odbc_error(const struct odbc_db *db, SQLSMALLINT kind, SQLHANDLE handle, struct error *err)
{
    SQLWCHAR state[6] = {0}, wide[512];
    SQLINTEGER native = 0;
    SQLSMALLINT len = 0;
    char name[6] = {0};
    AUTO_BUF text = {0};
    if (db->stop != &db->never && wake_is_raised(db->stop))
        return error_set(err, ERROR_STOPPED, STR_FMT ": asked to stop while waiting for the database",
                         STR_ARG(db->place));
    if (SQL_SUCCEEDED(SQLGetDiagRecW(kind, handle, 1, state, &native, wide, sizeof wide / sizeof *wide, &len)))
        odbc_add_wide(&text, wide, len < 512 ? (size_t)len : 511);
    for (int i = 0; i < 5; i++)
        name[i] = (char)state[i];
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] == '\n' || text.data[i] == '\r')
            text.data[i] = ' ';
    enum error_code code = strstr(buf_cstr(&text), "no such table") ? ERROR_NOT_FOUND : ERROR_CONFIG;
    const char *advice = "";
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strncmp(name, kinds[i].state, strlen(kinds[i].state)) == 0) {
            code = kinds[i].code;
            advice = kinds[i].advice;
            break;
        }
    return error_set(err, code, STR_FMT ": %s (%s)%s", STR_ARG(db->place),
                     text.len ? buf_cstr(&text) : "no reason is known", name, advice);
}

/* --- the thread that cancels --- */

static void *watch(void *ctx)
{
    struct odbc_db *db = ctx;
    enum { AGAIN_MS = 50 };
    int64_t wait_ms = -1;
    for (;;) {
        /* once stop is raised, only the end can be waited for */
        const struct wake *first = wait_ms < 0 ? db->stop : &db->watch.end;
        enum wake_reason reason = wake_wait(first, wait_ms < 0 ? db->watch.end.fd : -1, POLLIN, wait_ms);
        if (wake_is_raised(&db->watch.end))
            return NULL;
        if (reason == WAKE_FD)
            continue;
        wait_ms = wake_is_raised(db->stop) ? AGAIN_MS : -1;
        pthread_mutex_lock(&db->watch.lock);
        if (wait_ms > 0 && db->watch.running)
            SQLCancel(db->watch.running);
        pthread_mutex_unlock(&db->watch.lock);
    }
}

static int start_watch(struct odbc_db *db, struct error *err)
{
    if (db->stop == &db->never)
        return 0;
    if (wake_init(&db->watch.end) || pthread_create(&db->watch.thread, NULL, watch, db))
        return error_set(err, ERROR_IO, "no thread to watch the ODBC connection can be started");
    db->watch.started = true;
    return 0;
}

static void end_watch(struct odbc_db *db)
{
    if (!db->watch.started)
        return;
    wake_raise(&db->watch.end);
    pthread_join(db->watch.thread, NULL);
    wake_release(&db->watch.end);
}

int odbc_enter(struct odbc_db *db, SQLHSTMT statement, struct error *err)
{
    if (!db->watch.started)
        return 0;
    if (wake_is_raised(db->stop))
        return error_set(err, ERROR_STOPPED, STR_FMT ": asked to stop", STR_ARG(db->place));
    pthread_mutex_lock(&db->watch.lock);
    db->watch.running = statement;
    pthread_mutex_unlock(&db->watch.lock);
    return 0;
}

void odbc_leave(struct odbc_db *db)
{
    if (!db->watch.started)
        return;
    pthread_mutex_lock(&db->watch.lock);
    db->watch.running = NULL;
    pthread_mutex_unlock(&db->watch.lock);
}

/* --- connecting --- */

static void read_quote(struct odbc_db *db)
{
    SQLWCHAR quote[4] = {0};
    SQLSMALLINT len = 0;
    if (SQL_SUCCEEDED(SQLGetInfoW(db->connection, SQL_IDENTIFIER_QUOTE_CHAR, quote, sizeof quote, &len)) &&
        quote[0] > ' ' && quote[0] < 127)
        db->driver.quote = (char)quote[0];
}

/* unixODBC makes Latin-1 of what it hands to a driver that has no functions for UTF-16, and back: this character is
 * lost then. */
static bool is_narrow(struct odbc_db *db)
{
    enum { CHARACTER = 0x4E00 };
    SQLWCHAR sql[] = {'S', 'E', 'L', 'E', 'C', 'T', ' ', '\'', CHARACTER, '\'', 0}, out[64] = {0};
    SQLINTEGER len = 0;
    if (!SQL_SUCCEEDED(SQLNativeSqlW(db->connection, sql, SQL_NTS, out, 64, &len)))
        return false;
    for (size_t i = 0; i < 64 && out[i]; i++)
        if (out[i] == CHARACTER)
            return false;
    return true;
}

static const SQLULEN isolations[] = {
    [DB_ISOLATION_READ_UNCOMMITTED] = SQL_TXN_READ_UNCOMMITTED,
    [DB_ISOLATION_READ_COMMITTED] = SQL_TXN_READ_COMMITTED,
    [DB_ISOLATION_REPEATABLE_READ] = SQL_TXN_REPEATABLE_READ,
    [DB_ISOLATION_SERIALIZABLE] = SQL_TXN_SERIALIZABLE,
};

static int connect(struct odbc_db *db, const struct db_options *options, struct str text, struct error *err)
{
    int64_t timeout_ms = options->connect_timeout_ms ? options->connect_timeout_ms : DB_CONNECT_TIMEOUT_MS;
    if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &db->env)))
        return error_set(err, ERROR_INTERNAL, "unixODBC cannot be started");
    SQLSetEnvAttr(db->env, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3, 0);
    if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_DBC, db->env, &db->connection)))
        return odbc_error(db, SQL_HANDLE_ENV, db->env, err);
    SQLSetConnectAttr(db->connection, SQL_ATTR_LOGIN_TIMEOUT, (SQLPOINTER)(intptr_t)((timeout_ms + 999) / 1000), 0);
    size_t n;
    SQLSMALLINT out_len = 0;
    SQLWCHAR *wide = odbc_to_wide(text, &db->arena, &n), out[1024];
    SQLRETURN result = SQLDriverConnectW(db->connection, NULL, wide, (SQLSMALLINT)n, out, sizeof out / sizeof *out,
                                         &out_len, SQL_DRIVER_NOPROMPT);
    if (!SQL_SUCCEEDED(result))
        return odbc_error(db, SQL_HANDLE_DBC, db->connection, err);
    db->connected = true;
    db->narrow = is_narrow(db);
    read_quote(db);
    if (options->isolation != DB_ISOLATION_DEFAULT &&
        !SQL_SUCCEEDED(
            SQLSetConnectAttr(db->connection, SQL_ATTR_TXN_ISOLATION, (SQLPOINTER)isolations[options->isolation], 0)))
        return odbc_error(db, SQL_HANDLE_DBC, db->connection, err);
    return 0;
}

int odbc_open(const struct db_options *options, struct db **ret, struct error *err)
{
    struct odbc_db *db = mem_new(struct odbc_db);
    struct str text, shown;
    db->driver = odbc_driver;
    db->base.driver = &db->driver;
    db->never.fd = -1;
    db->stop = options->stop ? options->stop : &db->never;
    db->legacy_calendar = options->legacy_calendar;
    db->statement_timeout_ms = options->statement_timeout_ms;
    pthread_mutex_init(&db->watch.lock, NULL);
    int code = odbc_connection_string(options->url, options->user, options->password, &db->arena, &text, &shown, err);
    if (!code) {
        db->place = arena_printf(&db->arena, "ODBC " STR_FMT, STR_ARG(shown));
        code = zone_open(options->time_zone, &db->arena, &db->zone, err);
    }
    if (!code)
        code = connect(db, options, text, err);
    if (!code)
        code = start_watch(db, err);
    if (code)
        odbc_close(&db->base);
    else
        *ret = &db->base;
    return code;
}

void odbc_close(struct db *base)
{
    struct odbc_db *db = (struct odbc_db *)base;
    end_watch(db);
    if (db->connected)
        SQLDisconnect(db->connection);
    if (db->connection)
        SQLFreeHandle(SQL_HANDLE_DBC, db->connection);
    if (db->env)
        SQLFreeHandle(SQL_HANDLE_ENV, db->env);
    pthread_mutex_destroy(&db->watch.lock);
    vec_free(&db->wide);
    arena_free(&db->arena);
    free(db);
}

int odbc_statement(struct odbc_db *db, SQLHSTMT *ret, struct error *err)
{
    SQLHSTMT statement;
    if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, db->connection, &statement)))
        return odbc_error(db, SQL_HANDLE_DBC, db->connection, err);
    if (db->statement_timeout_ms > 0) /* whole seconds; a driver may not have it */
        SQLSetStmtAttr(statement, SQL_ATTR_QUERY_TIMEOUT,
                       (SQLPOINTER)(intptr_t)((db->statement_timeout_ms + 999) / 1000), 0);
    *ret = statement;
    return 0;
}

int odbc_run(struct odbc_db *db, SQLHSTMT statement, struct str sql, struct error *err)
{
    struct arena arena = {.chunk_size = 4096};
    size_t n;
    int code = odbc_enter(db, statement, err);
    if (code)
        return code;
    SQLRETURN result;
    if (db->narrow) {
        struct str text = arena_str(&arena, sql);
        result = SQLExecDirect(statement, (SQLCHAR *)(uintptr_t)text.ptr, (SQLINTEGER)text.len);
    } else {
        SQLWCHAR *wide = odbc_to_wide(sql, &arena, &n);
        result = SQLExecDirectW(statement, wide, (SQLINTEGER)n);
    }
    odbc_leave(db);
    arena_free(&arena);
    return SQL_SUCCEEDED(result) || result == SQL_NO_DATA ? 0 : odbc_error(db, SQL_HANDLE_STMT, statement, err);
}

int odbc_execute(struct db *base, struct str sql, struct error *err)
{
    struct odbc_db *db = (struct odbc_db *)base;
    SQLHSTMT statement;
    int code = odbc_statement(db, &statement, err);
    if (code)
        return code;
    code = odbc_run(db, statement, sql, err);
    SQLFreeHandle(SQL_HANDLE_STMT, statement);
    return code;
}

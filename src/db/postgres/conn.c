#include "base/clock.h"
#include "base/mem.h"
#include "db/postgres/postgres.h"
#include "db/postgres/url.h"

#include <poll.h>
#include <stdlib.h>

enum { MAX_KEYWORDS = PG_URL_MAX_OPTIONS + 16 };

static void ignore_notice(void *ctx, const PGresult *result)
{
    (void)ctx;
    (void)result;
}

void pg_check_url(struct str url, struct str name, struct findings *findings)
{
    struct arena arena = {0};
    struct pg_url parsed;
    struct error err = {0};
    if (pg_url_parse(url, &arena, &parsed, name, findings, &err))
        findings_add(findings, FINDING_ERROR, name, "%s", err.text);
    arena_free(&arena);
}

int pg_wait(struct pg_db *db, short events, struct error *err)
{
    switch (wake_wait(db->stop, PQsocket(db->conn), events, db->socket_timeout_ms)) {
    case WAKE_RAISED:
        db->interrupted = true;
        return error_set(err, ERROR_STOPPED, STR_FMT ": asked to stop while waiting for the database",
                         STR_ARG(db->place));
    case WAKE_TIMEOUT:
        db->interrupted = true;
        return error_set(err, ERROR_TIMEOUT, STR_FMT ": no answer within %lld s (socketTimeout in connection.url)",
                         STR_ARG(db->place), (long long)(db->socket_timeout_ms / 1000));
    default:
        return 0;
    }
}

static int flush(struct pg_db *db, struct error *err)
{
    for (;;) {
        int left = PQflush(db->conn);
        if (left < 0)
            return pg_connection_error(db, err);
        if (left == 0)
            return 0;
        int code = pg_wait(db, POLLIN | POLLOUT, err);
        if (code)
            return code;
        if (!PQconsumeInput(db->conn))
            return pg_connection_error(db, err);
    }
}

int pg_next_result(struct pg_db *db, PGresult **ret, struct error *err)
{
    int code = flush(db, err);
    while (!code && PQisBusy(db->conn)) {
        code = pg_wait(db, POLLIN, err);
        if (!code && !PQconsumeInput(db->conn))
            code = pg_connection_error(db, err);
    }
    if (!code)
        *ret = PQgetResult(db->conn);
    return code;
}

static bool is_failure(const PGresult *r)
{
    ExecStatusType status = PQresultStatus(r);
    return status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY;
}

int pg_collect(struct pg_db *db, PGresult **ret, struct error *err)
{
    PGresult *last = NULL, *next = NULL;
    int code;
    while (!(code = pg_next_result(db, &next, err)) && next) {
        if (last && is_failure(last)) {
            PQclear(next);
            continue;
        }
        PQclear(last);
        last = next;
    }
    if (!code && (!last || is_failure(last)))
        code = last ? pg_result_error(db, last, err) : pg_connection_error(db, err);
    if (code)
        PQclear(last);
    else
        *ret = last;
    return code;
}

int pg_exec(struct pg_db *db, const char *sql, PGresult **ret, struct error *err)
{
    if (db->interrupted)
        return error_set(err, ERROR_CONNECTION, STR_FMT ": the session was interrupted", STR_ARG(db->place));
    if (!PQsendQuery(db->conn, sql))
        return pg_connection_error(db, err);
    return pg_collect(db, ret, err);
}

int pg_command(struct pg_db *db, const char *sql, struct error *err)
{
    PGresult *result = NULL;
    int code = pg_exec(db, sql, &result, err);
    PQclear(result);
    return code;
}

static int poll_connection(struct pg_db *db, int64_t timeout_ms, struct error *err)
{
    int64_t deadline = clock_mono_ms() + timeout_ms;
    for (PostgresPollingStatusType status = PGRES_POLLING_WRITING;; status = PQconnectPoll(db->conn)) {
        if (status == PGRES_POLLING_OK)
            return 0;
        if (status == PGRES_POLLING_FAILED || PQstatus(db->conn) == CONNECTION_BAD)
            return pg_open_error(db->place, db->conn, err);
        int64_t left = deadline - clock_mono_ms();
        short events = status == PGRES_POLLING_READING ? POLLIN : POLLOUT;
        switch (left > 0 ? wake_wait(db->stop, PQsocket(db->conn), events, left) : WAKE_TIMEOUT) {
        case WAKE_RAISED:
            return error_set(err, ERROR_STOPPED, STR_FMT ": asked to stop while connecting", STR_ARG(db->place));
        case WAKE_TIMEOUT:
            return error_set(err, ERROR_TIMEOUT,
                             STR_FMT ": no connection within %lld ms; is a firewall in between? (connectTimeout in "
                                     "connection.url)",
                             STR_ARG(db->place), (long long)timeout_ms);
        default:
            break;
        }
    }
}

/* What every attempt needs to know. */
struct attempt {
    const struct db_options *options;
    const struct pg_url *url;
    struct str user, password;
    int64_t timeout_ms;
};

static int connect_host(struct pg_db *db, const struct attempt *a, const struct pg_host *host,
                        const char *session_attrs, struct error *err)
{
    const char *keywords[MAX_KEYWORDS], *values[MAX_KEYWORDS];
    size_t n = 0;
#define KEYWORD(keyword, value) (keywords[n] = (keyword), values[n++] = (value))
    KEYWORD("client_encoding", "UTF8");
    KEYWORD("fallback_application_name", a->options->application.len ? a->options->application.ptr : "tributary");
    KEYWORD("target_session_attrs", session_attrs);
    for (size_t i = 0; i < a->url->n_options; i++)
        KEYWORD(a->url->options[i].name, a->url->options[i].value.ptr);
    if (host->host.len)
        KEYWORD("host", host->host.ptr);
    KEYWORD("port", host->port.ptr);
    if (a->url->database.len)
        KEYWORD("dbname", a->url->database.ptr);
    if (a->user.len)
        KEYWORD("user", a->user.ptr);
    if (a->password.len)
        KEYWORD("password", a->password.ptr);
    KEYWORD(NULL, NULL);
#undef KEYWORD
    struct str name = host->host.len ? host->host : STR("the local socket");
    struct str database = a->url->database.len ? a->url->database : a->user;
    db->place = arena_printf(&db->arena,
                             "PostgreSQL at " STR_FMT ":" STR_FMT ", database \"" STR_FMT "\", user \"" STR_FMT "\"",
                             STR_ARG(name), STR_ARG(host->port), (int)database.len, database.ptr ? database.ptr : "",
                             (int)a->user.len, a->user.ptr ? a->user.ptr : "");
    db->conn = PQconnectStartParams(keywords, values, 0);
    if (!db->conn)
        return error_set(err, ERROR_INTERNAL, "libpq has no memory for a connection");
    PQsetNoticeReceiver(db->conn, ignore_notice, NULL);
    PQsetErrorVerbosity(db->conn, PQERRORS_VERBOSE); /* brings the SQLSTATE of a refused connection */
    int code = PQstatus(db->conn) == CONNECTION_BAD ? pg_open_error(db->place, db->conn, err)
                                                    : poll_connection(db, a->timeout_ms, err);
    if (!code) {
        PQsetErrorVerbosity(db->conn, PQERRORS_DEFAULT);
        PQsetnonblocking(db->conn, 1);
        return 0;
    }
    PQfinish(db->conn);
    db->conn = NULL;
    return code;
}

/* Every host in turn, as libpq itself would, but none can use up the others' time. */
static int connect_any(struct pg_db *db, const struct attempt *a, struct error *err)
{
    size_t n = a->url->n_hosts;
    size_t first = a->url->balance ? (size_t)clock_mono_ns() / 1000 % n : 0;
    int code = 0;
    for (size_t round = 0; round < 2 && a->url->session_attrs[round]; round++)
        for (size_t i = 0; i < n; i++) {
            code = connect_host(db, a, &a->url->hosts[(first + i) % n], a->url->session_attrs[round], err);
            if (!code || code == ERROR_STOPPED || code == ERROR_CONFIG)
                return code;
        }
    return code;
}

static void add_setting(struct buf *sql, const char *name, struct str value)
{
    buf_printf(sql, "SELECT pg_catalog.set_config('%s', ", name);
    pg_add_text_literal(sql, value);
    buf_add_literal(sql, ", false);");
}

/* The session: what the text forms of types depend on, and what the options ask for. */
static int set_up(struct pg_db *db, const struct attempt *a, struct error *err)
{
    AUTO_BUF sql = {0};
    AUTO_BUF zone = {0};
    pg_add_zone(&zone, a->options->time_zone);
    add_setting(&sql, "standard_conforming_strings", STR("on"));
    add_setting(&sql, "DateStyle", STR("ISO, MDY"));
    add_setting(&sql, "IntervalStyle", STR("postgres"));
    add_setting(&sql, "extra_float_digits", STR("3"));
    add_setting(&sql, "bytea_output", STR("hex"));
    if (a->url->current_schema.len)
        add_setting(&sql, "search_path", a->url->current_schema);
    if (a->url->read_only)
        add_setting(&sql, "default_transaction_read_only", STR("on"));
    int64_t timeout =
        a->options->statement_timeout_ms > 0 ? a->options->statement_timeout_ms : a->url->statement_timeout_ms;
    if (timeout > 0) {
        char text[24];
        snprintf(text, sizeof text, "%lld", (long long)timeout);
        add_setting(&sql, "statement_timeout", str_from(text));
    }
    add_setting(&sql, "TimeZone", buf_str(&zone));
    buf_add_literal(&sql, "SELECT (extract(epoch from '1970-01-01'::pg_catalog.timestamp::pg_catalog.timestamptz) * "
                          "1000000)::pg_catalog.int8, (SELECT max(extract(epoch from d::pg_catalog.timestamptz) - "
                          "extract(epoch from d)) * 1000000 FROM pg_catalog.generate_series("
                          "pg_catalog.date_trunc('year', localtimestamp), localtimestamp + '1 year', '1 month') d"
                          ")::pg_catalog.int8");
    PGresult *result = NULL;
    int code = pg_exec(db, buf_cstr(&sql), &result, err);
    if (!code && (!str_to_int64(str_from(PQgetvalue(result, 0, 0)), &db->time_adjust_us) ||
                  !str_to_int64(str_from(PQgetvalue(result, 0, 1)), &db->standard_us)))
        code = error_set(err, ERROR_DATA, STR_FMT ": the session's time zone is not known", STR_ARG(db->place));
    PQclear(result);
    const char *encoding = PQparameterStatus(db->conn, "server_encoding");
    db->check_utf8 = encoding && strcmp(encoding, "SQL_ASCII") == 0;
    if (!code && db->check_utf8) /* the server would refuse what is not UTF-8 without naming the column */
        code = pg_command(db, "SET client_encoding TO 'SQL_ASCII'", err);
    return code;
}

int pg_open(const struct db_options *options, struct db **ret, struct error *err)
{
    struct pg_db *db = mem_new(struct pg_db);
    struct pg_url *url = mem_new(struct pg_url);
    db->base.driver = &postgres_driver;
    db->never.fd = -1;
    db->stop = options->stop ? options->stop : &db->never;
    db->isolation = options->isolation;
    db->legacy_calendar = options->legacy_calendar;
    db->zone_is_utc = pg_zone_is_utc(options->time_zone);

    int code = pg_url_parse(options->url, &db->arena, url, STR_NULL, NULL, err);
    if (!code) {
        db->socket_timeout_ms = url->socket_timeout_ms ? url->socket_timeout_ms : -1;
        struct attempt a = {.options = options, .url = url};
        a.user = url->user.len ? url->user : arena_str(&db->arena, options->user);
        a.password = url->password.len ? url->password : arena_str(&db->arena, options->password);
        a.timeout_ms = url->connect_timeout_ms       ? url->connect_timeout_ms
                       : options->connect_timeout_ms ? options->connect_timeout_ms
                                                     : DB_CONNECT_TIMEOUT_MS;
        code = connect_any(db, &a, err);
        if (!code)
            code = set_up(db, &a, err);
    }
    free(url);
    if (code)
        pg_close(&db->base);
    else
        *ret = &db->base;
    return code;
}

void pg_close(struct db *base)
{
    struct pg_db *db = (struct pg_db *)base;
    PQfinish(db->conn);
    vec_free(&db->types);
    arena_free(&db->arena);
    free(db);
}

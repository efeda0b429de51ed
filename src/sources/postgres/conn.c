#include "sources/postgres/conn.h"

#include "base/clock.h"
#include "base/vec.h"

#include <poll.h>
#include <stdlib.h>

static const char session_options[] = "-c datestyle=ISO,YMD -c intervalstyle=postgres -c extra_float_digits=3 "
                                      "-c bytea_output=hex -c timezone=UTC -c lc_monetary=C "
                                      "-c statement_timeout=0 -c idle_in_transaction_session_timeout=0";

static const char *const ssl_modes[] = {"disable", "require", "verify-ca", "verify-full", "allow", "prefer"};

struct keywords {
    const char *names[32], *values[32];
    size_t n;
};

static void add(struct keywords *k, const char *name, struct str value)
{
    if (!value.ptr || !value.len)
        return;
    k->names[k->n] = name;
    k->values[k->n++] = value.ptr;
}

static void collect(struct keywords *k, const struct pgc_config *c, bool replication, const char *application,
                    struct str port)
{
    add(k, "host", c->hostname);
    add(k, "port", port);
    add(k, "user", c->user);
    add(k, "password", c->password);
    add(k, "dbname", c->dbname);
    add(k, "application_name", str_from(application));
    add(k, "client_encoding", STR("UTF8"));
    add(k, "options", str_from(session_options));
    add(k, "sslmode", str_from(ssl_modes[c->sslmode]));
    add(k, "sslcert", c->sslcert);
    add(k, "sslkey", c->sslkey);
    add(k, "sslpassword", c->sslpassword);
    add(k, "sslrootcert", c->sslrootcert);
    add(k, "keepalives", c->tcp_keepalive ? STR("1") : STR("0"));
    if (replication)
        add(k, "replication", STR("database"));
}

int pgc_wait(struct pgc_conn *c, bool write, int64_t timeout_ms, bool *ret_ready, struct error *err)
{
    const struct wake *stop = c->stop ? c->stop : &c->never;
    enum wake_reason reason = wake_wait(stop, PQsocket(c->pg), write ? POLLOUT | POLLIN : POLLIN, timeout_ms);
    if (reason == WAKE_RAISED)
        return error_set(err, ERROR_STOPPED, "asked to stop while waiting for the database");
    if (ret_ready)
        *ret_ready = reason == WAKE_FD;
    return 0;
}

static void trim_message(char *text)
{
    size_t n = strlen(text);
    while (n && (text[n - 1] == '\n' || text[n - 1] == ' '))
        text[--n] = 0;
    for (size_t i = 0; i < n; i++)
        if (text[i] == '\n')
            text[i] = ' ';
}

int pgc_connection_error(const struct pgc_conn *c, struct error *err)
{
    AUTO_FREE char *text = mem_strdup(PQerrorMessage(c->pg));
    trim_message(text);
    return error_set(err, ERROR_CONNECTION, "the connection to PostgreSQL failed: %s", *text ? text : "it was closed");
}

/* https://www.postgresql.org/docs/15/errcodes-appendix.html */
static enum error_code code_of(const char *state)
{
    static const struct {
        const char *prefix;
        enum error_code code;
    } codes[] = {
        {"08", ERROR_CONNECTION}, {"57P0", ERROR_CONNECTION}, {"57014", ERROR_TIMEOUT},   {"28", ERROR_AUTH},
        {"42501", ERROR_AUTH},    {"53", ERROR_CONNECTION},   {"55006", ERROR_CONFLICT},  {"55P03", ERROR_TIMEOUT},
        {"40", ERROR_CONNECTION}, {"42704", ERROR_NOT_FOUND}, {"42P01", ERROR_NOT_FOUND}, {"3D000", ERROR_NOT_FOUND},
        {"22", ERROR_DATA},       {"58", ERROR_IO},
    };
    for (size_t i = 0; state && i < sizeof codes / sizeof *codes; i++)
        if (!strncmp(state, codes[i].prefix, strlen(codes[i].prefix)))
            return codes[i].code;
    return ERROR_CONFIG;
}

int pgc_result_error(const PGresult *result, struct error *err)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *hint = PQresultErrorField(result, PG_DIAG_MESSAGE_HINT);
    const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
    AUTO_FREE char *whole = mem_strdup(text ? text : PQresultErrorMessage(result));
    trim_message(whole);
    if (!state)
        return error_set(err, ERROR_CONNECTION, "PostgreSQL: %s", whole);
    return error_set(err, code_of(state), "PostgreSQL: %s%s%s%s%s (SQLSTATE %s)", whole, detail ? "; " : "",
                     detail ? detail : "", hint ? "; " : "", hint ? hint : "", state);
}

static bool is_auth(const char *text)
{
    return strstr(text, "authentication") || strstr(text, "role ") || strstr(text, "pg_hba") ||
           strstr(text, "permission") || strstr(text, "must be superuser or replication");
}

static int connect_poll(struct pgc_conn *c, struct error *err)
{
    int64_t end = clock_mono_ms() + PGC_CONNECT_TIMEOUT_MS;
    PostgresPollingStatusType status = PGRES_POLLING_WRITING;
    while (status != PGRES_POLLING_OK) {
        int64_t left = end - clock_mono_ms();
        if (left <= 0)
            return error_set(err, ERROR_CONNECTION, "PostgreSQL did not answer within %d s",
                             PGC_CONNECT_TIMEOUT_MS / 1000);
        bool ready;
        int code = pgc_wait(c, status == PGRES_POLLING_WRITING, left, &ready, err);
        if (code)
            return code;
        if (!ready)
            continue;
        status = PQconnectPoll(c->pg);
        if (status == PGRES_POLLING_FAILED) {
            AUTO_FREE char *text = mem_strdup(PQerrorMessage(c->pg));
            trim_message(text);
            enum error_code kind = is_auth(text)                    ? ERROR_AUTH
                                   : strstr(text, "does not exist") ? ERROR_CONFIG
                                                                    : ERROR_CONNECTION;
            return error_set(err, kind, "%s", text);
        }
    }
    return 0;
}

static int initial_statements(struct pgc_conn *c, struct str statements, struct error *err)
{
    AUTO_BUF sql = {0};
    for (size_t i = 0; i < statements.len; i++) { /* ";;" is a semicolon, ";" ends a statement: either way one stays */
        buf_add_char(&sql, statements.ptr[i]);
        if (statements.ptr[i] == ';' && i + 1 < statements.len && statements.ptr[i + 1] == ';')
            i++;
    }
    int code = pgc_exec(c, buf_cstr(&sql), NULL, err);
    return code ? error_context(err, "database.initial.statements") : 0;
}

int pgc_connect(const struct pgc_config *config, bool replication, const struct wake *stop, const char *application,
                struct pgc_conn *ret, struct error *err)
{
    struct pgc_conn c = {.stop = stop};
    struct keywords k = {0};
    AUTO_BUF port = {0};
    buf_add_int64(&port, config->port);
    collect(&k, config, replication, application, str_from(buf_cstr(&port)));
    if (!stop) {
        if (wake_init(&c.never))
            return error_set(err, ERROR_IO, "no eventfd could be made");
        c.has_never = true;
    }
    c.pg = PQconnectStartParams(k.names, k.values, 0);
    int code = 0;
    if (!c.pg || PQstatus(c.pg) == CONNECTION_BAD)
        code = c.pg ? pgc_connection_error(&c, err) : error_set(err, ERROR_CONNECTION, "libpq has no memory");
    if (!code)
        code = connect_poll(&c, err);
    if (!code && PQsetnonblocking(c.pg, 1))
        code = pgc_connection_error(&c, err);
    if (!code && !replication && config->initial_statements.len)
        code = initial_statements(&c, config->initial_statements, err);
    if (code) {
        pgc_disconnect(&c);
        return code == ERROR_STOPPED
                   ? code
                   : error_context(err, "PostgreSQL at " STR_FMT ":%d, database \"" STR_FMT "\", user \"" STR_FMT "\"",
                                   STR_ARG(config->hostname), config->port, STR_ARG(config->dbname),
                                   STR_ARG(config->user));
    }
    *ret = c;
    return 0;
}

void pgc_disconnect(struct pgc_conn *c)
{
    if (c->pg)
        PQfinish(c->pg);
    if (c->has_never)
        wake_release(&c->never);
    *c = (struct pgc_conn){0};
}

static int flush(struct pgc_conn *c, struct error *err)
{
    int n;
    while ((n = PQflush(c->pg)) > 0) {
        int code = pgc_wait(c, true, -1, NULL, err);
        if (code)
            return code;
        if (!PQconsumeInput(c->pg))
            return pgc_connection_error(c, err);
    }
    return n < 0 ? pgc_connection_error(c, err) : 0;
}

static int wait_result(struct pgc_conn *c, struct error *err)
{
    while (PQisBusy(c->pg)) {
        int code = pgc_wait(c, false, -1, NULL, err);
        if (code)
            return code;
        if (!PQconsumeInput(c->pg))
            return pgc_connection_error(c, err);
    }
    return 0;
}

int pgc_exec(struct pgc_conn *c, const char *sql, PGresult **ret, struct error *err)
{
    if (!PQsendQuery(c->pg, sql))
        return pgc_connection_error(c, err);
    int code = flush(c, err);
    PGresult *last = NULL;
    while (!code) {
        code = wait_result(c, err);
        PGresult *r = code ? NULL : PQgetResult(c->pg);
        if (!r)
            break;
        ExecStatusType status = PQresultStatus(r);
        if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE) {
            code = pgc_result_error(r, err);
            PQclear(r);
            while (!wait_result(c, NULL) && (r = PQgetResult(c->pg)))
                PQclear(r);
            break;
        }
        PQclear(last);
        last = r;
        if (status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH)
            break;
    }
    if (code || !ret) {
        PQclear(last);
        return code;
    }
    if (!last)
        return PQstatus(c->pg) == CONNECTION_BAD ? pgc_connection_error(c, err)
                                                 : error_set(err, ERROR_CONFIG, "an empty statement has no result");
    *ret = last;
    return 0;
}

int pgc_execf(struct pgc_conn *c, PGresult **ret, struct error *err, const char *format, ...)
{
    AUTO_BUF sql = {0};
    va_list args;
    va_start(args, format);
    buf_vprintf(&sql, format, args);
    va_end(args);
    return pgc_exec(c, buf_cstr(&sql), ret, err);
}

int pgc_copy_line(struct pgc_conn *c, char **ret, int *ret_len, struct error *err)
{
    for (;;) {
        char *line = NULL;
        int n = PQgetCopyData(c->pg, &line, 1);
        if (n > 0) {
            *ret = line;
            *ret_len = n;
            return 0;
        }
        if (n == -2)
            return pgc_connection_error(c, err);
        if (n == -1)
            break;
        int code = pgc_wait(c, false, -1, NULL, err);
        if (code)
            return code;
        if (!PQconsumeInput(c->pg))
            return pgc_connection_error(c, err);
    }
    int code = 0;
    PGresult *r = NULL;
    while (!code && !(code = wait_result(c, err)) && (r = PQgetResult(c->pg))) {
        if (PQresultStatus(r) == PGRES_FATAL_ERROR)
            code = pgc_result_error(r, err);
        PQclear(r);
    }
    if (!code)
        *ret = NULL;
    return code;
}

static void add_quoted(struct buf *out, struct str s, char quote)
{
    buf_add_char(out, quote);
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == quote)
            buf_add_char(out, quote);
        buf_add_char(out, s.ptr[i]);
    }
    buf_add_char(out, quote);
}

void pgc_add_identifier(struct buf *out, struct str name)
{
    add_quoted(out, name, '"');
}

void pgc_add_literal(struct buf *out, struct str text)
{
    add_quoted(out, text, '\'');
}

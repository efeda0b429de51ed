#include "db/mysql/mysql.h"

#include "base/clock.h"
#include "base/mem.h"

#include <errmsg.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

void my_check_url(struct str url, struct str name, struct findings *findings)
{
    struct arena arena = {0};
    struct my_url *parsed = mem_new(struct my_url);
    struct error err = {0};
    if (my_url_parse(url, &arena, parsed, name, findings, &err))
        findings_add(findings, FINDING_ERROR, name, "%s", err.text);
    free(parsed);
    arena_free(&arena);
}

int my_wait(struct my_db *db, int status, int *ret_status, struct error *err)
{
    short events = 0;
    int64_t timeout_ms = db->socket_timeout_ms;
    if (status & MYSQL_WAIT_READ)
        events |= POLLIN;
    if (status & MYSQL_WAIT_WRITE)
        events |= POLLOUT;
    if (status & MYSQL_WAIT_EXCEPT)
        events |= POLLPRI;
    bool own_timeout = status & MYSQL_WAIT_TIMEOUT;
    if (own_timeout)
        timeout_ms = mysql_get_timeout_value_ms(db->mysql);
    switch (wake_wait(db->stop, events ? (int)mysql_get_socket(db->mysql) : -1, events, timeout_ms)) {
    case WAKE_RAISED:
        db->broken = true;
        return error_set(err, ERROR_STOPPED, STR_FMT ": asked to stop while waiting for the database",
                         STR_ARG(db->place));
    case WAKE_TIMEOUT:
        if (own_timeout) {
            *ret_status = MYSQL_WAIT_TIMEOUT;
            return 0;
        }
        db->broken = true;
        return error_set(err, ERROR_TIMEOUT, STR_FMT ": no answer within %lld ms (socketTimeout in connection.url)",
                         STR_ARG(db->place), (long long)timeout_ms);
    default:
        *ret_status = status & (MYSQL_WAIT_READ | MYSQL_WAIT_WRITE | MYSQL_WAIT_EXCEPT);
        return 0;
    }
}

static int failed(struct my_db *db, struct error *err)
{
    unsigned number = mysql_errno(db->mysql);
    if (number >= CR_MIN_ERROR && number <= CR_MAX_ERROR)
        db->broken = true;
    return my_error(db, err);
}

int my_send(struct my_db *db, struct str sql, struct error *err)
{
    int result = 0;
    int status = mysql_real_query_start(&result, db->mysql, sql.ptr, sql.len);
    while (status) {
        int code = my_wait(db, status, &status, err);
        if (code)
            return code;
        status = mysql_real_query_cont(&result, db->mysql, status);
    }
    return result ? failed(db, err) : 0;
}

int my_run(struct my_db *db, struct str sql, MYSQL_RES **ret, struct error *err)
{
    MYSQL_RES *result = NULL;
    int code = my_ready(db, err);
    if (!code)
        code = my_send(db, sql, err);
    if (code)
        return code;
    int status = mysql_store_result_start(&result, db->mysql);
    while (status) {
        code = my_wait(db, status, &status, err);
        if (code)
            return code;
        status = mysql_store_result_cont(&result, db->mysql, status);
    }
    if (!result && mysql_field_count(db->mysql))
        return failed(db, err);
    *ret = result;
    return 0;
}

int my_execute(struct db *base, struct str sql, struct error *err)
{
    MYSQL_RES *result = NULL;
    int code = my_run((struct my_db *)base, sql, &result, err);
    mysql_free_result(result);
    return code;
}

/* --- connecting --- */

static void disconnect(struct my_db *db)
{
    if (!db->mysql)
        return;
    if (db->broken && mysql_get_socket(db->mysql) != (my_socket)-1)
        shutdown((int)mysql_get_socket(db->mysql), SHUT_RD); /* nobody waits for what is still to come */
    mysql_close(db->mysql);
    db->mysql = NULL;
}

static void set_tls(MYSQL *m, const struct my_url *u, bool use)
{
    my_bool on = 1, off = 0, verify = u->tls == MY_TLS_VERIFIED;
    mysql_options(m, MYSQL_OPT_SSL_ENFORCE, use ? &on : &off);
    if (!use)
        return;
    mysql_options(m, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
    if (u->ca.len)
        mysql_options(m, MYSQL_OPT_SSL_CA, u->ca.ptr);
    if (u->cert.len)
        mysql_options(m, MYSQL_OPT_SSL_CERT, u->cert.ptr);
    if (u->key.len)
        mysql_options(m, MYSQL_OPT_SSL_KEY, u->key.ptr);
    if (u->ciphers.len)
        mysql_options(m, MYSQL_OPT_SSL_CIPHER, u->ciphers.ptr);
    if (u->tls_versions.len)
        mysql_options(m, MARIADB_OPT_TLS_VERSION, u->tls_versions.ptr);
}

static void init_library(void)
{
    mysql_library_init(0, NULL, NULL);
}

static int init(struct my_db *db, bool tls, struct error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, init_library); /* mysql_init would do it too, but not in several threads at once */
    const struct my_url *u = db->url;
    db->mysql = mysql_init(NULL);
    if (!db->mysql)
        return error_set(err, ERROR_INTERNAL, "libmariadb has no memory for a connection");
    my_bool off = 0;
    unsigned no_files = 0, timeout = (unsigned)((db->connect_timeout_ms + 999) / 1000);
    mysql_options(db->mysql, MYSQL_OPT_NONBLOCK, 0);
    mysql_options(db->mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    mysql_options(db->mysql, MYSQL_OPT_CONNECT_TIMEOUT, &timeout);
    mysql_options(db->mysql, MYSQL_OPT_LOCAL_INFILE, &no_files); /* a server may not ask for our files */
    mysql_options(db->mysql, MYSQL_OPT_RECONNECT, &off);
    mysql_options4(db->mysql, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name",
                   db->application.len ? db->application.ptr : "tributary");
    if (u->compress)
        mysql_options(db->mysql, MYSQL_OPT_COMPRESS, NULL);
    if (u->public_key.len)
        mysql_options(db->mysql, MYSQL_SERVER_PUBLIC_KEY, u->public_key.ptr);
    set_tls(db->mysql, u, tls);
    return 0;
}

static const char *c_str(struct str s)
{
    return s.len ? s.ptr : NULL;
}

static int connect_once(struct my_db *db, const struct my_host *host, bool tls, struct error *err)
{
    const struct my_url *u = db->url;
    MYSQL *connected = NULL;
    bool local = u->socket.len > 0;
    db->broken = false;
    int code = init(db, tls, err);
    if (code)
        return code;
    int64_t deadline = clock_mono_ms() + db->connect_timeout_ms;
    int status = mysql_real_connect_start(&connected, db->mysql, local ? "localhost" : host->host.ptr, c_str(db->user),
                                          c_str(db->password), c_str(u->database), local ? 0 : host->port,
                                          c_str(u->socket), CLIENT_MULTI_RESULTS);
    while (status) {
        code = my_wait(db, status, &status, err);
        if (!code && clock_mono_ms() > deadline)
            code = error_set(err, ERROR_TIMEOUT,
                             STR_FMT ": no connection within %lld ms; is a firewall in between? (connectTimeout in "
                                     "connection.url)",
                             STR_ARG(db->place), (long long)db->connect_timeout_ms);
        if (code) {
            db->broken = true;
            return code;
        }
        status = mysql_real_connect_cont(&connected, db->mysql, status);
    }
    if (!connected)
        return my_error(db, err);
    /* the library goes on in clear when the server has no TLS, whatever it was told */
    if (u->tls >= MY_TLS_REQUIRED && !local && !mysql_get_ssl_cipher(db->mysql))
        return error_set(err, ERROR_CONFIG,
                         STR_FMT
                         ": the server has no TLS, and sslMode in connection.url asks for it; turn it on in the "
                         "server, or set sslMode=DISABLED",
                         STR_ARG(db->place));
    return 0;
}

/* libmariadb takes "localhost" for a Unix socket; the URL means TCP. */
static struct my_host tcp_host(const struct my_host *host)
{
    return str_is(host->host, "localhost") ? (struct my_host){STR("127.0.0.1"), host->port} : *host;
}

static int connect_host(struct my_db *db, const struct my_host *host, struct error *err)
{
    const struct my_url *u = db->url;
    struct my_host tcp = tcp_host(host);
    db->place =
        arena_printf(&db->arena, "MySQL at " STR_FMT ":%d, database \"" STR_FMT "\", user \"" STR_FMT "\"",
                     STR_ARG(host->host), host->port, (int)u->database.len, u->database.len ? u->database.ptr : "",
                     (int)db->user.len, db->user.len ? db->user.ptr : "");
    int code = connect_once(db, &tcp, u->tls != MY_TLS_DISABLED, err);
    if (code && db->mysql && u->tls == MY_TLS_PREFERRED && mysql_errno(db->mysql) == CR_SSL_CONNECTION_ERROR) {
        disconnect(db);
        code = connect_once(db, &tcp, false, err);
    }
    if (code)
        disconnect(db);
    return code;
}

static int connect_any(struct my_db *db, struct error *err)
{
    size_t n = db->url->n_hosts;
    size_t first = db->url->balance ? (size_t)clock_mono_ns() / 1000 % n : 0;
    int code = 0;
    for (size_t i = 0; i < n; i++) {
        code = connect_host(db, &db->url->hosts[(first + i) % n], err);
        if (!code || code == ERROR_STOPPED || code == ERROR_AUTH || code == ERROR_CONFIG)
            break;
    }
    return code;
}

static const char *const isolations[] = {
    [DB_ISOLATION_READ_UNCOMMITTED] = "READ UNCOMMITTED",
    [DB_ISOLATION_READ_COMMITTED] = "READ COMMITTED",
    [DB_ISOLATION_REPEATABLE_READ] = "REPEATABLE READ",
    [DB_ISOLATION_SERIALIZABLE] = "SERIALIZABLE",
};

static int set_zone(struct my_db *db, struct error *err)
{
    AUTO_BUF sql = {0};
    int32_t offset;
    buf_add_literal(&sql, "SET time_zone = ");
    if (zone_is_fixed(db->zone, &offset)) {
        int minutes = (offset < 0 ? -offset : offset) / 60;
        buf_printf(&sql, "'%c%02d:%02d'", offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
    } else {
        my_add_text_literal(db, &sql, db->time_zone);
    }
    return my_send(db, buf_str(&sql), err);
}

/* The session: what text forms depend on, and what the options ask for. */
static int set_up(struct my_db *db, struct error *err)
{
    AUTO_BUF sql = {0};
    db->is_mariadb = mariadb_connection(db->mysql);
    int code = set_zone(db, err);
    buf_printf(&sql, "SET SESSION net_write_timeout = %d", MY_WRITE_TIMEOUT_S);
    if (db->statement_timeout_ms > 0 && db->is_mariadb)
        buf_printf(&sql, ", max_statement_time = %.3f", (double)db->statement_timeout_ms / 1000);
    else if (db->statement_timeout_ms > 0)
        buf_printf(&sql, ", max_execution_time = %lld", (long long)db->statement_timeout_ms);
    if (!code)
        code = my_send(db, buf_str(&sql), err);
    if (!code && db->isolation != DB_ISOLATION_DEFAULT) {
        buf_clear(&sql);
        buf_printf(&sql, "SET SESSION TRANSACTION ISOLATION LEVEL %s", isolations[db->isolation]);
        code = my_send(db, buf_str(&sql), err);
    }
    if (!code && db->url->session_variables.len) {
        buf_clear(&sql);
        buf_printf(&sql, "SET SESSION " STR_FMT, STR_ARG(db->url->session_variables));
        code = my_send(db, buf_str(&sql), err);
    }
    return code;
}

static int connect_and_set_up(struct my_db *db, struct error *err)
{
    int code = connect_any(db, err);
    if (code)
        return code;
    code = set_up(db, err);
    if (code) {
        db->broken = true;
        disconnect(db);
    }
    return code;
}

int my_ready(struct my_db *db, struct error *err)
{
    if (db->mysql && !db->broken)
        return 0;
    disconnect(db);
    return connect_and_set_up(db, err);
}

int my_open(const struct db_options *options, struct db **ret, struct error *err)
{
    struct my_db *db = mem_new(struct my_db);
    db->base.driver = &mysql_driver;
    db->url = mem_new(struct my_url);
    db->never.fd = -1;
    db->stop = options->stop ? options->stop : &db->never;
    db->isolation = options->isolation;
    db->legacy_calendar = options->legacy_calendar;
    db->statement_timeout_ms = options->statement_timeout_ms;
    int code = my_url_parse(options->url, &db->arena, db->url, STR_NULL, NULL, err);
    if (!code)
        code = zone_open(options->time_zone, &db->arena, &db->zone, err);
    if (!code) {
        const struct my_url *u = db->url;
        db->socket_timeout_ms = u->socket_timeout_ms ? u->socket_timeout_ms : -1;
        db->connect_timeout_ms = u->connect_timeout_ms         ? u->connect_timeout_ms
                                 : options->connect_timeout_ms ? options->connect_timeout_ms
                                                               : DB_CONNECT_TIMEOUT_MS;
        db->user = u->user.len ? u->user : arena_str(&db->arena, options->user);
        db->password = u->password.len ? u->password : arena_str(&db->arena, options->password);
        db->application = arena_str(&db->arena, options->application);
        db->time_zone = arena_str(&db->arena, options->time_zone);
        code = connect_and_set_up(db, err);
    }
    if (code)
        my_close(&db->base);
    else
        *ret = &db->base;
    return code;
}

void my_close(struct db *base)
{
    struct my_db *db = (struct my_db *)base;
    disconnect(db);
    vec_free(&db->wide);
    free(db->url);
    arena_free(&db->arena);
    free(db);
}

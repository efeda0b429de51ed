#include "db/postgres/postgres.h"

enum { TEXT_MAX = 640 }; /* of a server's message inside ours */

/* One line: runs of white space become one space; what PQERRORS_VERBOSE puts behind the message is cut. */
static void one_line(const char *text, char *out, size_t size)
{
    size_t n = 0;
    const char *end = strstr(text, "LOCATION:");
    for (const char *p = text; *p && p != end && n + 1 < size; p++) {
        bool space = *p == '\n' || *p == '\t' || *p == ' ' || *p == '\r';
        if (!space)
            out[n++] = *p;
        else if (n > 0 && out[n - 1] != ' ')
            out[n++] = ' ';
    }
    while (n > 0 && out[n - 1] == ' ')
        n--;
    out[n] = '\0';
}

struct kind {
    const char *state; /* SQLSTATE, or its class: the longest that fits wins, so classes stand last */
    enum error_code code;
    const char *advice;
};

static const struct kind kinds[] = {
    {"28P01", ERROR_AUTH, "check connection.user and connection.password"},
    {"28000", ERROR_AUTH, "check connection.user, and the server's pg_hba.conf for this client"},
    {"42501", ERROR_AUTH, "grant the user what is missing, as in GRANT SELECT ON table TO user"},
    {"3D000", ERROR_NOT_FOUND, "check the database in connection.url"},
    {"42P01", ERROR_NOT_FOUND, NULL},
    {"3F000", ERROR_NOT_FOUND, NULL},
    {"53100", ERROR_IO, "make room on the server's disk"},
    {"53300", ERROR_CONNECTION, "the server has no free connection: raise max_connections, or lower tasks.max"},
    {"57014", ERROR_TIMEOUT, NULL},
    {"57P03", ERROR_CONNECTION, NULL},
    {"55P03", ERROR_TIMEOUT, NULL},
    {"25006", ERROR_CONFIG, "the session is read-only: connect to the primary, or take readOnly out of the URL"},
    {"08", ERROR_CONNECTION, NULL},
    {"53", ERROR_CONNECTION, NULL},
    {"57", ERROR_CONNECTION, NULL},
    {"40", ERROR_IO, NULL}, /* serialization failures and deadlocks: the next attempt may succeed */
    {"58", ERROR_IO, NULL},
    {"XX", ERROR_IO, NULL},
    {"22", ERROR_DATA, NULL},
    {"28", ERROR_AUTH, "check connection.user and connection.password"},
    {"0A", ERROR_UNSUPPORTED, NULL},
    {"42", ERROR_CONFIG, NULL},
};

static const struct kind *kind_of(const char *state)
{
    for (size_t i = 0; state && i < sizeof kinds / sizeof *kinds; i++)
        if (strncmp(state, kinds[i].state, strlen(kinds[i].state)) == 0)
            return &kinds[i];
    return NULL;
}

static int fail(struct str place, const char *state, const char *text, struct error *err)
{
    const struct kind *kind = kind_of(state);
    return error_set(err, kind ? kind->code : ERROR_IO, STR_FMT ": %s%s%s%s%s%s", STR_ARG(place), text,
                     state ? " (SQLSTATE " : "", state ? state : "", state ? ")" : "", kind && kind->advice ? "; " : "",
                     kind && kind->advice ? kind->advice : "");
}

int pg_result_error(const struct pg_db *db, const PGresult *result, struct error *err)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (!state || !primary)
        return pg_connection_error(db, err);
    const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
    const char *hint = PQresultErrorField(result, PG_DIAG_MESSAGE_HINT);
    AUTO_BUF all = {0};
    buf_add_cstr(&all, primary);
    if (detail)
        buf_printf(&all, "; %s", detail);
    if (hint)
        buf_printf(&all, "; %s", hint);
    char text[TEXT_MAX];
    one_line(buf_cstr(&all), text, sizeof text);
    return fail(db->place, state, text, err);
}

int pg_connection_error(const struct pg_db *db, struct error *err)
{
    char text[TEXT_MAX];
    one_line(PQerrorMessage(db->conn), text, sizeof text);
    return error_set(err, ERROR_CONNECTION, STR_FMT ": the connection was lost: %s", STR_ARG(db->place),
                     text[0] ? text : "no reason is known");
}

/* The SQLSTATE in a verbose message, "FATAL:  28P01: password ..."; the message goes on at *ret_text. */
static bool find_state(const char *message, char state[6], const char **ret_text)
{
    for (const char *p = strstr(message, ":  "); p; p = strstr(p + 1, ":  ")) {
        const char *s = p + 3;
        size_t n = strspn(s, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ");
        if (n == 5 && s[5] == ':' && s[6] == ' ') {
            memcpy(state, s, 5);
            state[5] = '\0';
            *ret_text = s + 7;
            return true;
        }
    }
    return false;
}

/* Failures that libpq finds itself have no SQLSTATE. */
static const struct {
    const char *pattern;
    enum error_code code;
    const char *advice;
} local_failures[] = {
    {"Connection refused", ERROR_CONNECTION, "is the server running there, and does it listen on this address?"},
    {"could not translate host name", ERROR_CONNECTION, "check the host in connection.url"},
    {"no password supplied", ERROR_AUTH, "the server wants a password: set connection.password"},
    {"does not support SSL", ERROR_CONFIG, "set sslmode=disable in connection.url, or turn on ssl in the server"},
    {"certificate", ERROR_CONFIG, "check sslrootcert, sslcert and sslkey in connection.url"},
    {"SSL", ERROR_CONFIG, "check sslmode and the ssl properties in connection.url"},
    {"invalid", ERROR_CONFIG, "check the properties in connection.url"},
    {"session is read-only", ERROR_CONNECTION, "targetServerType in connection.url asks for another server"},
    {"session is not read-only", ERROR_CONNECTION, "targetServerType in connection.url asks for another server"},
    {"in hot standby mode", ERROR_CONNECTION, "targetServerType in connection.url asks for another server"},
};

int pg_open_error(struct str place, PGconn *conn, struct error *err)
{
    char state[6], text[TEXT_MAX];
    const char *message = PQerrorMessage(conn), *rest;
    if (find_state(message, state, &rest)) {
        one_line(rest, text, sizeof text);
        return fail(place, state, text, err);
    }
    /* libpq says where it connected to; so does `place` */
    const char *failed = strstr(message, "failed: ");
    one_line(failed ? failed + 8 : message, text, sizeof text);
    char *advice = strstr(text, " Is the server running"); /* ours is below */
    if (advice)
        *advice = '\0';
    for (size_t i = 0; i < sizeof local_failures / sizeof *local_failures; i++)
        if (strstr(text, local_failures[i].pattern))
            return error_set(err, local_failures[i].code, STR_FMT ": %s; %s", STR_ARG(place), text,
                             local_failures[i].advice);
    return error_set(err, ERROR_CONNECTION, STR_FMT ": %s", STR_ARG(place), text[0] ? text : "cannot connect");
}

#include "db/postgres/url.h"

#include "db/common/url.h"

#include <libpq-fe.h>
#include <stdlib.h>

/* What becomes of a property. */
enum use {
    USE_LIBPQ,   /* libpq's keyword `arg` */
    USE_NOTHING, /* tunes the Java driver; there is nothing to tune here */
    USE_WARN,    /* would change what happens, and does not here: `arg` says what to do */
    USE_USER,
    USE_PASSWORD,
    USE_HOST,
    USE_PORT,
    USE_DATABASE,
    USE_SCHEMA,
    USE_SSL,
    USE_SSL_FACTORY,
    USE_TARGET,
    USE_BALANCE,
    USE_READ_ONLY,
    USE_KEEPALIVE,
    USE_CONNECT_TIMEOUT,
    USE_SOCKET_TIMEOUT,
    USE_QUERY_TIMEOUT,
};

struct row {
    const char *name;
    enum use use;
    const char *arg;
};

static const struct row rows[] = {
    {"user", USE_USER, NULL},
    {"password", USE_PASSWORD, NULL},
    {"PGHOST", USE_HOST, NULL},
    {"PGPORT", USE_PORT, NULL},
    {"PGDBNAME", USE_DATABASE, NULL},
    {"host", USE_HOST, NULL},
    {"port", USE_PORT, NULL},
    {"dbname", USE_DATABASE, NULL},
    {"ssl", USE_SSL, NULL},
    {"sslmode", USE_LIBPQ, "sslmode"},
    {"sslcert", USE_LIBPQ, "sslcert"},
    {"sslkey", USE_LIBPQ, "sslkey"},
    {"sslrootcert", USE_LIBPQ, "sslrootcert"},
    {"sslpassword", USE_LIBPQ, "sslpassword"},
    {"sslNegotiation", USE_LIBPQ, "sslnegotiation"},
    {"sslfactory", USE_SSL_FACTORY, NULL},
    {"sslfactoryarg", USE_WARN, "give certificates with sslcert, sslkey and sslrootcert"},
    {"sslhostnameverifier", USE_WARN, "choose with sslmode=verify-full or verify-ca whether host names are checked"},
    {"sslpasswordcallback", USE_WARN, "give the key's password with sslpassword"},
    {"ApplicationName", USE_LIBPQ, "application_name"},
    {"currentSchema", USE_SCHEMA, NULL},
    {"options", USE_LIBPQ, "options"},
    {"connectTimeout", USE_CONNECT_TIMEOUT, NULL},
    {"connect_timeout", USE_CONNECT_TIMEOUT, NULL},
    {"loginTimeout", USE_CONNECT_TIMEOUT, NULL},
    {"socketTimeout", USE_SOCKET_TIMEOUT, NULL},
    {"queryTimeout", USE_QUERY_TIMEOUT, NULL},
    {"targetServerType", USE_TARGET, NULL},
    {"loadBalanceHosts", USE_BALANCE, NULL},
    {"load_balance_hosts", USE_BALANCE, NULL},
    {"readOnly", USE_READ_ONLY, NULL},
    {"tcpKeepAlive", USE_KEEPALIVE, NULL},
    {"gssEncMode", USE_LIBPQ, "gssencmode"},
    {"kerberosServerName", USE_LIBPQ, "krbsrvname"},
    {"channelBinding", USE_LIBPQ, "channel_binding"},
    {"requireAuth", USE_LIBPQ, "require_auth"},
    {"service", USE_LIBPQ, "service"},
    {"gssUseDefaultCreds", USE_NOTHING, NULL},
    {"gssResponseTimeout", USE_NOTHING, NULL},
    {"sslResponseTimeout", USE_NOTHING, NULL},
    {"jaasApplicationName", USE_WARN, "Kerberos credentials come from the system's cache (kinit)"},
    {"jaasLogin", USE_NOTHING, NULL},
    {"useSpnego", USE_NOTHING, NULL},
    {"sspiServiceClass", USE_NOTHING, NULL},
    {"authenticationPluginClassName", USE_WARN, "give the password itself"},
    {"socketFactory", USE_WARN, "connect to the address that the factory would reach"},
    {"socketFactoryArg", USE_NOTHING, NULL},
    {"localSocketAddress", USE_WARN, "choose the local address by routing"},
    {"replication", USE_WARN, "the query source opens ordinary sessions"},
    {"xmlFactoryFactory", USE_NOTHING, NULL},
    {"stringtype", USE_NOTHING, NULL},
    {"adaptiveFetch", USE_NOTHING, NULL},
    {"adaptiveFetchMaximum", USE_NOTHING, NULL},
    {"adaptiveFetchMinimum", USE_NOTHING, NULL},
    {"allowEncodingChanges", USE_NOTHING, NULL},
    {"assumeMinServerVersion", USE_NOTHING, NULL},
    {"autosave", USE_NOTHING, NULL},
    {"binaryTransfer", USE_NOTHING, NULL},
    {"binaryTransferDisable", USE_NOTHING, NULL},
    {"binaryTransferEnable", USE_NOTHING, NULL},
    {"cancelSignalTimeout", USE_NOTHING, NULL},
    {"classLoaderStrategy", USE_NOTHING, NULL},
    {"cleanupSavepoints", USE_NOTHING, NULL},
    {"connectExecutor", USE_NOTHING, NULL},
    {"connectExecutorArg", USE_NOTHING, NULL},
    {"convertBooleanToNumeric", USE_NOTHING, NULL},
    {"databaseMetadataCacheFields", USE_NOTHING, NULL},
    {"databaseMetadataCacheFieldsMiB", USE_NOTHING, NULL},
    {"defaultRowFetchSize", USE_NOTHING, NULL},
    {"disableColumnSanitiser", USE_NOTHING, NULL},
    {"escapeSyntaxCallMode", USE_NOTHING, NULL},
    {"flushCacheOnDdl", USE_NOTHING, NULL},
    {"groupStartupParameters", USE_NOTHING, NULL},
    {"hideUnprivilegedObjects", USE_NOTHING, NULL},
    {"hostRecheckSeconds", USE_NOTHING, NULL},
    {"loggerFile", USE_NOTHING, NULL},
    {"loggerLevel", USE_NOTHING, NULL},
    {"logServerErrorDetail", USE_NOTHING, NULL},
    {"logUnclosedConnections", USE_NOTHING, NULL},
    {"maxResultBuffer", USE_NOTHING, NULL},
    {"maxSendBufferSize", USE_NOTHING, NULL},
    {"preferQueryMode", USE_NOTHING, NULL},
    {"preparedStatementCacheQueries", USE_NOTHING, NULL},
    {"preparedStatementCacheSizeMiB", USE_NOTHING, NULL},
    {"prepareThreshold", USE_NOTHING, NULL},
    {"protocolVersion", USE_NOTHING, NULL},
    {"quoteReturningIdentifiers", USE_NOTHING, NULL},
    {"readOnlyMode", USE_NOTHING, NULL},
    {"receiveBufferSize", USE_NOTHING, NULL},
    {"reWriteBatchedInserts", USE_NOTHING, NULL},
    {"reWriteBatchedInsertsSize", USE_NOTHING, NULL},
    {"scramMaxIterations", USE_NOTHING, NULL},
    {"sendBufferSize", USE_NOTHING, NULL},
    {"tcpNoDelay", USE_NOTHING, NULL},
    {"unknownLength", USE_NOTHING, NULL},
};

struct parser {
    struct arena *arena;
    struct pg_url *url;
    struct str name;
    struct findings *findings;
    struct error *err;
    bool jdbc, has_sslmode, has_ssl, non_validating;
};

static int decode_percent(struct parser *p, struct str s, struct str *ret)
{
    return url_decode(s, p->jdbc, p->arena, ret, p->err); /* java.net.URLDecoder's space */
}

static int add_option(struct parser *p, const char *name, struct str value)
{
    struct pg_url *u = p->url;
    for (size_t i = 0; i < u->n_options; i++)
        if (strcmp(u->options[i].name, name) == 0) {
            u->options[i].value = value;
            return 0;
        }
    if (u->n_options == PG_URL_MAX_OPTIONS)
        return error_set(p->err, ERROR_CONFIG, "the connection URL has more than %d properties", PG_URL_MAX_OPTIONS);
    u->options[u->n_options++] = (struct pg_option){name, value};
    return 0;
}

static int seconds(struct parser *p, struct str name, struct str value, int64_t *ret_ms)
{
    int64_t s;
    if (!str_to_int64(value, &s) || s < 0 || s > INT32_MAX)
        return error_set(p->err, ERROR_CONFIG, "the connection URL's " STR_FMT "=" STR_FMT " is no number of seconds",
                         STR_ARG(name), STR_ARG(value));
    *ret_ms = s * 1000;
    return 0;
}

static bool is_true(struct str value)
{
    return value.len == 0 || str_is_nocase(value, "true") || str_is(value, "1") || str_is_nocase(value, "random");
}

static int set_target(struct parser *p, struct str value)
{
    static const struct {
        const char *jdbc, *first, *second;
    } targets[] = {
        {"any", "any", NULL},
        {"primary", "primary", NULL},
        {"master", "primary", NULL},
        {"secondary", "standby", NULL},
        {"slave", "standby", NULL},
        {"preferPrimary", "primary", "any"},
        {"preferSecondary", "standby", "any"},
        {"preferSlave", "standby", "any"},
    };
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
        if (str_is_nocase(value, targets[i].jdbc)) {
            p->url->session_attrs[0] = targets[i].first;
            p->url->session_attrs[1] = targets[i].second;
            return 0;
        }
    return error_set(p->err, ERROR_CONFIG,
                     "the connection URL's targetServerType=" STR_FMT " is none of any, primary, secondary, "
                     "preferPrimary, preferSecondary",
                     STR_ARG(value));
}

/* libpq's keyword `name`, when it is one that this libpq knows and that we do not set ourselves. */
static const char *libpq_keyword(struct arena *arena, struct str name)
{
    if (str_is(name, "client_encoding") || str_is(name, "target_session_attrs"))
        return NULL;
    const char *found = NULL;
    PQconninfoOption *all = PQconndefaults();
    for (PQconninfoOption *o = all; o && o->keyword; o++)
        if (str_is(name, o->keyword))
            found = arena_cstr(arena, o->keyword).ptr;
    PQconninfoFree(all);
    return found;
}

static void warn(struct parser *p, const char *format, struct str name, const char *arg)
{
    if (p->findings)
        findings_add(p->findings, FINDING_WARNING, p->name, format, STR_ARG(name), arg);
}

static int use_other(struct parser *p, struct str name, struct str value)
{
    if (str_is(name, "target_session_attrs")) {
        bool prefer = str_is(value, "prefer-standby");
        p->url->session_attrs[0] = prefer ? "standby" : value.ptr;
        p->url->session_attrs[1] = prefer ? "any" : NULL;
        return 0;
    }
    const char *keyword = libpq_keyword(p->arena, name);
    if (keyword)
        return add_option(p, keyword, value);
    warn(p, "the URL's property \"" STR_FMT "\" is not known%s; it has no effect", name, "");
    return 0;
}

static int use_property(struct parser *p, const struct row *row, struct str name, struct str value)
{
    struct pg_url *u = p->url;
    switch (row->use) {
    case USE_LIBPQ:
        p->has_sslmode = p->has_sslmode || strcmp(row->arg, "sslmode") == 0;
        if (!libpq_keyword(p->arena, str_from(row->arg))) {
            warn(p, "the URL's property \"" STR_FMT "\" has no effect: this libpq does not know %s", name, row->arg);
            return 0;
        }
        return add_option(p, row->arg, value);
    case USE_NOTHING:
        return 0;
    case USE_WARN:
        warn(p, "the URL's property \"" STR_FMT "\" has no effect here; %s", name, row->arg);
        return 0;
    case USE_USER:
        u->user = value;
        return 0;
    case USE_PASSWORD:
        u->password = value;
        return 0;
    case USE_HOST:
        u->hosts[0].host = value;
        return 0;
    case USE_PORT:
        u->hosts[0].port = value;
        return 0;
    case USE_DATABASE:
        u->database = value;
        return 0;
    case USE_SCHEMA:
        u->current_schema = value;
        return 0;
    case USE_SSL:
        p->has_ssl = is_true(value);
        return 0;
    case USE_SSL_FACTORY:
        if (str_ends(value, ".NonValidatingFactory"))
            p->non_validating = true;
        else
            warn(p, "the URL's property \"" STR_FMT "\" has no effect here; %s", name,
                 "give certificates with sslcert, sslkey and sslrootcert (PEM files)");
        return 0;
    case USE_TARGET:
        return set_target(p, value);
    case USE_BALANCE:
        u->balance = is_true(value);
        return 0;
    case USE_READ_ONLY:
        u->read_only = is_true(value);
        return 0;
    case USE_KEEPALIVE:
        return add_option(p, "keepalives", is_true(value) ? STR("1") : STR("0"));
    case USE_CONNECT_TIMEOUT:
        return seconds(p, name, value, &u->connect_timeout_ms);
    case USE_SOCKET_TIMEOUT:
        return seconds(p, name, value, &u->socket_timeout_ms);
    case USE_QUERY_TIMEOUT:
        return seconds(p, name, value, &u->statement_timeout_ms);
    }
    return 0;
}

static int parse_property(struct parser *p, struct str text)
{
    struct str rest;
    struct str name, value;
    name = str_split(text, '=', &rest);
    int code = decode_percent(p, name, &name);
    if (!code)
        code = decode_percent(p, rest.ptr ? rest : STR(""), &value);
    if (code)
        return code;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (str_is(name, rows[i].name))
            return use_property(p, &rows[i], name, value);
    return use_other(p, name, value);
}

static int parse_host(struct parser *p, struct str text)
{
    struct pg_url *u = p->url;
    if (u->n_hosts == PG_URL_MAX_HOSTS)
        return error_set(p->err, ERROR_CONFIG, "the connection URL names more than %d hosts", PG_URL_MAX_HOSTS);
    struct str host = text, port = STR_NULL;
    if (text.len && text.ptr[0] == '[') { /* IPv6 */
        size_t end = str_find(text, ']');
        if (end == text.len)
            return error_set(p->err, ERROR_CONFIG, "the connection URL's host " STR_FMT " lacks a ]", STR_ARG(text));
        host = str_of(text.ptr + 1, end - 1);
        struct str after = str_of(text.ptr + end + 1, text.len - end - 1);
        if (after.len && after.ptr[0] != ':')
            return error_set(p->err, ERROR_CONFIG, "the connection URL has \"" STR_FMT "\" after a host's ]",
                             STR_ARG(after));
        if (after.len)
            port = str_of(after.ptr + 1, after.len - 1);
    } else {
        host = str_split(text, ':', &port);
    }
    int64_t number = 5432;
    if (port.len && (!str_to_int64(port, &number) || number < 1 || number > 65535))
        return error_set(p->err, ERROR_CONFIG,
                         "the connection URL's port \"" STR_FMT "\" is not a number from 1 to 65535", STR_ARG(port));
    int code = decode_percent(p, host, &host);
    if (code)
        return code;
    if (host.len == 0 && p->jdbc)
        host = STR("localhost");
    u->hosts[u->n_hosts++] = (struct pg_host){host, arena_printf(p->arena, "%d", (int)number)};
    return 0;
}

static int parse_userinfo(struct parser *p, struct str text)
{
    struct str password;
    struct str user = str_split(text, ':', &password);
    int code = user.len ? decode_percent(p, user, &p->url->user) : 0;
    if (!code && password.ptr)
        code = decode_percent(p, password, &p->url->password);
    return code;
}

/* "//host:port,host/database" or "database" or "/" */
static int parse_place(struct parser *p, struct str text)
{
    struct str database = text, hosts = STR("");
    if (str_starts(text, "//")) {
        hosts = str_split(str_of(text.ptr + 2, text.len - 2), '/', &database);
        size_t at = hosts.len;
        while (at > 0 && hosts.ptr[at - 1] != '@')
            at--;
        if (at > 0) {
            int code = parse_userinfo(p, str_of(hosts.ptr, at - 1));
            if (code)
                return code;
            hosts = str_of(hosts.ptr + at, hosts.len - at);
        }
    } else if (str_starts(text, "/")) {
        database = str_of(text.ptr + 1, text.len - 1);
    }
    struct str rest = hosts;
    do {
        int code = parse_host(p, str_split(rest, ',', &rest));
        if (code)
            return code;
    } while (rest.ptr);
    return database.len ? decode_percent(p, database, &p->url->database) : 0;
}

static int finish_ssl(struct parser *p)
{
    if (p->has_sslmode || !(p->has_ssl || p->non_validating))
        return 0;
    return add_option(p, "sslmode", p->non_validating ? STR("require") : STR("verify-full"));
}

int pg_url_parse(struct str url, struct arena *arena, struct pg_url *ret, struct str name, struct findings *findings,
                 struct error *err)
{
    static const char *const schemes[] = {"jdbc:postgresql:", "postgresql:", "postgres:", NULL};
    struct pg_url parsed = {.session_attrs = {"any", NULL}};
    struct parser p = {.arena = arena, .url = &parsed, .name = name, .findings = findings, .err = err};
    if (url.len > PG_URL_MAX)
        return error_set(err, ERROR_CONFIG, "the connection URL is longer than %d bytes", PG_URL_MAX);
    struct str rest = STR_NULL;
    for (const char *const *scheme = schemes; *scheme && !rest.ptr; scheme++)
        if (str_starts(url, *scheme))
            rest = str_of(url.ptr + strlen(*scheme), url.len - strlen(*scheme));
    if (!rest.ptr)
        return error_set(err, ERROR_CONFIG, "the connection URL does not start with jdbc:postgresql: or postgresql:");
    p.jdbc = str_starts(url, "jdbc:");

    struct str query;
    int code = parse_place(&p, str_split(rest, '?', &query));
    while (!code && query.ptr) {
        struct str property = str_split(query, '&', &query);
        code = property.len ? parse_property(&p, property) : 0;
    }
    if (!code)
        code = finish_ssl(&p);
    if (!code)
        *ret = parsed;
    return code;
}

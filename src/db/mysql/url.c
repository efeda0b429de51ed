#include "db/mysql/url.h"

#include "db/common/url.h"

enum use {
    USE_NOTHING, /* has no meaning here, and no effect on what is read */
    USE_WARN,    /* has an effect there; `arg` says what to do instead */
    USE_USER,
    USE_PASSWORD,
    USE_SSL_MODE,
    USE_SSL,
    USE_REQUIRE_SSL,
    USE_VERIFY,
    USE_TEXT, /* to the member at `offset` */
    USE_ZERO_DATE,
    USE_CONNECT_TIMEOUT,
    USE_SOCKET_TIMEOUT,
    USE_TINY_IS_BIT,
    USE_BIT_IS_BOOLEAN,
    USE_YEAR,
    USE_COMPRESS,
    USE_CURRENT_ONLY,
};

struct row {
    const char *name;
    enum use use;
    const char *arg;
    size_t offset;
};

#define TEXT(name, member)                                                                                             \
    {                                                                                                                  \
        name, USE_TEXT, NULL, offsetof(struct my_url, member)                                                          \
    }

static const struct row rows[] = {
    {"user", USE_USER, NULL, 0},
    {"username", USE_USER, NULL, 0},
    {"password", USE_PASSWORD, NULL, 0},
    {"sslMode", USE_SSL_MODE, NULL, 0},
    {"ssl-mode", USE_SSL_MODE, NULL, 0},
    {"useSSL", USE_SSL, NULL, 0},
    {"useSsl", USE_SSL, NULL, 0},
    {"requireSSL", USE_REQUIRE_SSL, NULL, 0},
    {"verifyServerCertificate", USE_VERIFY, NULL, 0},
    TEXT("sslCa", ca),
    TEXT("sslCert", cert),
    TEXT("sslKey", key),
    TEXT("serverSslCert", ca),
    TEXT("enabledSslCipherSuites", ciphers),
    TEXT("enabledTLSProtocols", tls_versions),
    TEXT("tlsVersions", tls_versions),
    TEXT("enabledSslProtocolSuites", tls_versions),
    TEXT("serverRSAPublicKeyFile", public_key),
    TEXT("serverRsaPublicKeyFile", public_key),
    TEXT("sessionVariables", session_variables),
    TEXT("localSocket", socket),
    {"zeroDateTimeBehavior", USE_ZERO_DATE, NULL, 0},
    {"connectTimeout", USE_CONNECT_TIMEOUT, NULL, 0},
    {"socketTimeout", USE_SOCKET_TIMEOUT, NULL, 0},
    {"tinyInt1isBit", USE_TINY_IS_BIT, NULL, 0},
    {"transformedBitIsBoolean", USE_BIT_IS_BOOLEAN, NULL, 0},
    {"yearIsDateType", USE_YEAR, NULL, 0},
    {"useCompression", USE_COMPRESS, NULL, 0},
    {"nullCatalogMeansCurrent", USE_CURRENT_ONLY, NULL, 0},
    {"nullDatabaseMeansCurrent", USE_CURRENT_ONLY, NULL, 0},
    {"serverTimezone", USE_WARN, "db.timezone tells the zone of dates and times without one", 0},
    {"connectionTimeZone", USE_WARN, "db.timezone tells the zone of dates and times without one", 0},
    {"trustCertificateKeyStoreUrl", USE_WARN, "give the certificates of authorities as a PEM file: sslCa", 0},
    {"clientCertificateKeyStoreUrl", USE_WARN, "give certificate and key as PEM files: sslCert, sslKey", 0},
    {"trustStore", USE_WARN, "give the certificates of authorities as a PEM file: sslCa", 0},
    {"keyStore", USE_WARN, "give certificate and key as PEM files: sslCert, sslKey", 0},
    {"socketFactory", USE_WARN, "connect to the address that the factory would reach", 0},
    {"socksProxyHost", USE_WARN, "connect to the address that the proxy would reach", 0},
    {"localSocketAddress", USE_WARN, "choose the local address by routing", 0},
    {"authenticationPlugins", USE_WARN, "the server says how it wants to be logged in to", 0},
    {"queryInterceptors", USE_WARN, "no Java code runs here", 0},
    {"connectionLifecycleInterceptors", USE_WARN, "no Java code runs here", 0},
};

static const char *const without_effect[] = {
    "allowPublicKeyRetrieval",
    "allowLoadLocalInfile",
    "allowMultiQueries",
    "allowNanAndInf",
    "allowUrlInLocalInfile",
    "alwaysSendSetIsolation",
    "applicationName",
    "autoClosePStmtStreams",
    "autoDeserialize",
    "autoGenerateTestcaseScript",
    "autoReconnect",
    "autoReconnectForPools",
    "blobSendChunkSize",
    "blobsAreStrings",
    "cacheCallableStmts",
    "cacheDefaultTimeZone",
    "cachePrepStmts",
    "cacheResultSetMetadata",
    "cacheServerConfiguration",
    "cacheDefaultTimezone",
    "callableStmtCacheSize",
    "characterEncoding",
    "characterSetResults",
    "clientInfoProvider",
    "clobberStreamingResults",
    "clobCharacterEncoding",
    "connectionAttributes",
    "connectionCollation",
    "continueBatchOnError",
    "createDatabaseIfNotExist",
    "customCharsetMapping",
    "databaseTerm",
    "defaultFetchSize",
    "disconnectOnExpiredPasswords",
    "dontCheckOnDuplicateKeyUpdateInSQL",
    "dontTrackOpenResources",
    "dumpQueriesOnException",
    "elideSetAutoCommits",
    "emptyStringsConvertToZero",
    "emulateLocators",
    "emulateUnsupportedPstmts",
    "enableEscapeProcessing",
    "enablePacketDebug",
    "enableQueryTimeouts",
    "explainSlowQueries",
    "failOverReadOnly",
    "fallbackToSystemKeyStore",
    "fallbackToSystemTrustStore",
    "forceConnectionTimeZoneToSession",
    "functionsNeverReturnBlobs",
    "gatherPerfMetrics",
    "generateSimpleParameterMetadata",
    "getProceduresReturnsFunctions",
    "holdResultsOpenOverStatementClose",
    "ignoreNonTxTables",
    "includeInnodbStatusInDeadlockExceptions",
    "includeThreadDumpInDeadlockExceptions",
    "initialTimeout",
    "interactiveClient",
    "jdbcCompliantTruncation",
    "jdbcCompatibleTruncation",
    "largeRowSizeThreshold",
    "loadBalanceStrategy",
    "locatorFetchBufferSize",
    "logger",
    "logSlowQueries",
    "maintainTimeStats",
    "maxAllowedPacket",
    "maxQuerySizeToLog",
    "maxReconnects",
    "maxRows",
    "metadataCacheSize",
    "netTimeoutForStreamingResults",
    "noAccessToProcedureBodies",
    "noDatetimeStringSync",
    "overrideSupportsIntegrityEnhancementFacility",
    "packetDebugBufferSize",
    "padCharsWithSpace",
    "paranoid",
    "passwordCharacterEncoding",
    "pedantic",
    "pinGlobalTxToPhysicalConnection",
    "populateInsertRowWithDefaultValues",
    "prepStmtCacheSize",
    "prepStmtCacheSqlLimit",
    "preserveInstants",
    "processEscapeCodesForPrepStmts",
    "profileSQL",
    "profilerEventHandler",
    "queriesBeforeRetrySource",
    "queryTimeoutKillsConnection",
    "readFromSourceWhenNoReplicas",
    "readOnlyPropagatesToServer",
    "reconnectAtTxEnd",
    "reportMetricsIntervalMillis",
    "resultSetSizeThreshold",
    "retriesAllDown",
    "rewriteBatchedStatements",
    "rollbackOnPooledClose",
    "scrollTolerantForwardOnly",
    "secondsBeforeRetrySource",
    "selfDestructOnPingMaxOperations",
    "selfDestructOnPingSecondsLifetime",
    "sendFractionalSeconds",
    "sendFractionalSecondsForTime",
    "serverAffinityOrder",
    "slowQueryThresholdMillis",
    "slowQueryThresholdNanos",
    "strictUpdates",
    "tcpKeepAlive",
    "tcpNoDelay",
    "tcpRcvBuf",
    "tcpSndBuf",
    "tcpTrafficClass",
    "trackSessionState",
    "traceProtocol",
    "transactionIsolation",
    "treatUtilDateAsTimestamp",
    "trustCertificateKeyStoreType",
    "trustCertificateKeyStorePassword",
    "clientCertificateKeyStoreType",
    "clientCertificateKeyStorePassword",
    "ultraDevHack",
    "useAffectedRows",
    "useBlobToStoreUTF8OutsideBMP",
    "useColumnNamesInFindColumn",
    "useConfigs",
    "useCursorFetch",
    "useDirectRowUnpack",
    "useFastDateParsing",
    "useFastIntParsing",
    "useHostsInPrivileges",
    "useInformationSchema",
    "useJDBCCompliantTimezoneShift",
    "useLegacyDatetimeCode",
    "useLocalSessionState",
    "useLocalTransactionState",
    "useOldAliasMetadataBehavior",
    "useOnlyServerErrorMessages",
    "useReadAheadInput",
    "useServerPrepStmts",
    "useSqlStateCodes",
    "useSSPSCompatibleTimezoneShift",
    "useStreamLengthsInPrepStmts",
    "useTimezone",
    "useUltraDevWorkAround",
    "useUnbufferedInput",
    "useUnicode",
    "useUsageAdvisor",
    "autocommit",
    "dumpQueriesOnException",
    "galeraAllowedState",
    "includeThreadDumpInDeadlockExceptions",
    "maxQuerySizeToLog",
    "pool",
    "maxPoolSize",
    "minPoolSize",
    "poolName",
    "registerJmxPool",
    "timezone",
    "usePipelineAuth",
    "useBulkStmts",
    "useReadAheadInput",
    "disablePipeline",
};

struct parser {
    struct arena *arena;
    struct my_url *url;
    struct str name;
    struct findings *findings;
    struct error *err;
    bool has_tls_mode, ssl, no_ssl, require_ssl, verify, tiny_is_not_bit, bit_is_boolean;
};

static int decode_percent(struct parser *p, struct str s, struct str *ret)
{
    return url_decode(s, false, p->arena, ret, p->err);
}

static int bad_value(struct parser *p, struct str property, struct str value, const char *choices)
{
    return error_set(p->err, ERROR_CONFIG, "the connection URL's " STR_FMT "=" STR_FMT " is none of %s",
                     STR_ARG(property), STR_ARG(value), choices);
}

static bool is_true(struct str value)
{
    return value.len == 0 || str_is_nocase(value, "true") || str_is_nocase(value, "yes") || str_is(value, "1");
}

static int set_tls(struct parser *p, struct str property, struct str value)
{
    static const struct {
        const char *name;
        enum my_tls tls;
    } modes[] = {
        {"DISABLED", MY_TLS_DISABLED},        {"disable", MY_TLS_DISABLED},   {"PREFERRED", MY_TLS_PREFERRED},
        {"REQUIRED", MY_TLS_REQUIRED},        {"trust", MY_TLS_REQUIRED},     {"VERIFY_CA", MY_TLS_VERIFIED},
        {"VERIFY_IDENTITY", MY_TLS_VERIFIED}, {"verify-ca", MY_TLS_VERIFIED}, {"verify-full", MY_TLS_VERIFIED},
    };
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        if (str_is_nocase(value, modes[i].name)) {
            p->url->tls = modes[i].tls;
            p->has_tls_mode = true;
            return 0;
        }
    return bad_value(p, property, value, "DISABLED, PREFERRED, REQUIRED, VERIFY_CA, VERIFY_IDENTITY");
}

static int set_zero_date(struct parser *p, struct str property, struct str value)
{
    if (str_is_nocase(value, "CONVERT_TO_NULL") || str_is_nocase(value, "convertToNull"))
        p->url->zero_date = MY_ZERO_NULL;
    else if (str_is_nocase(value, "ROUND"))
        p->url->zero_date = MY_ZERO_ROUND;
    else if (str_is_nocase(value, "EXCEPTION"))
        p->url->zero_date = MY_ZERO_EXCEPTION;
    else
        return bad_value(p, property, value, "CONVERT_TO_NULL, ROUND, EXCEPTION");
    return 0;
}

static int set_timeout(struct parser *p, struct str property, struct str value, int64_t *ret_ms)
{
    int64_t ms;
    if (!str_to_int64(value, &ms) || ms < 0 || ms > INT32_MAX)
        return bad_value(p, property, value, "the numbers of milliseconds");
    *ret_ms = ms;
    return 0;
}

static int use_property(struct parser *p, const struct row *row, struct str property, struct str value)
{
    struct my_url *u = p->url;
    switch (row->use) {
    case USE_NOTHING:
        return 0;
    case USE_WARN:
        if (p->findings)
            findings_add(p->findings, FINDING_WARNING, p->name,
                         "the URL's property \"" STR_FMT "\" has no effect here; %s", STR_ARG(property), row->arg);
        return 0;
    case USE_USER:
        u->user = value;
        return 0;
    case USE_PASSWORD:
        u->password = value;
        return 0;
    case USE_SSL_MODE:
        return set_tls(p, property, value);
    case USE_SSL:
        p->ssl = is_true(value);
        p->no_ssl = !p->ssl;
        return 0;
    case USE_REQUIRE_SSL:
        p->require_ssl = is_true(value);
        return 0;
    case USE_VERIFY:
        p->verify = is_true(value);
        return 0;
    case USE_TEXT:
        *(struct str *)(void *)((char *)u + row->offset) = value;
        return 0;
    case USE_ZERO_DATE:
        return set_zero_date(p, property, value);
    case USE_CONNECT_TIMEOUT:
        return set_timeout(p, property, value, &u->connect_timeout_ms);
    case USE_SOCKET_TIMEOUT:
        return set_timeout(p, property, value, &u->socket_timeout_ms);
    case USE_TINY_IS_BIT:
        p->tiny_is_not_bit = !is_true(value);
        return 0;
    case USE_BIT_IS_BOOLEAN:
        p->bit_is_boolean = is_true(value);
        return 0;
    case USE_YEAR:
        u->year_is_number = !is_true(value);
        return 0;
    case USE_COMPRESS:
        u->compress = is_true(value);
        return 0;
    case USE_CURRENT_ONLY:
        u->all_databases = !is_true(value);
        return 0;
    }
    return 0;
}

static int parse_property(struct parser *p, struct str text)
{
    struct str rest, name, value;
    name = str_split(text, '=', &rest);
    int code = decode_percent(p, name, &name);
    if (!code)
        code = decode_percent(p, rest.ptr ? rest : STR(""), &value);
    if (code)
        return code;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (str_is(name, rows[i].name))
            return use_property(p, &rows[i], name, value);
    for (size_t i = 0; i < sizeof without_effect / sizeof *without_effect; i++)
        if (str_is(name, without_effect[i]))
            return 0;
    if (p->findings)
        findings_add(p->findings, FINDING_WARNING, p->name,
                     "the URL's property \"" STR_FMT "\" is not known; it has no effect", STR_ARG(name));
    return 0;
}

static int set_port(struct parser *p, struct str text, struct my_host *host)
{
    int64_t number = MY_PORT;
    if (text.len && (!str_to_int64(text, &number) || number < 1 || number > 65535))
        return error_set(p->err, ERROR_CONFIG,
                         "the connection URL's port \"" STR_FMT "\" is not a number from 1 to 65535", STR_ARG(text));
    host->port = (uint16_t)number;
    return 0;
}

/* "address=(host=h)(port=3307)" and "(host=h,port=3307)" */
static int parse_address(struct parser *p, struct str text, struct my_host *host)
{
    while (text.len) {
        size_t n = 0;
        while (n < text.len && text.ptr[n] != '(' && text.ptr[n] != ')' && text.ptr[n] != ',')
            n++;
        struct str value, key = str_trim(str_split(str_of(text.ptr, n), '=', &value));
        int code = 0;
        if (str_is(key, "host"))
            code = decode_percent(p, str_trim(value), &host->host);
        else if (str_is(key, "port"))
            code = set_port(p, str_trim(value), host);
        if (code)
            return code;
        n += n < text.len;
        text = str_of(text.ptr + n, text.len - n);
    }
    return 0;
}

static int parse_host(struct parser *p, struct str text)
{
    struct my_url *u = p->url;
    if (u->n_hosts == MY_URL_MAX_HOSTS)
        return error_set(p->err, ERROR_CONFIG, "the connection URL names more than %d hosts", MY_URL_MAX_HOSTS);
    struct my_host *host = &u->hosts[u->n_hosts++];
    struct str name = text, port = STR_NULL;
    *host = (struct my_host){.host = STR("localhost"), .port = MY_PORT};
    if (str_starts(text, "address=") || str_starts(text, "("))
        return parse_address(p, text, host);
    if (text.len && text.ptr[0] == '[') { /* IPv6 */
        size_t end = str_find(text, ']');
        if (end == text.len)
            return error_set(p->err, ERROR_CONFIG, "the connection URL's host " STR_FMT " lacks a ]", STR_ARG(text));
        name = str_of(text.ptr + 1, end - 1);
        struct str after = str_of(text.ptr + end + 1, text.len - end - 1);
        if (after.len && after.ptr[0] != ':')
            return error_set(p->err, ERROR_CONFIG, "the connection URL has \"" STR_FMT "\" after a host's ]",
                             STR_ARG(after));
        if (after.len)
            port = str_of(after.ptr + 1, after.len - 1);
    } else {
        name = str_split(text, ':', &port);
    }
    int code = set_port(p, port, host);
    if (!code && name.len)
        code = decode_percent(p, name, &host->host);
    return code;
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

/* Hosts are separated by commas outside parentheses. */
static struct str next_host(struct str *rest)
{
    int depth = 0;
    size_t n = 0;
    for (; n < rest->len && (depth > 0 || rest->ptr[n] != ','); n++)
        depth += rest->ptr[n] == '(' ? 1 : rest->ptr[n] == ')' ? -1 : 0;
    struct str host = str_of(rest->ptr, n);
    *rest = n < rest->len ? str_of(rest->ptr + n + 1, rest->len - n - 1) : STR_NULL;
    return host;
}

static int parse_place(struct parser *p, struct str text)
{
    struct str database, hosts = str_split(text, '/', &database);
    size_t at = hosts.len;
    while (at > 0 && hosts.ptr[at - 1] != '@')
        at--;
    if (at > 0) {
        int code = parse_userinfo(p, str_of(hosts.ptr, at - 1));
        if (code)
            return code;
        hosts = str_of(hosts.ptr + at, hosts.len - at);
    }
    struct str rest = hosts;
    do {
        int code = parse_host(p, next_host(&rest));
        if (code)
            return code;
    } while (rest.ptr);
    return database.len ? decode_percent(p, database, &p->url->database) : 0;
}

static void finish(struct parser *p)
{
    struct my_url *u = p->url;
    if (!p->has_tls_mode) /* the older properties:
                             https://dev.mysql.com/doc/connector-j/en/connector-j-reference-using-ssl.html */
        u->tls = p->no_ssl        ? MY_TLS_DISABLED
                 : p->verify      ? MY_TLS_VERIFIED
                 : p->require_ssl ? MY_TLS_REQUIRED
                                  : MY_TLS_PREFERRED;
    u->tiny_is_boolean = p->bit_is_boolean && !p->tiny_is_not_bit;
}

int my_url_parse(struct str url, struct arena *arena, struct my_url *ret, struct str name, struct findings *findings,
                 struct error *err)
{
    static const char *const schemes[] = {"jdbc:mysql:", "jdbc:mariadb:", "mysql:", "mariadb:", NULL};
    static const char *const ways[] = {"loadbalance:", "replication:", "sequential:", "failover:", "aurora:", NULL};
    struct my_url parsed = {0};
    struct parser p = {.arena = arena, .url = &parsed, .name = name, .findings = findings, .err = err};
    if (url.len > MY_URL_MAX)
        return error_set(err, ERROR_CONFIG, "the connection URL is longer than %d bytes", MY_URL_MAX);
    struct str rest = STR_NULL;
    for (const char *const *scheme = schemes; *scheme && !rest.ptr; scheme++)
        if (str_starts(url, *scheme))
            rest = str_of(url.ptr + strlen(*scheme), url.len - strlen(*scheme));
    for (const char *const *way = ways; *way; way++)
        if (rest.ptr && str_starts(rest, *way)) {
            parsed.balance = strcmp(*way, "loadbalance:") == 0;
            rest = str_of(rest.ptr + strlen(*way), rest.len - strlen(*way));
        }
    if (!rest.ptr || !str_starts(rest, "//"))
        return error_set(err, ERROR_CONFIG,
                         "the connection URL is not of the form jdbc:mysql://host:port/database?property=value");
    struct str query;
    int code = parse_place(&p, str_split(str_of(rest.ptr + 2, rest.len - 2), '?', &query));
    while (!code && query.ptr) {
        struct str property = str_split(query, '&', &query);
        code = property.len ? parse_property(&p, property) : 0;
    }
    if (code)
        return code;
    finish(&p);
    *ret = parsed;
    return 0;
}

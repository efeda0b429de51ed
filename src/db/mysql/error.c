#include "db/mysql/mysql.h"

#include <errmsg.h>
#include <mysqld_error.h>

struct kind {
    unsigned number;
    enum error_code code;
    const char *advice;
};

static const struct kind kinds[] = {
    {ER_ACCESS_DENIED_ERROR, ERROR_AUTH, "check connection.user and connection.password"},
    {ER_DBACCESS_DENIED_ERROR, ERROR_AUTH, "check the database in connection.url, and the user's grants on it"},
    {ER_TABLEACCESS_DENIED_ERROR, ERROR_AUTH, "grant what is missing, as in GRANT SELECT ON table TO user"},
    {ER_COLUMNACCESS_DENIED_ERROR, ERROR_AUTH, "grant what is missing, as in GRANT SELECT ON table TO user"},
    {ER_SPECIFIC_ACCESS_DENIED_ERROR, ERROR_AUTH, NULL},
    {ER_HOST_NOT_PRIVILEGED, ERROR_AUTH, "the server has no user for this client's address"},
    {ER_HOST_IS_BLOCKED, ERROR_CONNECTION, NULL},
    {ER_BAD_DB_ERROR, ERROR_NOT_FOUND, "check the database in connection.url"},
    {ER_NO_SUCH_TABLE, ERROR_NOT_FOUND, NULL},
    {ER_UNKNOWN_TABLE, ERROR_NOT_FOUND, NULL},
    {ER_UNKNOWN_TIME_ZONE, ERROR_CONFIG,
     "the server must know the zone of db.timezone: load its tables with mysql_tzinfo_to_sql, or set db.timezone to a "
     "distance as +02:00"},
    {ER_CON_COUNT_ERROR, ERROR_CONNECTION,
     "the server has no free connection: raise max_connections, or lower tasks.max"},
    {ER_USER_LIMIT_REACHED, ERROR_CONNECTION, NULL},
    {ER_LOCK_DEADLOCK, ERROR_IO, NULL},
    {ER_LOCK_WAIT_TIMEOUT, ERROR_TIMEOUT, NULL},
    {ER_QUERY_INTERRUPTED, ERROR_TIMEOUT, NULL},
    {ER_DISK_FULL, ERROR_IO, "make room on the server's disk"},
    {ER_SERVER_SHUTDOWN, ERROR_CONNECTION, NULL},
    {ER_NORMAL_SHUTDOWN, ERROR_CONNECTION, NULL},
    {ER_CONNECTION_KILLED, ERROR_CONNECTION, NULL},
    {3024 /* MySQL: max_execution_time */, ERROR_TIMEOUT, NULL},
    {1969 /* MariaDB: max_statement_time */, ERROR_TIMEOUT, NULL},
    {ER_TABLE_DEF_CHANGED, ERROR_IO, NULL},
    {ER_NOT_SUPPORTED_YET, ERROR_UNSUPPORTED, NULL},
    {CR_SSL_CONNECTION_ERROR, ERROR_CONFIG, "check sslMode and the TLS properties in connection.url"},
    {CR_AUTH_PLUGIN_CANNOT_LOAD, ERROR_AUTH, "the library for the server's way of logging in is missing here"},
    {CR_UNKNOWN_HOST, ERROR_CONNECTION, "check the host in connection.url"},
};

static const struct kind *kind_of(unsigned number)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].number == number)
            return &kinds[i];
    return NULL;
}

static enum error_code code_by_state(unsigned number, const char *state)
{
    if (number >= CR_MIN_ERROR && number <= CR_MAX_ERROR)
        return ERROR_CONNECTION;
    if (strncmp(state, "08", 2) == 0)
        return ERROR_CONNECTION;
    if (strncmp(state, "28", 2) == 0)
        return ERROR_AUTH;
    if (strncmp(state, "22", 2) == 0)
        return ERROR_DATA;
    if (strncmp(state, "40", 2) == 0)
        return ERROR_IO;
    return ERROR_CONFIG;
}

int my_error(const struct my_db *db, struct error *err)
{
    unsigned number = mysql_errno(db->mysql);
    const struct kind *kind = kind_of(number);
    enum error_code code = kind ? kind->code : code_by_state(number, mysql_sqlstate(db->mysql));
    return error_set(err, code, STR_FMT ": %s (%u)%s%s", STR_ARG(db->place), mysql_error(db->mysql), number,
                     kind && kind->advice ? "; " : "", kind && kind->advice ? kind->advice : "");
}

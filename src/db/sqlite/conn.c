#include "db/sqlite/sqlite.h"

#include "base/clock.h"
#include "base/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

void sqlite_check_url(struct str url, struct str name, struct findings *findings)
{
    struct arena arena = {0};
    struct sqlite_url parsed;
    struct error err = {0};
    if (sqlite_url_parse(url, &arena, &parsed, name, findings, &err))
        findings_add(findings, FINDING_ERROR, name, "%s", err.text);
    arena_free(&arena);
}

static enum error_code code_of(int result, const char *text)
{
    switch (result & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ERROR_TIMEOUT;
    case SQLITE_INTERRUPT:
        return ERROR_STOPPED;
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_READONLY:
        return ERROR_AUTH;
    case SQLITE_FULL:
        return ERROR_NO_SPACE;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return ERROR_CORRUPT;
    case SQLITE_NOTFOUND:
        return ERROR_NOT_FOUND;
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
    case SQLITE_PROTOCOL:
    case SQLITE_SCHEMA:
        return ERROR_IO;
    case SQLITE_NOMEM:
        return ERROR_INTERNAL;
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
    case SQLITE_RANGE:
        return ERROR_DATA;
    default:
        return strncmp(text, "no such table", 13) == 0 ? ERROR_NOT_FOUND : ERROR_CONFIG;
    }
}

int sqlite_error(const struct sqlite_db *db, int result, struct error *err)
{
    const char *text = db->handle ? sqlite3_errmsg(db->handle) : sqlite3_errstr(result);
    const char *advice = "";
    if ((result & 0xff) == SQLITE_BUSY)
        advice = "; a writer holds the file for longer than busy_timeout in connection.url";
    if ((result & 0xff) == SQLITE_INTERRUPT)
        text = "asked to stop while reading";
    return error_set(err, code_of(result, text), STR_FMT ": %s%s", STR_ARG(db->place), text, advice);
}

static int on_busy(void *ctx, int times)
{
    struct sqlite_db *db = ctx;
    enum { STEP_MS = 5 };
    if (times == 0)
        db->busy_since = clock_mono_ms();
    if (clock_mono_ms() - db->busy_since >= db->busy_ms)
        return 0;
    return wake_wait(db->stop, -1, 0, STEP_MS) != WAKE_RAISED;
}

static int on_progress(void *ctx)
{
    const struct sqlite_db *db = ctx;
    return db->stop != &db->never && wake_is_raised(db->stop);
}

static int open_file(struct sqlite_db *db, const struct sqlite_url *url, struct error *err)
{
    int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | (url->is_uri ? SQLITE_OPEN_URI : 0);
    bool memory = str_starts(url->file, ":memory:");
    if (!url->is_uri && !memory && access(url->file.ptr, R_OK) != 0)
        return error_set(err,
                         errno == ENOENT   ? ERROR_NOT_FOUND
                         : errno == EACCES ? ERROR_AUTH
                                           : ERROR_IO,
                         STR_FMT ": %s", STR_ARG(db->place), strerror(errno));
    int result = sqlite3_open_v2(url->file.ptr, &db->handle, flags, NULL);
    if (result)
        return sqlite_error(db, result, err);
    sqlite3_busy_handler(db->handle, on_busy, db);
    sqlite3_progress_handler(db->handle, SQLITE_PROGRESS_STEPS, on_progress, db);
    return sqlite_run(db, "SELECT 1 FROM sqlite_master LIMIT 1", err); /* is it a database at all? */
}

int sqlite_open(const struct db_options *options, struct db **ret, struct error *err)
{
    struct sqlite_db *db = mem_new(struct sqlite_db);
    struct sqlite_url url;
    db->base.driver = &sqlite_driver;
    db->never.fd = -1;
    db->stop = options->stop ? options->stop : &db->never;
    db->legacy_calendar = options->legacy_calendar;
    int code = sqlite_url_parse(options->url, &db->arena, &url, STR_NULL, NULL, err);
    if (!code) {
        db->place = arena_printf(&db->arena, "SQLite file " STR_FMT, STR_ARG(url.file));
        db->busy_ms = url.busy_ms;
        db->times = url.times;
        db->times_fixed = url.times.form != SQLITE_FORM_UNKNOWN;
        code = zone_open(options->time_zone, &db->arena, &db->zone, err);
    }
    if (!code)
        code = open_file(db, &url, err);
    if (code)
        sqlite_close(&db->base);
    else
        *ret = &db->base;
    return code;
}

void sqlite_close(struct db *base)
{
    struct sqlite_db *db = (struct sqlite_db *)base;
    sqlite3_close_v2(db->handle);
    vec_free(&db->wide);
    vec_free(&db->unsampled);
    arena_free(&db->arena);
    free(db);
}

int sqlite_run(struct sqlite_db *db, const char *sql, struct error *err)
{
    int result = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
    return result ? sqlite_error(db, result, err) : 0;
}

int sqlite_execute(struct db *base, struct str sql, struct error *err)
{
    AUTO_BUF text = {0};
    buf_add_str(&text, sql);
    return sqlite_run((struct sqlite_db *)base, buf_cstr(&text), err);
}

/* How fast rows become values: reads a query again and again through the db room. Not a test: `bench_read URL SQL`. */
#include "base/clock.h"
#include "data/record.h"
#include "db/db.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static enum db_rep rep_of(const struct db_column *c)
{
    switch (c->type) {
    case DB_BIT:
        return DB_AS_BOOLEAN;
    case DB_SMALLINT:
        return DB_AS_INT16;
    case DB_INTEGER:
        return DB_AS_INT32;
    case DB_BIGINT:
        return DB_AS_INT64;
    case DB_NUMERIC:
        return DB_AS_DECIMAL;
    case DB_DOUBLE:
        return DB_AS_FLOAT64;
    case DB_TIMESTAMP:
        return DB_AS_TIMESTAMP_MS;
    default:
        return DB_AS_STRING;
    }
}

static int64_t thread_cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static void check(int code, const struct error *err)
{
    if (code) {
        fprintf(stderr, "%s\n", err->text);
        exit(1);
    }
}

int main(int argc, char **argv)
{
    struct error err = {0};
    struct db *db;
    struct db_options options = {.url = str_from(argc > 1 ? argv[1] : "")};
    check(db_open(&options, &db, &err), &err);
    struct batch batch;
    batch_init(&batch);
    for (int round = 0; round < 3; round++) {
        struct db_cursor *c;
        const struct db_column *columns;
        int64_t wall = clock_mono_ns(), cpu = thread_cpu_ns();
        check(db_query(db, str_from(argc > 2 ? argv[2] : "select * from seqs"), &c, &err), &err);
        size_t n = db_cursor_columns(c, &columns), rows = 0;
        for (size_t i = 0; i < n; i++)
            check(db_cursor_bind(c, i, rep_of(&columns[i]), columns[i].scale, &err), &err);
        for (bool more = true; more;) {
            struct value *values = arena_alloc(&batch.arena, sizeof *values * n);
            check(db_cursor_next(c, &batch.arena, values, &more, &err), &err);
            if (more) {
                batch_add(&batch)->value = value_items(VALUE_STRUCT, values, n);
                rows++;
            }
            if (batch_bytes(&batch) > 512 * 1024)
                batch_reset(&batch);
        }
        db_cursor_close(c);
        wall = clock_mono_ns() - wall;
        cpu = thread_cpu_ns() - cpu;
        printf("%zu rows, %.3f s, %.0f rows/s, %.0f ns CPU a row\n", rows, (double)wall / 1e9,
               (double)rows * 1e9 / (double)wall, (double)cpu / (double)(rows ? rows : 1));
    }
    batch_release(&batch);
    db_close(db);
    return 0;
}

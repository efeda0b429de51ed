/*
 * The connector at work. Two states: the snapshot, one repeatable-read transaction at exactly the slot's consistent
 * point, then the stream from that point on.
 *
 * Positions end transactions: a batch that ends inside one has none, so a restart repeats a transaction whole or not at
 * all, and the server is told of a position only after commit() says that it is safe.
 */
#ifndef SOURCES_POSTGRES_SOURCE_H
#define SOURCES_POSTGRES_SOURCE_H

#include "api/source.h"
#include "base/clock.h"
#include "base/log.h"
#include "sources/postgres/table.h"

#define PGC_EPOCH_US INT64_C(946684800000000) /* 2000-01-01 in microseconds since 1970 */

enum pgc_state { PGC_STATE_SNAPSHOT, PGC_STATE_STREAM, PGC_STATE_IDLE /* initial_only: nothing more to do */ };

struct pgc_relation {
    uint32_t oid;            /* 0: free slot */
    struct pgc_table *table; /* NULL: known, and not captured */
};

struct pgc_snapshot {
    VEC(struct pgc_table *) tables;
    size_t next;             /* the table to read next */
    struct pgc_table *table; /* being read */
    char *line;              /* read ahead: the last row of all is marked */
    int line_len;
    int64_t rows, started_ms;
    bool begun;
};

struct source {
    const struct source_env *env;
    const struct plugin_config *plugin_config;
    const struct pgc_config *config;
    struct debezium_filter filter;
    struct pgc_types types;
    struct pgc_tables_env tables_env;
    struct arena arena;                  /* lives as long as the source */
    struct pgc_conn sql, stream, holder; /* holder: exports the snapshot of a temporary slot */
    enum pgc_state state;
    struct pgc_snapshot snapshot;

    struct pgc_relation *relations; /* open addressing by oid */
    size_t n_relations, n_slots;
    VEC(struct pgc_table *) retired; /* older versions: batches may still point to their names */
    struct pgoutput_decoder *decoder;
    struct pgoutput_cell *cells; /* of a snapshot row */

    /* the transaction at hand */
    bool in_transaction;
    uint32_t xid;
    int64_t commit_us;     /* since 1970 */
    uint64_t transactions; /* counted */
    int64_t events;        /* of it, for transaction metadata */
    struct pgc_table *touched, **touched_end;
    struct str transaction_id; /* in the batch's arena */

    /* LSNs */
    uint64_t snapshot_lsn;
    int64_t snapshot_xid;
    uint64_t lsn;      /* of the last change */
    uint64_t emitted;  /* lsn_proc of the last position that was handed on */
    uint64_t flushed;  /* told to the server as safe */
    uint64_t idle;     /* nothing of ours stands between `emitted` and here */
    uint64_t received; /* the furthest that was seen */
    int64_t last_status_ms, last_heartbeat_ms, last_xmin_ms;
    struct value xmin;
    bool streaming, dirty; /* dirty: a transaction ended since the last position */
    const struct schema *heartbeat_key, *heartbeat_value, *transaction_key, *transaction_value;
    struct str heartbeat_topic, transaction_topic;
};

void pgc_say(const struct source *s, enum log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* catalog.c: the tables to capture, in the order they are read, and what is known of one. */
struct pgc_found_table {
    uint32_t oid;
    struct str schema, name;
};
int pgc_find_tables(struct source *s, struct arena *arena, struct pgc_found_table **ret, size_t *ret_n,
                    struct error *err);
int pgc_describe_table(struct source *s, uint32_t oid, struct arena *arena, struct pgc_column_info **ret, size_t *ret_n,
                       struct error *err);
int pgc_prepare_publication(struct source *s, struct error *err);
int pgc_find_slot(struct pgc_conn *c, const struct pgc_config *config, bool *ret_exists, bool *ret_active,
                  struct error *err);
/* Creates the slot; *ret_lsn its consistent point, *ret_snapshot (in the arena) the exported snapshot's name. */
int pgc_create_slot(struct pgc_conn *replication, const char *name, bool temporary, const char *plugin,
                    struct arena *arena, uint64_t *ret_lsn, struct str *ret_snapshot, struct error *err);
uint64_t pgc_parse_lsn(const char *text); /* "16/B374D848"; 0 when it is none */

/* snapshot.c */
int pgc_snapshot_begin(struct source *s, struct error *err);
int pgc_snapshot_read(struct source *s, struct batch *batch, struct error *err);
void pgc_snapshot_release(struct source *s);

/* stream.c */
int pgc_stream_start(struct source *s, struct error *err);
int pgc_stream_read(struct source *s, struct batch *batch, struct error *err);
int pgc_stream_status(struct source *s, bool reply, struct error *err);
void pgc_relations_release(struct source *s);

/* emit.c */
struct pgc_change {
    const struct pgc_table *table;
    char op; /* 'r' 'c' 'u' 'd' */
    struct value key, before, after;
    bool last; /* of the snapshot */
};
void pgc_emit(struct source *s, struct batch *batch, const struct pgc_change *change);
void pgc_emit_tombstone(struct source *s, struct batch *batch, const struct pgc_table *t, struct value key);
void pgc_emit_transaction(struct source *s, struct batch *batch, bool end);
void pgc_emit_heartbeat(struct source *s, struct batch *batch);
void pgc_set_position(struct source *s, struct batch *batch, bool snapshot, uint64_t lsn_proc);

#endif

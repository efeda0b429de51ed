/*
 * Messages of the server's logical decoding plug-in pgoutput, protocol version 1 (and the message kinds that later
 * versions add outside streamed transactions): bytes to structs, no I/O. Whatever the bytes are, nothing outside them
 * is read; what cannot be understood is ERROR_DATA.
 *
 * https://www.postgresql.org/docs/15/protocol-logicalrep-message-formats.html
 */
#ifndef SOURCES_POSTGRES_PGOUTPUT_H
#define SOURCES_POSTGRES_PGOUTPUT_H

#include "base/error.h"
#include "base/str.h"

enum { PGOUTPUT_MAX_COLUMNS = 1664 /* MaxTupleAttributeNumber */, PGOUTPUT_MAX_TRUNCATED = 100000 };

struct pgoutput_column {
    bool key; /* part of the replica identity */
    struct str name;
    uint32_t type; /* oid */
    int32_t typmod;
};

enum pgoutput_kind {
    PGOUTPUT_NULL = 'n',
    PGOUTPUT_UNCHANGED = 'u', /* a toasted value that the update did not touch: not sent */
    PGOUTPUT_TEXT = 't',
    PGOUTPUT_BINARY = 'b',
};

struct pgoutput_cell {
    uint8_t kind; /* enum pgoutput_kind */
    uint32_t len;
    const uint8_t *data; /* in the message */
};

struct pgoutput_tuple {
    uint8_t kind; /* 'N' new, 'K' key columns of the old row, 'O' old row; 0: none */
    uint16_t n;
    struct pgoutput_cell *cells; /* in the decoder */
};

struct pgoutput_message {
    uint8_t type;      /* 'B' 'C' 'R' 'I' 'U' 'D' 'T' 'Y' 'O' 'M'; others are given with their type alone */
    uint32_t relation; /* R I U D; T: the first */
    union {
        struct {
            uint64_t final_lsn;
            int64_t time_us; /* of the commit, since 2000-01-01 UTC */
            uint32_t xid;
        } begin;
        struct {
            uint64_t lsn, end_lsn;
            int64_t time_us;
        } commit;
        struct {
            struct str schema, name; /* schema empty: pg_catalog */
            uint8_t identity;        /* pg_class.relreplident */
            uint16_t n_columns;
            const struct pgoutput_column *columns; /* in the decoder */
        } relation_info;
        struct {
            struct pgoutput_tuple old, new;
        } change;
        struct {
            uint8_t options; /* 1 CASCADE, 2 RESTART IDENTITY */
            uint32_t n;
            const uint8_t *oids; /* n big-endian integers */
        } truncate;
        struct {
            uint32_t oid;
            struct str schema, name;
        } type_info;
        struct {
            uint64_t lsn;
            struct str name;
        } origin;
        struct {
            bool transactional;
            uint64_t lsn;
            struct str prefix, content;
        } message;
    };
};

/* Scratch space of one reader: what a message points to, until the next one. */
struct pgoutput_decoder {
    struct pgoutput_cell old[PGOUTPUT_MAX_COLUMNS], new[PGOUTPUT_MAX_COLUMNS];
    struct pgoutput_column columns[PGOUTPUT_MAX_COLUMNS];
};

int pgoutput_decode(struct pgoutput_decoder *d, const uint8_t *bytes, size_t len, struct pgoutput_message *ret,
                    struct error *err);

/* The envelope around it in the replication protocol's CopyData:
 * https://www.postgresql.org/docs/15/protocol-replication.html */
struct pgoutput_frame {
    uint8_t type;        /* 'w' data, 'k' keepalive */
    uint64_t start, end; /* w: where the data stands in the WAL; end: the server's current end of WAL */
    bool reply;          /* k: the server asks for an answer now */
    const uint8_t *data; /* w */
    size_t len;
};

int pgoutput_frame(const uint8_t *bytes, size_t len, struct pgoutput_frame *ret, struct error *err);

enum { PGOUTPUT_STATUS_SIZE = 34 };
/* A standby status update: everything up to `flushed` is safe, everything up to `received` has come. */
void pgoutput_status(uint64_t received, uint64_t flushed, int64_t now_us_since_2000, bool reply,
                     uint8_t out[PGOUTPUT_STATUS_SIZE]);

#endif

/* Rows of COPY's binary form, and fields of every type in every representation, from any bytes. */
#include "db/postgres/decode.h"
#include "db/postgres/url.h"

#include <stdlib.h>

static const uint32_t oids[] = {PG_BOOL,      PG_BYTEA,       PG_CHAR,   PG_INT8, PG_INT2,    PG_INT4,   PG_TEXT,
                                PG_OID,       PG_FLOAT4,      PG_FLOAT8, PG_DATE, PG_TIME,    PG_TIMETZ, PG_BIT,
                                PG_TIMESTAMP, PG_TIMESTAMPTZ, PG_VARBIT, PG_UUID, PG_NUMERIC, PG_JSONB};

enum { N_OIDS = sizeof oids / sizeof *oids, MAX_FIELDS = 8 };

static void decode_rows(const uint8_t *data, size_t size, uint8_t seed, struct arena *arena)
{
    struct pg_decoder decoders[MAX_FIELDS];
    struct value values[MAX_FIELDS];
    struct error err;
    size_t n = 1 + seed % MAX_FIELDS;
    for (size_t i = 0; i < n; i++) {
        uint32_t oid = oids[(seed + i * 7) % N_OIDS];
        enum db_rep rep = (enum db_rep)((seed * 3 + i * 5) % (DB_AS_TIMESTAMP_NS_ISO + 1));
        if (!pg_decoder_for(oid, rep, (seed & 31) - 4, seed & 1, &decoders[i]))
            pg_decoder_for(PG_NUMERIC, DB_AS_DECIMAL, (seed & 31) - 4, false, &decoders[i]);
        decoders[i].name = STR("c");
        decoders[i].legacy = seed & 2;
    }
    int64_t header = pg_header_length(data, size);
    size_t at = header > 0 ? (size_t)header : 0, used;
    while (at < size) {
        int64_t len = pg_row_length(data + at, size - at);
        if (len > (int64_t)(size - at))
            abort();
        const uint8_t *field;
        size_t field_len;
        bool null;
        pg_row_field(data + at, size - at, seed % MAX_FIELDS, &field, &field_len, &null, &err);
        if (pg_decode_row(decoders, n, data + at, size - at, arena, values, &used, &err) || used == 0 ||
            used > size - at)
            break;
        at += used;
    }
}

static void decode_fields(const uint8_t *data, size_t size, struct arena *arena)
{
    struct error err;
    struct value v;
    for (size_t i = 0; i < N_OIDS; i++)
        for (int rep = DB_AS_SKIP; rep <= DB_AS_TIMESTAMP_NS_ISO; rep++) {
            struct pg_decoder d;
            if (!pg_decoder_for(oids[i], (enum db_rep)rep, 2, true, &d))
                continue;
            d.name = STR("c");
            pg_decode_field(&d, data, size, arena, &v, &err);
        }
    AUTO_BUF text = {0};
    pg_numeric_to_text(data, size, &text, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena arena;
    struct error err;
    if (size < 1)
        return 0;
    arena_reset(&arena);
    decode_rows(data + 1, size - 1, data[0], &arena);
    decode_fields(data + 1, size - 1, &arena);
    AUTO_BUF text = {0};
    buf_add_cstr(&text, data[0] & 1 ? "jdbc:postgresql:" : "postgresql:");
    buf_add(&text, data + 1, size - 1);
    struct pg_url *url = malloc(sizeof *url);
    pg_url_parse(buf_str(&text), &arena, url, STR_NULL, NULL, &err);
    free(url);
    return 0;
}

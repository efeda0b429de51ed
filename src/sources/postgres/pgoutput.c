#include "sources/postgres/pgoutput.h"

struct reader {
    const uint8_t *at, *end;
    bool bad; /* something was cut short; what was read since is zero */
};

static bool take(struct reader *r, size_t n)
{
    if (!r->bad && (size_t)(r->end - r->at) >= n)
        return true;
    r->bad = true;
    return false;
}

static uint64_t number(struct reader *r, size_t bytes)
{
    uint64_t v = 0;
    if (take(r, bytes))
        for (size_t i = 0; i < bytes; i++)
            v = v << 8 | *r->at++;
    return v;
}

static uint8_t byte(struct reader *r)
{
    return (uint8_t)number(r, 1);
}

static uint32_t word(struct reader *r)
{
    return (uint32_t)number(r, 4);
}

static struct str text(struct reader *r)
{
    const uint8_t *nul = r->bad || r->at == r->end ? NULL : memchr(r->at, 0, (size_t)(r->end - r->at));
    if (!nul) {
        r->bad = true;
        return STR("");
    }
    struct str s = str_of(r->at, (size_t)(nul - r->at));
    r->at = nul + 1;
    return s;
}

static void tuple(struct reader *r, struct pgoutput_cell *cells, uint8_t kind, struct pgoutput_tuple *ret)
{
    uint16_t n = (uint16_t)number(r, 2);
    if (n > PGOUTPUT_MAX_COLUMNS)
        r->bad = true;
    for (uint16_t i = 0; i < n && !r->bad; i++) {
        struct pgoutput_cell *c = &cells[i];
        *c = (struct pgoutput_cell){.kind = byte(r)};
        if (c->kind == PGOUTPUT_TEXT || c->kind == PGOUTPUT_BINARY) {
            c->len = word(r);
            c->data = r->at;
            if (take(r, c->len))
                r->at += c->len;
        } else if (c->kind != PGOUTPUT_NULL && c->kind != PGOUTPUT_UNCHANGED) {
            r->bad = true;
        }
    }
    *ret = (struct pgoutput_tuple){.kind = kind, .n = n, .cells = cells};
}

static void change(struct pgoutput_decoder *d, struct reader *r, struct pgoutput_message *m)
{
    m->relation = word(r);
    uint8_t kind = byte(r);
    if ((kind == 'K' || kind == 'O') && m->type != 'I') {
        tuple(r, d->old, kind, &m->change.old);
        if (m->type == 'D')
            return;
        kind = byte(r);
    }
    if (kind == 'N' && m->type != 'D')
        tuple(r, d->new, kind, &m->change.new);
    else
        r->bad = true;
}

static void relation(struct pgoutput_decoder *d, struct reader *r, struct pgoutput_message *m)
{
    m->relation = word(r);
    m->relation_info.schema = text(r);
    m->relation_info.name = text(r);
    m->relation_info.identity = byte(r);
    uint16_t n = (uint16_t)number(r, 2);
    if (n > PGOUTPUT_MAX_COLUMNS)
        r->bad = true;
    for (uint16_t i = 0; i < n && !r->bad; i++) {
        struct pgoutput_column *c = &d->columns[i];
        c->key = byte(r) & 1;
        c->name = text(r);
        c->type = word(r);
        c->typmod = (int32_t)word(r);
    }
    m->relation_info.n_columns = n;
    m->relation_info.columns = d->columns;
}

static void truncate_list(struct reader *r, struct pgoutput_message *m)
{
    m->truncate.n = word(r);
    m->truncate.options = byte(r);
    m->truncate.oids = r->at;
    if (m->truncate.n > PGOUTPUT_MAX_TRUNCATED)
        r->bad = true;
    if (m->truncate.n)
        m->relation = word(r);
    for (uint32_t i = 1; i < m->truncate.n && !r->bad; i++)
        word(r);
}

static void logical_message(struct reader *r, struct pgoutput_message *m)
{
    m->message.transactional = byte(r) & 1;
    m->message.lsn = number(r, 8);
    m->message.prefix = text(r);
    uint32_t n = word(r);
    m->message.content = str_of(r->at, n);
    if (take(r, n))
        r->at += n;
}

int pgoutput_decode(struct pgoutput_decoder *d, const uint8_t *bytes, size_t len, struct pgoutput_message *ret,
                    struct error *err)
{
    struct reader r = {.at = bytes, .end = bytes + len};
    struct pgoutput_message m = {.type = byte(&r)};
    bool known = true;
    switch (m.type) {
    case 'B':
        m.begin.final_lsn = number(&r, 8);
        m.begin.time_us = (int64_t)number(&r, 8);
        m.begin.xid = word(&r);
        break;
    case 'C':
        byte(&r);
        m.commit.lsn = number(&r, 8);
        m.commit.end_lsn = number(&r, 8);
        m.commit.time_us = (int64_t)number(&r, 8);
        break;
    case 'R':
        relation(d, &r, &m);
        break;
    case 'I':
    case 'U':
    case 'D':
        change(d, &r, &m);
        break;
    case 'T':
        truncate_list(&r, &m);
        break;
    case 'Y':
        m.type_info.oid = word(&r);
        m.type_info.schema = text(&r);
        m.type_info.name = text(&r);
        break;
    case 'O':
        m.origin.lsn = number(&r, 8);
        m.origin.name = text(&r);
        break;
    case 'M':
        logical_message(&r, &m);
        break;
    default:
        known = false;
        break;
    }
    if (r.bad)
        return error_set(err, ERROR_DATA, "a pgoutput message of type 0x%02x and %zu bytes is cut short or malformed",
                         m.type, len);
    if (known && r.at != r.end)
        return error_set(err, ERROR_DATA, "a pgoutput message of type '%c' has %zu bytes too many", m.type,
                         (size_t)(r.end - r.at));
    *ret = m;
    return 0;
}

int pgoutput_frame(const uint8_t *bytes, size_t len, struct pgoutput_frame *ret, struct error *err)
{
    struct reader r = {.at = bytes, .end = bytes + len};
    struct pgoutput_frame f = {.type = byte(&r)};
    if (f.type == 'w') {
        f.start = number(&r, 8);
        f.end = number(&r, 8);
        number(&r, 8);
        f.data = r.at;
        f.len = (size_t)(r.end - r.at);
    } else if (f.type == 'k') {
        f.end = number(&r, 8);
        number(&r, 8);
        f.reply = byte(&r) == 1;
    } else {
        r.bad = true;
    }
    if (r.bad)
        return error_set(err, ERROR_DATA, "a replication message of type 0x%02x and %zu bytes is not understood",
                         f.type, len);
    *ret = f;
    return 0;
}

static uint8_t *put(uint8_t *at, uint64_t v)
{
    for (int shift = 56; shift >= 0; shift -= 8)
        *at++ = (uint8_t)(v >> shift);
    return at;
}

void pgoutput_status(uint64_t received, uint64_t flushed, int64_t now_us_since_2000, bool reply,
                     uint8_t out[PGOUTPUT_STATUS_SIZE])
{
    uint8_t *at = out;
    *at++ = 'r';
    at = put(at, received);
    at = put(at, flushed);
    at = put(at, flushed);
    at = put(at, (uint64_t)now_us_since_2000);
    *at = reply;
}

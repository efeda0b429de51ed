#include "topics/log.h"

static bool name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
}

/* Kafka's rule (org.apache.kafka.common.internals.Topic). */
static int check_name(struct str name, struct error *err)
{
    if (!name.len)
        return error_set(err, ERROR_REQUEST, "a topic's name must not be empty");
    if (name.len > TOPICS_NAME_MAX)
        return error_set(err, ERROR_REQUEST, "topic \"%.32s...\": the name has %zu characters, %d are allowed",
                         name.ptr, name.len, TOPICS_NAME_MAX);
    if (str_is(name, ".") || str_is(name, ".."))
        return error_set(err, ERROR_REQUEST, "a topic must not be named \"" STR_FMT "\"", STR_ARG(name));
    for (size_t i = 0; i < name.len; i++)
        if (!name_char(name.ptr[i]))
            return error_set(err, ERROR_REQUEST,
                             "topic \"" STR_FMT "\": a name is made of letters, digits, '.', '_' and '-'",
                             STR_ARG(name));
    return 0;
}

static int check_config(struct str name, const struct topic_config *config, struct error *err)
{
    if (config->partitions < 1 || config->partitions > TOPICS_PARTITIONS_MAX)
        return error_set(err, ERROR_CONFIG, "topic \"" STR_FMT "\": %d partitions, allowed are 1 to %d", STR_ARG(name),
                         config->partitions, TOPICS_PARTITIONS_MAX);
    if (config->retention_ms < -1 || config->retention_bytes < -1 || config->delete_retention_ms < 0)
        return error_set(err, ERROR_CONFIG, "topic \"" STR_FMT "\": a retention is negative; -1 means no limit",
                         STR_ARG(name));
    return 0;
}

void topics_close(struct topics *t)
{
    if (t)
        t->ops->close(t);
}

int topics_create(struct topics *t, struct str name, const struct topic_config *config, struct error *err)
{
    int rc = check_name(name, err);
    if (!rc)
        rc = check_config(name, config, err);
    return rc ? rc : t->ops->create(t, name, config, err);
}

int topics_ensure(struct topics *t, struct str name, const struct topic_config *config, struct error *err)
{
    struct topics_target *target;
    struct error ignored;
    if (!check_name(name, &ignored) && !t->ops->target(t, name, &target, &ignored))
        return 0;
    struct error own;
    int rc = topics_create(t, name, config, &own);
    if (rc == ERROR_CONFLICT)
        return 0;
    if (rc && err)
        *err = own;
    return rc;
}

int topics_delete(struct topics *t, struct str name, struct error *err)
{
    return t->ops->delete (t, name, err);
}

int topics_describe(struct topics *t, struct str name, struct arena *arena, struct topic_info *ret, struct error *err)
{
    return t->ops->describe(t, name, arena, ret, err);
}

int topics_list(struct topics *t, struct arena *arena, struct topic_info **ret, size_t *ret_n, struct error *err)
{
    return t->ops->list(t, arena, ret, ret_n, err);
}

int topics_offsets(struct topics *t, struct str topic, int32_t partition, int64_t *ret_begin, int64_t *ret_end,
                   struct error *err)
{
    return t->ops->offsets(t, topic, partition, ret_begin, ret_end, err);
}

int topics_offset_at(struct topics *t, struct str topic, int32_t partition, int64_t timestamp, int64_t *ret,
                     struct error *err)
{
    return t->ops->offset_at(t, topic, partition, timestamp, ret, err);
}

/* ---- writing ---- */

int topics_target(struct topics *t, struct str topic, struct topics_target **ret, struct error *err)
{
    return t->ops->target(t, topic, ret, err);
}

int32_t topics_target_partitions(const struct topics_target *target)
{
    return target->partitions;
}

int topics_txn_open(struct topics *t, struct str owner, struct topics_txn **ret, struct error *err)
{
    return t->ops->txn_open(t, owner, ret, err);
}

int topics_append(struct topics_txn *txn, struct topics_target *target, int32_t partition,
                  const struct topics_record *record, struct error *err)
{
    return txn->ops->append(txn, target, partition, record, err);
}

int topics_commit(struct topics_txn *txn, struct error *err)
{
    return txn->ops->commit(txn, err);
}

void topics_abort(struct topics_txn *txn)
{
    txn->ops->abort(txn);
}

void topics_txn_close(struct topics_txn *txn)
{
    if (txn)
        txn->ops->txn_close(txn);
}

size_t topics_txn_bytes(const struct topics_txn *txn)
{
    return txn->bytes;
}

/* ---- reading ---- */

int topics_reader_open(struct topics *t, struct str topic, int32_t partition, int64_t offset,
                       struct topics_reader **ret, struct error *err)
{
    if (offset < TOPICS_BEGIN)
        return error_set(err, ERROR_REQUEST, "topic \"" STR_FMT "\": offset %lld is negative", STR_ARG(topic),
                         (long long)offset);
    return t->ops->reader_open(t, topic, partition, offset, ret, err);
}

int topics_read(struct topics_reader *r, int64_t timeout_ms, const struct wake *wake, struct topics_record *ret,
                bool *ret_found, struct error *err)
{
    return r->ops->read(r, timeout_ms, wake, ret, ret_found, err);
}

int64_t topics_reader_offset(const struct topics_reader *r)
{
    return r->next;
}

void topics_reader_close(struct topics_reader *r)
{
    if (r)
        r->ops->reader_close(r);
}

/* ---- upkeep ---- */

int topics_clean(struct topics *t, struct error *err)
{
    return t->ops->clean ? t->ops->clean(t, err) : 0;
}

int topics_compact(struct topics *t, struct str topic, struct error *err)
{
    return t->ops->compact ? t->ops->compact(t, topic, err) : 0;
}

int topics_verify(struct topics *t, int64_t *ret_batches, int64_t *ret_records, struct error *err)
{
    if (!t->ops->verify)
        return error_set(err, ERROR_UNSUPPORTED, "this log cannot be verified from here; it checks itself");
    return t->ops->verify(t, ret_batches, ret_records, err);
}

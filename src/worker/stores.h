/*
 * What the worker remembers, in compacted topics and in the JSON that Kafka Connect writes there (its classes
 * KafkaConfigBackingStore, KafkaOffsetBackingStore, KafkaStatusBackingStore), so that either can take over from the
 * other. All of it is thread-safe.
 *
 *   connect-configs   connector-N          {"properties":{...}}
 *                     task-N-i             {"properties":{...}}
 *                     commit-N             {"tasks":n}
 *                     target-state-N       {"state":"PAUSED","state.v2":"STOPPED"}
 *   connect-offsets   ["N",{partition}]    {offset}
 *   connect-status    status-connector-N   {"state":"RUNNING","trace":null,"worker_id":"...","generation":0}
 *                     status-task-N-i      the same
 *                     status-topic-T:connector-N   {"topic":{"name":"T","connector":"N","task":0,...}}
 */
#ifndef WORKER_STORES_H
#define WORKER_STORES_H

#include "data/position.h"
#include "topics/topics.h"
#include "worker/worker.h"

/* ---- configurations ---- */

enum target_state { TARGET_STARTED, TARGET_PAUSED, TARGET_STOPPED };

struct configs_store;
int configs_open(struct topics *topics, struct str topic, struct configs_store **ret, struct error *err);
void configs_close(struct configs_store *s);
/* Every connector with its target state, in order of the topic. `each` owns nothing of what it is given. */
int configs_each(struct configs_store *s,
                 int (*each)(void *ctx, struct str name, const struct config *c, enum target_state target), void *ctx);
int configs_put(struct configs_store *s, struct str name, const struct config *c, enum target_state target,
                struct error *err);
int configs_put_target(struct configs_store *s, struct str name, enum target_state target, struct error *err);
/* The connector's tasks: `before` is how many there were; those beyond n become tombstones. */
int configs_put_tasks(struct configs_store *s, struct str name, const struct config *tasks, size_t n, size_t before,
                      struct error *err);
/* How many tasks are stored; -1 when none ever were. */
int configs_task_count(struct configs_store *s, struct str name);
bool configs_get_task(struct configs_store *s, struct str name, size_t task, struct config *ret);
int configs_remove(struct configs_store *s, struct str name, struct error *err);

/* ---- positions ---- */

struct offsets_store;
int offsets_open(struct topics *topics, struct str topic, struct offsets_store **ret, struct error *err);
void offsets_close(struct offsets_store *s);
struct str offsets_topic(const struct offsets_store *s);
/* Reads what tasks have committed since. */
int offsets_refresh(struct offsets_store *s, struct error *err);
/* The stored offset of a partition, whatever the order of its entries; false when there is none. */
bool offsets_find(struct offsets_store *s, struct str connector, const struct position_map *partition,
                  struct arena *arena, struct position_map *ret);
/* The key of the partition: as stored when it is, so that a topic has one key a partition. Appended to *out. */
void offsets_key(struct offsets_store *s, struct str connector, const struct position_map *partition, struct buf *out);
/* Appends {"name":value,...}. */
void offsets_write_map(const struct position_map *m, struct buf *out);
/* A JSON object of scalars as a position map, in the arena. */
int offsets_read_map(const struct value *object, struct arena *arena, struct position_map *ret, struct error *err);
/* Every partition of the connector that has an offset; a non-zero return ends it. */
void offsets_each(struct offsets_store *s, struct str connector,
                  int (*each)(void *ctx, const struct position_map *partition, const struct position_map *offset),
                  void *ctx);
/* Stores several at once; an offset whose entries are NULL removes the partition. */
int offsets_put(struct offsets_store *s, struct str connector, const struct position *positions, size_t n,
                struct error *err);

/* ---- statuses ---- */

struct statuses_store;
int statuses_open(struct topics *topics, struct str topic, const char *worker_id, struct statuses_store **ret,
                  struct error *err);
void statuses_close(struct statuses_store *s);
/* task -1: of the connector itself. Writing what is stored already is free. */
int statuses_put(struct statuses_store *s, struct str connector, int task, enum worker_state state, const char *trace,
                 struct error *err);
/* False when there is none. The trace, if any, is appended to *trace. */
bool statuses_get(struct statuses_store *s, struct str connector, int task, enum worker_state *ret, struct buf *trace);
/* Forgets tasks from `first` on. */
int statuses_remove_tasks(struct statuses_store *s, struct str connector, size_t first, struct error *err);
/* Forgets all about the connector: its own status, its tasks', its topics. */
int statuses_remove(struct statuses_store *s, struct str connector, struct error *err);
int statuses_put_topic(struct statuses_store *s, struct str connector, int task, struct str topic, struct error *err);
void statuses_each_topic(struct statuses_store *s, struct str connector, void (*each)(void *ctx, struct str topic),
                         void *ctx);
int statuses_remove_topics(struct statuses_store *s, struct str connector, struct error *err);

#endif

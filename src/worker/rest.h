/*
 * The handlers of worker_routes, and what they share. Status codes, bodies and messages are those of Kafka Connect 3.9
 * (org.apache.kafka.connect.runtime.rest.resources).
 */
#ifndef WORKER_REST_H
#define WORKER_REST_H

#include "http/server.h"
#include "worker/herder.h"

/* The body as a JSON object, in the arena; ERROR_REQUEST says what is wrong with it. */
int rest_read_object(const struct http_request *request, struct arena *arena, struct value *ret, struct error *err);
/* A flat object of scalars as a configuration; null stays null. `ret` is initialised. */
int rest_read_config(const struct value *object, struct config *ret, struct error *err);
/* Appends {"name":"value",...}, secrets masked. */
void rest_write_config(const struct worker *w, const struct config *c, struct buf *out);
/* Appends {"name":,"config":{},"tasks":[...],"type":"source"}. */
int rest_write_info(struct worker *w, struct str name, struct buf *out, struct error *err);
/* Appends Kafka Connect's status object. */
void rest_write_status(const struct worker *w, const struct worker_connector_status *s, struct buf *out);
/* An error answer whose text may be longer than a struct error's. */
void rest_write_error(int status, struct str message, struct http_response *response);
/* ?name=true; false when absent or anything else. */
bool rest_flag(const struct http_request *request, const char *name);

http_handler rest_root, rest_openapi, rest_health, rest_metrics, rest_loggers, rest_get_logger, rest_put_logger;
http_handler rest_list, rest_create, rest_get, rest_get_config, rest_put_config, rest_patch_config, rest_delete;
http_handler rest_status, rest_restart, rest_pause, rest_resume, rest_stop;
http_handler rest_tasks, rest_tasks_config, rest_task_status, rest_task_restart, rest_put_tasks, rest_fence;
http_handler rest_topics, rest_topics_reset, rest_offsets, rest_alter_offsets, rest_reset_offsets;
http_handler rest_plugins, rest_validate, rest_plugin_config;

#endif

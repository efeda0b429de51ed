/*
 * topic.creation.*: what the topics of a connector look like when they are created. A topic takes the first group of
 * topic.creation.groups that includes and does not exclude it, else the group `default`; a setting that the group
 * does not have comes from `default`, and what that lacks, from TOPIC_CONFIG_DEFAULT.
 */
#ifndef WORKER_TOPIC_RULES_H
#define WORKER_TOPIC_RULES_H

#include "topics/topics.h"
#include "worker/settings.h"

struct topic_rules;

/* ERROR_CONFIG with all findings. */
int topic_rules_open(const struct connector_settings *settings, const struct config *c, struct topic_rules **ret,
                     struct error *err);
void topic_rules_close(struct topic_rules *r); /* NULL is fine */
struct topic_config topic_rules_default(const struct topic_rules *r);
/* False when no other group than `default` takes the topic. */
bool topic_rules_group(const struct topic_rules *r, struct str topic, struct topic_config *ret);

void topic_rules_check(const struct connector_settings *settings, const struct config *c, struct findings *findings);

#endif

/*
 * A predicate (org.apache.kafka.connect.transforms.predicates.Predicate): says which records a transform is for. One
 * file under transforms/. The runtime asks it in the pipeline thread for each record in front of the transforms that
 * name it (`transforms.T.predicate`, turned round by `transforms.T.negate`); asking changes nothing and cannot fail.
 */
#ifndef API_PREDICATE_H
#define API_PREDICATE_H

#include "api/plugin.h"
#include "base/error.h"
#include "data/record.h"

struct predicate;

struct predicate_plugin {
    struct plugin_info info;
    int (*open)(const struct plugin_config *config, struct predicate **ret, struct error *err);
    bool (*test)(struct predicate *predicate, const struct record *record);
    void (*close)(struct predicate *predicate);
};

#endif

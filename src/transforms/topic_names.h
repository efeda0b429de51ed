/*
 * The names of topics that a router makes. Equal names have the same address, as those of a source have, and live as
 * long as the transform; beyond TOPIC_NAMES_MAX they live in the batch's arena.
 */
#ifndef TRANSFORMS_TOPIC_NAMES_H
#define TRANSFORMS_TOPIC_NAMES_H

#include "base/arena.h"
#include "base/map.h"

enum { TOPIC_NAMES_MAX = 10000 };

struct topic_names {
    struct map known;
};

void topic_names_release(struct topic_names *names);
struct str topic_names_keep(struct topic_names *names, struct str text, struct arena *arena);

#endif

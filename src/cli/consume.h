/*
 * Following a topic from outside of the process that writes it. While `tributary up` runs on the directory it is asked
 * over HTTP (long polls); where none runs the log is opened, read to its end and closed again, so that `up` can be
 * started meanwhile; and the following goes on across its restarts.
 */
#ifndef CLI_CONSUME_H
#define CLI_CONSUME_H

#include "cli/value_text.h"

struct consume_settings {
    const char *dir, *topic;
    int32_t partition;    /* -1: all of them */
    int64_t offset;       /* of the first record; TOPICS_BEGIN, TOPICS_END */
    int64_t max_messages; /* -1: no limit */
    int64_t timeout_ms;   /* ends when nothing came for so long; 0: at the end of the topic; -1: never */
    bool keys;
    enum value_format format;
};

enum consume_end { CONSUME_MAX_MESSAGES, CONSUME_TIMEOUT };

/* Prints one line a record on stdout. */
int consume_run(const struct consume_settings *settings, enum consume_end *ret, int64_t *ret_printed,
                struct error *err);

#endif

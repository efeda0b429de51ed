#include "cli/commands.h"
#include "cli/consume.h"

#include <stdio.h>

struct consume_options {
    const char *dir, *offset;
    bool from_beginning, keys;
    int64_t max_messages, partition, timeout_ms;
    int format;
};

typedef struct consume_options CO;

static const struct cli_option options[] = {
    CLI_OPTION_FLAG("from-beginning", CO, from_beginning, .letter = 'b',
                    .doc = "begin with the first record that is kept, instead of with the next one that comes"),
    CLI_OPTION_TEXT("offset", CO, offset, .letter = 'o', .argument = "N|beginning|end",
                    .doc = "begin with this offset, in each partition"),
    CLI_OPTION_NUMBER("max-messages", CO, max_messages, .letter = 'n', .argument = "N", .min = 1, .max = INT64_MAX,
                      .doc = "end after N records; without them in time, the exit code is 1"),
    CLI_OPTION_NUMBER("partition", CO, partition, .letter = 'p', .argument = "N", .min = 0, .max = INT32_MAX,
                      .doc = "only this partition"),
    CLI_OPTION_FLAG("keys", CO, keys, .letter = 'k', .doc = "print the key and a TAB before the value"),
    CLI_OPTION_CHOICE("format", CO, format, .letter = 'f', .argument = "FORMAT", .choices = value_format_names,
                      .doc =
                          "auto, avro, json, string or hex (auto: Avro by its registered schema, else text, else hex)"),
    CLI_OPTION_NUMBER("timeout-ms", CO, timeout_ms, .letter = 't', .argument = "MS", .min = 0, .max = INT32_MAX,
                      .doc = "end when nothing came for this long; 0: at the end of the topic"),
    CLI_OPTION_TEXT("data", CO, dir, .letter = 'd', .argument = "DIR", .doc = "data directory (" CLI_DATA_DIR ")"),
    CLI_OPTION_END,
};

static const struct consume_options defaults = {
    .dir = CLI_DATA_DIR, .max_messages = -1, .partition = -1, .timeout_ms = -1};

static bool read_offset(const struct consume_options *o, int64_t *ret)
{
    *ret = o->from_beginning ? TOPICS_BEGIN : TOPICS_END;
    if (!o->offset)
        return true;
    struct str text = str_from(o->offset);
    if (str_is(text, "beginning") || str_is(text, "earliest"))
        *ret = TOPICS_BEGIN;
    else if (str_is(text, "end") || str_is(text, "latest"))
        *ret = TOPICS_END;
    else
        return str_to_int64(text, ret) && *ret >= 0;
    return true;
}

static int run(const struct command *self, const void *given, const struct cli_arguments *arguments)
{
    const struct consume_options *o = given;
    struct consume_settings settings = {.dir = o->dir,
                                        .topic = arguments->items[0],
                                        .partition = (int32_t)o->partition,
                                        .max_messages = o->max_messages,
                                        .timeout_ms = o->timeout_ms,
                                        .keys = o->keys,
                                        .format = (enum value_format)o->format};
    struct error err = {0};
    enum consume_end end;
    int64_t printed;
    if (o->offset && o->from_beginning)
        return cli_usage(self, "--from-beginning and --offset exclude each other");
    if (!read_offset(o, &settings.offset))
        return cli_usage(self, "--offset takes a number, beginning or end, not \"%s\"", o->offset);
    if (consume_run(&settings, &end, &printed, &err))
        return cli_fail(self, &err);
    if (end == CONSUME_TIMEOUT && o->max_messages > 0)
        return cli_failf(self, "%lld of %lld records came before the time was over", (long long)printed,
                         (long long)o->max_messages);
    return CLI_OK;
}

const struct command cmd_consume = {
    .name = "consume",
    .usage = "TOPIC",
    .summary = "Prints the records of a topic, and the ones that come",
    .doc =
        "One line a record: its value, Avro in Avro's JSON encoding as kafka-avro-console-consumer prints it, text as\n"
        "it is, other bytes in hex, null for a tombstone. Goes on until it is interrupted, --max-messages or\n"
        "--timeout-ms. While `tributary up` runs on the directory the running process is asked; where none runs, the\n"
        "log itself is read.",
    .options = options,
    .defaults = &defaults,
    .size = sizeof defaults,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};

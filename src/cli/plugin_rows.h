/* Every plug-in of the program in one list, whatever its kind. */
#ifndef CLI_PLUGIN_ROWS_H
#define CLI_PLUGIN_ROWS_H

#include "api/plugins.h"

struct plugin_row {
    const char *kind; /* "source", "transform", "predicate", "converter", "sink" */
    const struct plugin_info *info;
    bool keyed; /* a transform that exists as CLASS$Key and CLASS$Value */
};

/* In the arena; kinds in the order of a record's way, each by the names of its classes. */
size_t plugin_rows(const struct plugins *plugins, struct arena *arena, struct plugin_row **ret);

/* The name to type: the first class without a dot, else the last part of the Java class. */
struct str plugin_short_name(const struct plugin_info *info);

#endif

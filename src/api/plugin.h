/*
 * What every plug-in declares: its classes (a Java class name first, then short names), its
 * properties, and whether the reference documents it. A plug-in is a `const struct X_plugin` with
 * external linkage in its own file; the build finds it by that declaration and puts it into the
 * generated registry (api/plugins.h). Nothing else names it.
 */
#ifndef API_PLUGIN_H
#define API_PLUGIN_H

#include "conf/conf.h"

struct plugin_info {
    const char *const *classes;        /* NULL-terminated; the first is the one shown */
    const char *version;               /* of the reference whose behaviour it has, as GET /connector-plugins shows it */
    const char *title;                 /* one line for the reference and `tributary plugins` */
    const char *doc;                   /* a paragraph or more, Markdown */
    const struct property *properties; /* ends with PROPERTY_END */
    size_t config_size;                /* of the struct that `properties` fills */
};

/* A connector's or worker's properties can be asked for raw where a plug-in has dynamic names. */
struct plugin_config {
    const void *parsed; /* the plug-in's own struct */
    struct config *raw; /* everything the user wrote for this plug-in, prefix taken off */
};

#endif

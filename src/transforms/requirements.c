#include "transforms/requirements.h"

const char *java_class_of(const struct schema *schema, const struct value *v)
{
    static const char *const names[] = {
        [VALUE_NULL] = "null",
        [VALUE_INT8] = "java.lang.Byte",
        [VALUE_INT16] = "java.lang.Short",
        [VALUE_INT32] = "java.lang.Integer",
        [VALUE_INT64] = "java.lang.Long",
        [VALUE_FLOAT32] = "java.lang.Float",
        [VALUE_FLOAT64] = "java.lang.Double",
        [VALUE_BOOLEAN] = "java.lang.Boolean",
        [VALUE_STRING] = "java.lang.String",
        [VALUE_BYTES] = "[B",
        [VALUE_ARRAY] = "java.util.ArrayList",
        [VALUE_MAP] = "java.util.HashMap",
        [VALUE_STRUCT] = "org.apache.kafka.connect.data.Struct",
    };
    if (schema && schema->logical != LOGICAL_NONE && !value_is_null(v))
        return schema->logical == LOGICAL_DECIMAL ? "java.math.BigDecimal" : "java.util.Date";
    return v->type < sizeof names / sizeof *names ? names[v->type] : "?";
}

int require_struct(const struct schema *schema, const struct value *v, const char *purpose, struct error *err)
{
    if (v->type == VALUE_STRUCT && schema->type == SCHEMA_STRUCT && v->len == schema->n_fields)
        return 0;
    return error_set(err, ERROR_DATA, "Only Struct objects supported for [%s], found: %s", purpose,
                     java_class_of(schema, v));
}

int require_map(const struct value *v, const char *purpose, struct error *err)
{
    if (v->type == VALUE_MAP)
        return 0;
    return error_set(err, ERROR_DATA, "Only Map objects supported in absence of schema for [%s], found: %s", purpose,
                     java_class_of(NULL, v));
}

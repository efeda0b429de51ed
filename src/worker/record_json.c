#include "worker/record_json.h"

#include "wire/json.h"

static bool write_whole(const struct schema *schema, const struct value *value, struct buf *out)
{
    struct json_plan *plan = NULL;
    const struct json_options options = {.decimal = JSON_DECIMAL_NUMERIC, .keep_nulls = true};
    size_t start = out->len;
    int code = schema ? json_plan_new(schema, &options, &plan, NULL) : 0;
    if (!code)
        code = plan ? json_write_plan(plan, value, out, NULL) : json_write_value(value, out, NULL);
    json_plan_free(plan);
    if (code)
        out->len = start;
    return !code;
}

static void write(const struct schema *schema, const struct value *value, int depth, struct buf *out)
{
    if (write_whole(schema, value, out))
        return;
    bool fields = schema && schema->type == SCHEMA_STRUCT && value->type == VALUE_STRUCT &&
                  value->len == schema->n_fields && depth < RECORD_JSON_MAX_DEPTH;
    if (!fields) {
        buf_add_literal(out, "null");
        return;
    }
    for (uint32_t i = 0; i < value->len; i++) {
        buf_add_char(out, i ? ',' : '{');
        json_write_string(out, schema->fields[i].name);
        buf_add_char(out, ':');
        write(schema->fields[i].schema, &value->items[i], depth + 1, out);
    }
    buf_add_cstr(out, value->len ? "}" : "{}");
}

void record_json_write(const struct schema *schema, const struct value *value, struct buf *out)
{
    if (value_is_null(value))
        buf_add_literal(out, "null");
    else
        write(schema, value, 0, out);
}

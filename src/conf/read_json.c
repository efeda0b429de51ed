#include "conf/reader.h"

#include <jansson.h>
#include <stdio.h>

static int load(struct str text, const char *what, json_t **ret, struct error *err)
{
    int code = reader_begin(text, what, &text, err);
    if (code)
        return code;
    json_error_t where;
    *ret = json_loadb(text.ptr, text.len, JSON_DECODE_ANY, &where);
    if (!*ret)
        return error_set(err, ERROR_CONFIG, "%s: line %d: not valid JSON: %s", what, where.line, where.text);
    return 0;
}

/* The shortest text that is the same number again. */
static void print_real(double d, char *ret, size_t size)
{
    for (int digits = 1; digits <= 17; digits++) {
        double back;
        snprintf(ret, size, "%.*g", digits, d);
        if (str_to_double(str_from(ret), &back) && back >= d && back <= d)
            return;
    }
}

static int set_scalar(struct config *c, const char *name, const json_t *value, const char *what, struct error *err)
{
    char digits[64];
    struct str text = STR_NULL;
    switch (json_typeof(value)) {
    case JSON_STRING:
        text = str_of(json_string_value(value), json_string_length(value));
        break;
    case JSON_INTEGER:
        snprintf(digits, sizeof digits, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        text = str_from(digits);
        break;
    case JSON_REAL:
        print_real(json_real_value(value), digits, sizeof digits);
        text = str_from(digits);
        break;
    case JSON_TRUE:
        text = STR("true");
        break;
    case JSON_FALSE:
        text = STR("false");
        break;
    case JSON_NULL:
        break;
    case JSON_ARRAY:
        return error_set(err, ERROR_CONFIG, "%s: \"%s\" is an array; write a list as one text, \"a,b\"", what, name);
    case JSON_OBJECT:
        return error_set(err, ERROR_CONFIG, "%s: \"%s\" is an object; write each of its settings as \"%s.NAME\"", what,
                         name, name);
    }
    return reader_set(c, str_from(name), text, what, 0, err);
}

static int set_all(struct config *c, json_t *object, const char *what, struct error *err)
{
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value)
    {
        int code = set_scalar(c, name, value, what, err);
        if (code)
            return code;
    }
    return 0;
}

int config_read_json(struct str text, const char *what, struct config *ret, struct error *err)
{
    json_t *root = NULL;
    int code = load(text, what, &root, err);
    if (code)
        return code;
    if (json_is_object(root))
        code = set_all(ret, root, what, err);
    else
        code = error_set(err, ERROR_CONFIG, "%s: not an object of settings, {\"connector.class\": ...}", what);
    json_decref(root);
    return code;
}

/* {"name":, "config":{}} with "initial_state", or the settings themselves. */
static int one_connector(json_t *object, const char *what, struct reader_out *out, struct error *err)
{
    if (!json_is_object(object))
        return error_set(err, ERROR_CONFIG, "%s: not a connector, {\"name\": ..., \"config\": {...}}", what);
    struct config_connector found = {0};
    config_init(&found.config);
    json_t *config = json_object_get(object, "config");
    bool wrapped = json_is_object(config);
    struct str name = wrapped ? str_from(json_string_value(json_object_get(object, "name"))) : STR_NULL;
    json_t *state = wrapped ? json_object_get(object, "initial_state") : NULL;
    int code = set_all(&found.config, wrapped ? config : object, what, err);
    if (!code && state)
        code = reader_state(str_from(json_is_string(state) ? json_string_value(state) : "?"), what, &found.state, err);
    if (!code && !found.config.entries.len)
        code = error_set(err, ERROR_CONFIG, "%s: the connector has no settings; write at least connector.class", what);
    if (!code)
        code = reader_hand_over(&found, name, what, out, err);
    config_release(&found.config);
    return code;
}

int reader_json_file(struct str text, const char *what, struct reader_out *out, struct error *err)
{
    json_t *root = NULL, *item;
    int code = load(text, what, &root, err);
    if (code)
        return code;
    if (json_is_object(root) && json_object_get(root, "kind") && json_object_get(root, "spec")) {
        code = reader_yaml_file(text, what, out, err); /* a Kubernetes resource, JSON being YAML too */
    } else if (!json_is_array(root)) {
        code = one_connector(root, what, out, err);
    } else if (!json_array_size(root)) {
        code = error_set(err, ERROR_CONFIG, "%s: no connector in it; the array is empty", what);
    } else {
        size_t i;
        json_array_foreach(root, i, item)
        {
            code = one_connector(item, what, out, err);
            if (code)
                break;
        }
    }
    json_decref(root);
    return code;
}

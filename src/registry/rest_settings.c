/* /config and /mode. */
#include "registry/rest.h"

#include "wire/json.h"

/* The subject of the path; the default context stands for everything, as no subject does. */
static struct str path_subject(struct registry_rest *x)
{
    struct str subject = x->request->params[0];
    if (!subject.ptr || str_is(subject, ":.:"))
        return STR_NULL;
    return index_normal_subject(subject, &x->arena);
}

/* ---- levels ---- */

static void write_config(struct registry_rest *x, const struct registry_config *config, const char *level_name)
{
    size_t begin = x->out->len;
    record_write_config(config, level_name, x->out);
    if (x->out->len == begin)
        buf_add_char(x->out, '{');
    x->out->data[begin] = '{';
    buf_add_char(x->out, '}');
}

static enum registry_code get_config_body(struct registry_rest *x)
{
    struct registry_config config;
    enum registry_code code = registry_store_config(
        x->registry, path_subject(x), registry_rest_flag(x, "defaultToGlobal"), &x->arena, &config, &x->err);
    if (code == REGISTRY_OK)
        write_config(x, &config, "compatibilityLevel");
    return code;
}
REST_HANDLER(get_config)

static enum registry_code refuse_other_members(struct registry_rest *x, const struct value *body)
{
    static const char *const known[] = {"compatibility", "compatibilityLevel", "normalize", "compatibilityGroup", NULL};
    for (uint32_t i = 0; i < body->len; i++) {
        struct str name = value_as_str(&body->items[2 * i]);
        const char *const *k = known;
        while (*k && !str_is(name, *k))
            k++;
        if (!*k && !value_is_null(&body->items[2 * i + 1]))
            return registry_fail(
                &x->err, REGISTRY_NOT_HERE,
                arena_printf(&x->arena, "\"" STR_FMT "\" cannot be set in this registry", STR_ARG(name)).ptr);
    }
    return REGISTRY_OK;
}

/* The level may also come under the name that the answer to GET has. */
static enum registry_code read_level(struct registry_rest *x, const struct value *body,
                                     struct registry_config_change *ret)
{
    struct str level;
    const char *name = value_map_get(body, STR("compatibility")) ? "compatibility" : "compatibilityLevel";
    enum registry_code code = registry_rest_text(x, body, name, &level);
    if (code != REGISTRY_OK)
        return code;
    ret->sets_level = value_map_get(body, str_from(name)) != NULL;
    ret->to.level = registry_level_of(level);
    if (level.ptr && ret->to.level == LEVEL_UNSET)
        return registry_fail(&x->err, REGISTRY_BAD_COMPATIBILITY);
    return REGISTRY_OK;
}

static enum registry_code read_normalize(struct registry_rest *x, const struct value *body,
                                         struct registry_config_change *ret)
{
    const struct value *v = value_map_get(body, STR("normalize"));
    ret->sets_normalize = v != NULL;
    if (!v || value_is_null(v))
        return REGISTRY_OK;
    if (v->type != VALUE_BOOLEAN)
        return registry_fail(&x->err, REGISTRY_BAD_REQUEST, "\"normalize\" is neither true nor false");
    ret->to.normalize = v->b ? SWITCH_ON : SWITCH_OFF;
    return REGISTRY_OK;
}

/* A member that is not there stays as it was, one that is null is taken back. */
static enum registry_code read_config(struct registry_rest *x, struct registry_config_change *ret)
{
    struct value body;
    *ret = (struct registry_config_change){0};
    enum registry_code code = registry_rest_body(x, &body);
    if (code == REGISTRY_OK)
        code = refuse_other_members(x, &body);
    if (code == REGISTRY_OK)
        code = read_level(x, &body, ret);
    if (code == REGISTRY_OK)
        code = read_normalize(x, &body, ret);
    if (code != REGISTRY_OK)
        return code;
    ret->sets_group = value_map_get(&body, STR("compatibilityGroup")) != NULL;
    return registry_rest_text(x, &body, "compatibilityGroup", &ret->to.group);
}

static enum registry_code put_config_body(struct registry_rest *x)
{
    struct registry_config_change change;
    struct registry_config config;
    enum registry_code code = read_config(x, &change);
    if (code == REGISTRY_OK)
        code = registry_store_set_config(x->registry, path_subject(x), &change, &x->arena, &config, &x->err);
    if (code == REGISTRY_OK)
        write_config(x, &config, "compatibility");
    return code;
}
REST_HANDLER(put_config)

static enum registry_code delete_config_body(struct registry_rest *x)
{
    struct registry_config config;
    struct str subject = path_subject(x);
    enum registry_code code = registry_store_config(x->registry, subject, false, &x->arena, &config, &x->err);
    if (code == REGISTRY_NO_SUBJECT_CONFIG)
        return registry_fail(&x->err, REGISTRY_SUBJECT_NOT_FOUND, subject.ptr);
    code = registry_store_unset_config(x->registry, subject, &x->err);
    if (code == REGISTRY_OK)
        write_config(x, &config, "compatibilityLevel");
    return code;
}
REST_HANDLER(delete_config)

/* ---- modes ---- */

static enum registry_code get_mode_body(struct registry_rest *x)
{
    enum registry_mode mode;
    enum registry_code code =
        registry_store_mode(x->registry, path_subject(x), registry_rest_flag(x, "defaultToGlobal"), &mode, &x->err);
    if (code == REGISTRY_OK)
        buf_printf(x->out, "{\"mode\":\"%s\"}", registry_mode_names[mode]);
    return code;
}
REST_HANDLER(get_mode)

static enum registry_code read_mode(struct registry_rest *x, enum registry_mode *ret)
{
    struct value body;
    struct str name;
    enum registry_code code = registry_rest_body(x, &body);
    if (code == REGISTRY_OK)
        code = registry_rest_text(x, &body, "mode", &name);
    if (code != REGISTRY_OK)
        return code;
    *ret = registry_mode_of(name);
    if (*ret == MODE_NONE)
        return registry_fail(&x->err, REGISTRY_BAD_MODE);
    if (*ret == MODE_FORWARD)
        return registry_fail(&x->err, REGISTRY_NOT_HERE, "mode FORWARD is not available in this registry");
    return REGISTRY_OK;
}

static enum registry_code put_mode_body(struct registry_rest *x)
{
    enum registry_mode mode;
    enum registry_code code = read_mode(x, &mode);
    if (code == REGISTRY_OK)
        code = registry_store_set_mode(x->registry, path_subject(x), mode, registry_rest_flag(x, "force"), &x->err);
    if (code == REGISTRY_OK)
        buf_printf(x->out, "{\"mode\":\"%s\"}", registry_mode_names[mode]);
    return code;
}
REST_HANDLER(put_mode)

static enum registry_code delete_mode_body(struct registry_rest *x)
{
    enum registry_mode mode;
    struct str subject = path_subject(x);
    enum registry_code code = registry_store_mode(x->registry, subject, false, &mode, &x->err);
    if (code == REGISTRY_NO_SUBJECT_MODE)
        return registry_fail(&x->err, REGISTRY_SUBJECT_NOT_FOUND, subject.ptr);
    code = registry_store_unset_mode(x->registry, subject, &x->err);
    if (code == REGISTRY_OK)
        buf_printf(x->out, "{\"mode\":\"%s\"}", registry_mode_names[mode]);
    return code;
}
REST_HANDLER(delete_mode)

const struct http_route registry_rest_setting_routes[] = {
    {"GET", "/config", get_config, "The level of compatibility for all subjects"},
    {"PUT", "/config", put_config,
     "Sets it: {\"compatibility\":\"FULL\"}, also \"normalize\" and \"compatibilityGroup\"; null takes one back"},
    {"DELETE", "/config", delete_config, "Takes it back to the default"},
    {"GET", "/config/{subject}", get_config,
     "The subject's own level. ?defaultToGlobal=true: the one that holds for it"},
    {"PUT", "/config/{subject}", put_config, "Sets it, as PUT /config does"},
    {"DELETE", "/config/{subject}", delete_config, "Takes it back"},
    {"GET", "/mode", get_mode, "The mode of all subjects"},
    {"PUT", "/mode", put_mode, "Sets it: {\"mode\":\"READONLY\"}. ?force=true: to IMPORT although there are subjects"},
    {"DELETE", "/mode", delete_mode, "Takes it back to READWRITE"},
    {"GET", "/mode/{subject}", get_mode, "The subject's own mode. ?defaultToGlobal=true: the one that holds for it"},
    {"PUT", "/mode/{subject}", put_mode, "Sets it. ?force=true"},
    {"DELETE", "/mode/{subject}", delete_mode, "Takes it back"},
    {NULL, NULL, NULL, NULL},
};

/* /config and /mode. Levels of compatibility are not enforced yet, so NONE is the only one that is taken or told. */
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

static enum registry_code get_config_body(struct registry_rest *x)
{
    enum registry_code code =
        registry_store_config(x->registry, path_subject(x), registry_rest_flag(x, "defaultToGlobal"), &x->err);
    if (code == REGISTRY_OK)
        buf_add_literal(x->out, "{\"compatibilityLevel\":\"NONE\"}");
    return code;
}
REST_HANDLER(get_config)

static enum registry_code check_level(struct registry_rest *x, struct str level)
{
    static const char *const known[] = {
        "NONE", "BACKWARD", "BACKWARD_TRANSITIVE", "FORWARD", "FORWARD_TRANSITIVE", "FULL", "FULL_TRANSITIVE", NULL};
    const char *const *name = known;
    while (*name && !str_is_nocase(level, *name))
        name++;
    if (!*name)
        return registry_fail(&x->err, REGISTRY_BAD_COMPATIBILITY);
    if (name != known)
        return registry_fail(&x->err, REGISTRY_NOT_HERE,
                             arena_printf(&x->arena,
                                          "compatibility level %s cannot be set: this registry does not check "
                                          "compatibility yet, only NONE can be set",
                                          *name)
                                 .ptr);
    return REGISTRY_OK;
}

static enum registry_code refuse_other_members(struct registry_rest *x, const struct value *body)
{
    for (uint32_t i = 0; i < body->len; i++) {
        struct str name = value_as_str(&body->items[2 * i]);
        if (!str_is(name, "compatibility") && !value_is_null(&body->items[2 * i + 1]))
            return registry_fail(
                &x->err, REGISTRY_NOT_HERE,
                arena_printf(&x->arena, "\"" STR_FMT "\" cannot be set in this registry", STR_ARG(name)).ptr);
    }
    return REGISTRY_OK;
}

static enum registry_code put_config_body(struct registry_rest *x)
{
    struct value body;
    struct str level;
    enum registry_code code = registry_rest_body(x, &body);
    if (code == REGISTRY_OK)
        code = registry_rest_text(x, &body, "compatibility", &level);
    if (code == REGISTRY_OK)
        code = refuse_other_members(x, &body);
    if (code == REGISTRY_OK)
        code = check_level(x, level);
    if (code == REGISTRY_OK)
        code = registry_store_set_config(x->registry, path_subject(x), STR("NONE"), &x->err);
    if (code == REGISTRY_OK)
        buf_add_literal(x->out, "{\"compatibility\":\"NONE\"}");
    return code;
}
REST_HANDLER(put_config)

static enum registry_code delete_config_body(struct registry_rest *x)
{
    struct str subject = path_subject(x);
    enum registry_code code = registry_store_config(x->registry, subject, false, &x->err);
    if (code == REGISTRY_NO_SUBJECT_CONFIG)
        return registry_fail(&x->err, REGISTRY_SUBJECT_NOT_FOUND, subject.ptr);
    code = registry_store_unset_config(x->registry, subject, &x->err);
    if (code == REGISTRY_OK)
        buf_add_literal(x->out, "{\"compatibilityLevel\":\"NONE\"}");
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
    {"PUT", "/config", put_config, "Sets it: {\"compatibility\":\"NONE\"}"},
    {"DELETE", "/config", delete_config, "Takes it back to the default"},
    {"GET", "/config/{subject}", get_config,
     "The subject's own level. ?defaultToGlobal=true: the one that holds for it"},
    {"PUT", "/config/{subject}", put_config, "Sets it: {\"compatibility\":\"NONE\"}"},
    {"DELETE", "/config/{subject}", delete_config, "Takes it back"},
    {"GET", "/mode", get_mode, "The mode of all subjects"},
    {"PUT", "/mode", put_mode, "Sets it: {\"mode\":\"READONLY\"}. ?force=true: to IMPORT although there are subjects"},
    {"DELETE", "/mode", delete_mode, "Takes it back to READWRITE"},
    {"GET", "/mode/{subject}", get_mode, "The subject's own mode. ?defaultToGlobal=true: the one that holds for it"},
    {"PUT", "/mode/{subject}", put_mode, "Sets it. ?force=true"},
    {"DELETE", "/mode/{subject}", delete_mode, "Takes it back"},
    {NULL, NULL, NULL, NULL},
};

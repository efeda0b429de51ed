/* Modes and levels: what holds for a subject, and setting it. The index is read without its own lock where the writer's
 * is held. */
#include "registry/store.h"

/* ---- which one holds ---- */

static struct str setting_name(struct str subject)
{
    return subject.ptr ? subject : STR("");
}

/* The subject's own, its context's or the one for everything, in that order. */
static const struct index_setting *setting_in_scope(const struct map *settings, struct str subject)
{
    const struct index_setting *setting = map_get(settings, setting_name(subject));
    if (setting || !subject.ptr)
        return setting;
    struct str context = index_context_of(subject);
    if (!str_is(context, ".")) {
        AUTO_BUF name = {0};
        buf_printf(&name, ":" STR_FMT ":", STR_ARG(context));
        setting = map_get(settings, buf_str(&name));
        return setting ? setting : map_get(settings, STR(":.__GLOBAL:"));
    }
    const struct index_setting *all = map_get(settings, STR(""));
    return all ? all : map_get(settings, STR(":.__GLOBAL:"));
}

/* ---- modes ---- */

enum registry_mode registry_store_mode_in_scope(const struct index *x, struct str subject)
{
    const struct index_setting *all = map_get(&x->modes, STR(""));
    if (all && all->mode == MODE_READONLY_OVERRIDE)
        return all->mode;
    const struct index_setting *setting = setting_in_scope(&x->modes, subject);
    return setting ? setting->mode : MODE_READWRITE;
}

enum registry_code registry_store_not_permitted(struct str subject, const char *reason, struct error *err)
{
    struct error text;
    struct str context = index_context_of(subject);
    error_set(&text, ERROR_REQUEST, "Subject " STR_FMT " in context " STR_FMT " %s", STR_ARG(setting_name(subject)),
              STR_ARG(context), reason);
    return registry_fail(err, REGISTRY_NOT_PERMITTED, text.text);
}

enum registry_code registry_store_check_writable(const struct registry_store *r, struct str subject, struct error *err)
{
    enum registry_mode mode = registry_store_mode_in_scope(&r->index, subject);
    if (mode == MODE_READONLY || mode == MODE_READONLY_OVERRIDE)
        return registry_store_not_permitted(subject, "is in read-only mode", err);
    return REGISTRY_OK;
}

enum registry_code registry_store_mode(struct registry_store *r, struct str subject, bool in_scope,
                                       enum registry_mode *ret, struct error *err)
{
    pthread_rwlock_rdlock(&r->lock);
    const struct index_setting *own = map_get(&r->index.modes, setting_name(subject));
    bool known = own || in_scope || !subject.ptr;
    if (known)
        *ret = own && !in_scope ? own->mode : registry_store_mode_in_scope(&r->index, subject);
    pthread_rwlock_unlock(&r->lock);
    return known ? REGISTRY_OK : registry_fail(err, REGISTRY_NO_SUBJECT_MODE, subject.ptr);
}

/* ---- setting ---- */

/* `value` STR_NULL takes the setting back. The key is the one that stands in the topic already, if any. */
static enum registry_code put_setting(struct registry_store *r, enum record_type type, struct str subject,
                                      struct str value, struct error *err)
{
    struct arena arena = {.chunk_size = 4096};
    const struct map *settings = type == RECORD_MODE ? &r->index.modes : &r->index.configs;
    const struct index_setting *old = map_get(settings, setting_name(subject));
    struct str key = old ? arena_str(&arena, old->key)
                         : registry_store_key(&(struct record_key){.type = type, .subject = subject}, &arena);
    struct topics_record record = {.key = key, .value = value, .timestamp = INT64_MIN};
    enum registry_code code = registry_store_commit(r, &record, 1, err);
    arena_free(&arena);
    return code;
}

static bool any_active(const struct index *x, struct str subject)
{
    if (subject.ptr)
        return index_has_subject(x, subject, false);
    map_each (&x->subjects, e)
        if (index_has_subject(x, e->key, false))
            return true;
    return false;
}

enum registry_code registry_store_set_mode(struct registry_store *r, struct str subject, enum registry_mode mode,
                                           bool force, struct error *err)
{
    AUTO_BUF value = {0};
    enum registry_code code = subject.ptr ? registry_store_check_subject(subject, err) : REGISTRY_OK;
    if (code != REGISTRY_OK)
        return code;
    record_mode_write(subject, mode, &value);
    pthread_mutex_lock(&r->writer);
    bool to_import = mode == MODE_IMPORT && registry_store_mode_in_scope(&r->index, subject) != MODE_IMPORT;
    if (to_import && !force && any_active(&r->index, subject))
        code = registry_fail(err, REGISTRY_NOT_PERMITTED, "Cannot import since found existing subjects");
    if (code == REGISTRY_OK)
        code = put_setting(r, RECORD_MODE, subject, buf_str(&value), err);
    pthread_mutex_unlock(&r->writer);
    return code;
}

enum registry_code registry_store_unset_mode(struct registry_store *r, struct str subject, struct error *err)
{
    pthread_mutex_lock(&r->writer);
    enum registry_code code = put_setting(r, RECORD_MODE, subject, STR_NULL, err);
    pthread_mutex_unlock(&r->writer);
    return code;
}

/* ---- levels and what else is configured ---- */

static void copy_config(const struct registry_config *from, struct arena *arena, struct registry_config *ret)
{
    *ret = *from;
    ret->group = from->group.ptr ? arena_str(arena, from->group) : STR_NULL;
    ret->extra = arena_str(arena, from->extra);
}

/* The subject's own with what it leaves open from the one for everything, as Confluent merges them: a level that a
 * subject leaves open is the default one. */
static bool find_config(const struct registry_store *r, struct str subject, bool in_scope, struct arena *arena,
                        struct registry_config *ret)
{
    const struct map *configs = &r->index.configs;
    const struct index_setting *own = map_get(configs, setting_name(subject));
    const struct index_setting *all = map_get(configs, STR(""));
    if (!own && in_scope)
        own = setting_in_scope(configs, subject);
    if (!own && !in_scope && subject.ptr)
        return false;
    struct registry_config config = own ? own->config : (struct registry_config){0};
    if (in_scope && all && config.normalize == SWITCH_UNSET)
        config.normalize = all->config.normalize;
    if (in_scope && all && !config.group.ptr)
        config.group = all->config.group;
    if (config.level == LEVEL_UNSET)
        config.level = r->default_level;
    copy_config(&config, arena, ret);
    return true;
}

enum registry_code registry_store_config(struct registry_store *r, struct str subject, bool in_scope,
                                         struct arena *arena, struct registry_config *ret, struct error *err)
{
    pthread_rwlock_rdlock(&r->lock);
    bool known = find_config(r, subject, in_scope, arena, ret);
    pthread_rwlock_unlock(&r->lock);
    return known ? REGISTRY_OK : registry_fail(err, REGISTRY_NO_SUBJECT_CONFIG, subject.ptr);
}

bool registry_store_normalizes(struct registry_store *r, struct str subject, struct arena *arena)
{
    struct registry_config config;
    registry_store_config(r, subject, true, arena, &config, NULL);
    return config.normalize == SWITCH_ON;
}

static void change_config(struct registry_config *config, const struct registry_config_change *change)
{
    if (change->sets_level)
        config->level = change->to.level;
    if (change->sets_normalize)
        config->normalize = change->to.normalize;
    if (change->sets_group)
        config->group = change->to.group;
}

enum registry_code registry_store_set_config(struct registry_store *r, struct str subject,
                                             const struct registry_config_change *change, struct arena *arena,
                                             struct registry_config *ret, struct error *err)
{
    AUTO_BUF value = {0};
    struct registry_config config = {0};
    enum registry_code code = subject.ptr ? registry_store_check_subject(subject, err) : REGISTRY_OK;
    pthread_mutex_lock(&r->writer);
    const struct index_setting *old = map_get(&r->index.configs, setting_name(subject));
    if (old)
        copy_config(&old->config, arena, &config);
    change_config(&config, change);
    record_config_write(subject, &config, &value);
    if (code == REGISTRY_OK)
        code = registry_store_check_writable(r, subject, err);
    if (code == REGISTRY_OK)
        code = put_setting(r, RECORD_CONFIG, subject, buf_str(&value), err);
    pthread_mutex_unlock(&r->writer);
    if (code == REGISTRY_OK)
        *ret = config;
    return code;
}

enum registry_code registry_store_unset_config(struct registry_store *r, struct str subject, struct error *err)
{
    pthread_mutex_lock(&r->writer);
    enum registry_code code = registry_store_check_writable(r, subject, err);
    if (code == REGISTRY_OK)
        code = put_setting(r, RECORD_CONFIG, subject, STR_NULL, err);
    pthread_mutex_unlock(&r->writer);
    return code;
}

int registry_set_default_level(struct registry *base, struct str name, struct error *err)
{
    struct registry_store *r = registry_store_of(base);
    enum registry_level level = registry_level_of(name);
    if (level == LEVEL_UNSET)
        return error_set(err, ERROR_CONFIG, "\"" STR_FMT "\" is no compatibility level", STR_ARG(name));
    pthread_rwlock_wrlock(&r->lock);
    r->default_level = level;
    pthread_rwlock_unlock(&r->lock);
    return 0;
}

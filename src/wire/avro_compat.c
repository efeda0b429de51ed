#include "wire/avro_compat.h"

#include "wire/avro_node.h"

#include <stdlib.h>

const char *const avro_mismatch_names[] = {
    [AVRO_NAME_MISMATCH] = "NAME_MISMATCH",
    [AVRO_FIXED_SIZE_MISMATCH] = "FIXED_SIZE_MISMATCH",
    [AVRO_MISSING_ENUM_SYMBOLS] = "MISSING_ENUM_SYMBOLS",
    [AVRO_READER_FIELD_MISSING_DEFAULT_VALUE] = "READER_FIELD_MISSING_DEFAULT_VALUE",
    [AVRO_TYPE_MISMATCH] = "TYPE_MISMATCH",
    [AVRO_MISSING_UNION_BRANCH] = "MISSING_UNION_BRANCH",
};

static const char *const upper_names[AVRO_N_TYPES] = {
    [AVRO_NULL] = "NULL",     [AVRO_BOOLEAN] = "BOOLEAN", [AVRO_INT] = "INT",     [AVRO_LONG] = "LONG",
    [AVRO_FLOAT] = "FLOAT",   [AVRO_DOUBLE] = "DOUBLE",   [AVRO_BYTES] = "BYTES", [AVRO_STRING] = "STRING",
    [AVRO_RECORD] = "RECORD", [AVRO_ENUM] = "ENUM",       [AVRO_ARRAY] = "ARRAY", [AVRO_MAP] = "MAP",
    [AVRO_UNION] = "UNION",   [AVRO_FIXED] = "FIXED",
};

/* What was found below a pair. Results are shared (a pair that is met again has the same one), so they hold each other
 * rather than copies. */
struct item {
    const struct avro_incompatibility *finding; /* or else */
    const struct result *below;
    struct item *next;
};

struct result {
    struct item *first, *last; /* none: compatible */
};

/* One step of a path, from the innermost outwards. */
struct place {
    const struct place *up;
    const char *token; /* NULL: the number */
    uint32_t number;
    struct str field; /* that the number stands for; STR_NULL: none */
};

struct check {
    struct arena *arena;
    struct error *err;
    size_t arena_limit;
    struct map pairs;   /* two addresses -> struct result */
    struct map *fields; /* of the writer's records, by node index: name -> struct avro_field; filled when asked for */
    int depth, steps;
};

static int compare(struct check *c, const struct avro_node *reader, const struct avro_node *writer,
                   const struct place *at, struct result *out);

/* --- findings -------------------------------------------------------------------------------------- */

static void add_item(struct check *c, struct result *out, struct item item)
{
    struct item *own = arena_new(c->arena, struct item);
    *own = item;
    if (out->last)
        out->last->next = own;
    else
        out->first = own;
    out->last = own;
}

static void write_path(const struct place *at, struct buf *out)
{
    if (at->up)
        write_path(at->up, out);
    buf_add_char(out, '/');
    if (at->token)
        buf_add_cstr(out, at->token);
    else
        buf_add_uint64(out, at->number);
}

static struct str path_of(struct check *c, const struct place *at, const char *last)
{
    AUTO_BUF path = {0};
    if (at)
        write_path(at, &path);
    if (last)
        buf_printf(&path, "/%s", last);
    return path.len ? arena_str(c->arena, buf_str(&path)) : STR("/");
}

static void write_fields(const struct place *at, struct buf *out)
{
    if (at->up)
        write_fields(at->up, out);
    if (at->field.ptr && out->len)
        buf_add_char(out, '.');
    buf_add_str(out, at->field);
}

static struct str fields_of(struct check *c, const struct place *at)
{
    AUTO_BUF names = {0};
    if (at)
        write_fields(at, &names);
    return arena_str(c->arena, buf_str(&names));
}

/* `last`: a further step of the path, or NULL. */
static void add(struct check *c, struct result *out, enum avro_mismatch type, const struct place *at, const char *last,
                struct str message)
{
    struct avro_incompatibility *finding = arena_new(c->arena, struct avro_incompatibility);
    *finding = (struct avro_incompatibility){
        .type = type, .path = path_of(c, at, last), .field = fields_of(c, at), .message = message};
    add_item(c, out, (struct item){.finding = finding});
}

static void add_type_mismatch(struct check *c, const struct avro_node *reader, const struct avro_node *writer,
                              const struct place *at, struct result *out)
{
    add(c, out, AVRO_TYPE_MISMATCH, at, NULL,
        arena_printf(c->arena, "reader type: %s not compatible with writer type: %s", upper_names[reader->type],
                     upper_names[writer->type]));
}

static void add_missing_branch(struct check *c, const struct avro_node *writer, const struct place *at,
                               struct result *out)
{
    add(c, out, AVRO_MISSING_UNION_BRANCH, at, NULL,
        arena_printf(c->arena, "reader union lacking writer type: %s", upper_names[writer->type]));
}

/* --- names ----------------------------------------------------------------------------------------- */

/* An alias without a dot is in the namespace of the type that it stands for. */
static bool has_alias(const struct avro_node *n, struct str full)
{
    if (n->aliases.type != VALUE_ARRAY)
        return false;
    for (uint32_t i = 0; i < n->aliases.len; i++) {
        struct str alias = value_as_str(&n->aliases.items[i]);
        bool is_full = str_find(alias, '.') < alias.len || !n->space.len;
        size_t space = is_full ? 0 : n->space.len + 1;
        if (full.len == space + alias.len && memcmp(full.ptr + space, alias.ptr, alias.len) == 0 &&
            (is_full || (memcmp(full.ptr, n->space.ptr, n->space.len) == 0 && full.ptr[n->space.len] == '.')))
            return true;
    }
    return false;
}

static void check_names(struct check *c, const struct avro_node *reader, const struct avro_node *writer,
                        const struct place *at, struct result *out)
{
    if (!str_equal(reader->name, writer->name) && !has_alias(reader, writer->full))
        add(c, out, AVRO_NAME_MISMATCH, at, "name",
            arena_printf(c->arena, "expected: " STR_FMT, STR_ARG(writer->full)));
}

/* --- records --------------------------------------------------------------------------------------- */

static const struct avro_field *writer_field(struct check *c, const struct avro_node *writer, struct str name)
{
    struct map *fields = &c->fields[writer->index];
    if (fields->len == 0)
        for (uint32_t i = 0; i < writer->n; i++)
            map_put(fields, writer->fields[i].name, &writer->fields[i]);
    return map_get(fields, name);
}

/* *ret is NULL when the writer has none. */
static int find_writer_field(struct check *c, const struct avro_node *reader, uint32_t i,
                             const struct avro_node *writer, const struct avro_field **ret)
{
    const struct avro_field *field = &reader->fields[i], *found = writer_field(c, writer, field->name);
    uint32_t n_aliases = field->aliases.type == VALUE_ARRAY ? field->aliases.len : 0;
    for (uint32_t k = 0; k < n_aliases; k++) {
        const struct avro_field *other = writer_field(c, writer, value_as_str(&field->aliases.items[k]));
        if (other && found)
            return error_set(c->err, ERROR_DATA,
                             "Reader record field " STR_FMT
                             " type:%s pos:%u matches multiple fields in writer record schema " STR_FMT,
                             STR_ARG(field->name), upper_names[field->type->type], i, STR_ARG(writer->full));
        if (other)
            found = other;
    }
    *ret = found;
    return 0;
}

static int check_field(struct check *c, const struct avro_node *reader, uint32_t i, const struct avro_node *writer,
                       const struct place *at, struct result *out)
{
    const struct avro_field *field = &reader->fields[i], *written = NULL;
    const struct place here = {.up = at, .number = i, .field = field->name}, type = {.up = &here, .token = "type"};
    int rc = find_writer_field(c, reader, i, writer, &written);
    if (rc)
        return rc;
    if (written)
        return compare(c, field->type, written->type, &type, out);
    if (field->has_default)
        return 0;
    if (field->type->type == AVRO_ENUM && field->type->enum_default.type == VALUE_STRING)
        return compare(c, field->type, writer, &type, out);
    add(c, out, AVRO_READER_FIELD_MISSING_DEFAULT_VALUE, &here, NULL, arena_str(c->arena, field->name));
    return 0;
}

static int check_fields(struct check *c, const struct avro_node *reader, const struct avro_node *writer,
                        const struct place *at, struct result *out)
{
    const struct place here = {.up = at, .token = "fields"};
    int rc = 0;
    for (uint32_t i = 0; i < reader->n && !rc; i++)
        rc = check_field(c, reader, i, writer, &here, out);
    return rc;
}

/* --- enums and fixed ------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
    return str_compare(*(const struct str *)a, *(const struct str *)b);
}

static void check_symbols(struct check *c, const struct avro_node *reader, const struct avro_node *writer,
                          const struct place *at, struct result *out)
{
    if (reader->enum_default.type == VALUE_STRING)
        return;
    struct map known = {0};
    for (uint32_t i = 0; i < reader->n; i++)
        map_put(&known, reader->symbols[i], c);
    struct str *missing = arena_array(c->arena, struct str, writer->n + 1);
    size_t n = 0;
    for (uint32_t i = 0; i < writer->n; i++)
        if (!map_get(&known, writer->symbols[i]))
            missing[n++] = writer->symbols[i];
    map_free(&known, NULL);
    if (n == 0)
        return;
    AUTO_BUF list = {0};
    qsort(missing, n, sizeof *missing, by_name);
    for (size_t i = 0; i < n; i++) {
        buf_add_cstr(&list, i ? ", " : "[");
        buf_add_str(&list, missing[i]);
    }
    buf_add_char(&list, ']');
    add(c, out, AVRO_MISSING_ENUM_SYMBOLS, at, "symbols", arena_str(c->arena, buf_str(&list)));
}

static void check_size(struct check *c, const struct avro_node *reader, const struct avro_node *writer,
                       const struct place *at, struct result *out)
{
    if (reader->size != writer->size)
        add(c, out, AVRO_FIXED_SIZE_MISMATCH, at, "size",
            arena_printf(c->arena, "expected: %u, found: %u", writer->size, reader->size));
}

/* --- unions ---------------------------------------------------------------------------------------- */

/* Whether it can be read at all: paths in what is found start anew, as they do in Avro. */
static int can_read(struct check *c, const struct avro_node *reader, const struct avro_node *writer, bool *ret)
{
    struct result below = {0};
    int rc = compare(c, reader, writer, NULL, &below);
    if (!rc)
        *ret = !below.first;
    return rc;
}

static int check_both_unions(struct check *c, const struct avro_node *reader, const struct avro_node *writer,
                             const struct place *at, struct result *out)
{
    int rc = 0;
    for (uint32_t i = 0; i < writer->n && !rc; i++) {
        const struct place here = {.up = at, .number = i};
        bool readable = true;
        rc = can_read(c, reader, writer->branches[i], &readable);
        if (!readable)
            add_missing_branch(c, writer->branches[i], &here, out);
    }
    return rc;
}

static int check_writer_union(struct check *c, const struct avro_node *reader, const struct avro_node *writer,
                              const struct place *at, struct result *out)
{
    int rc = 0;
    for (uint32_t i = 0; i < writer->n && !rc; i++) {
        const struct place here = {.up = at, .number = i};
        rc = compare(c, reader, writer->branches[i], &here, out);
    }
    return rc;
}

static int check_reader_union(struct check *c, const struct avro_node *reader, const struct avro_node *writer,
                              const struct place *at, struct result *out)
{
    bool readable = false;
    int rc = 0;
    for (uint32_t i = 0; i < reader->n && !rc && !readable; i++)
        rc = can_read(c, reader->branches[i], writer, &readable);
    if (!rc && !readable)
        add_missing_branch(c, writer, at, out);
    return rc;
}

/* --- any pair -------------------------------------------------------------------------------------- */

static bool can_promote(enum avro_type reader, enum avro_type writer)
{
    switch (reader) {
    case AVRO_LONG:
        return writer == AVRO_INT;
    case AVRO_FLOAT:
        return writer == AVRO_INT || writer == AVRO_LONG;
    case AVRO_DOUBLE:
        return writer == AVRO_INT || writer == AVRO_LONG || writer == AVRO_FLOAT;
    case AVRO_BYTES:
        return writer == AVRO_STRING;
    case AVRO_STRING:
        return writer == AVRO_BYTES;
    default:
        return false;
    }
}

static int compare_alike(struct check *c, const struct avro_node *reader, const struct avro_node *writer,
                         const struct place *at, struct result *out)
{
    const struct place items = {.up = at, .token = "items"}, values = {.up = at, .token = "values"};
    switch (reader->type) {
    case AVRO_ARRAY:
        return compare(c, reader->items, writer->items, &items, out);
    case AVRO_MAP:
        return compare(c, reader->items, writer->items, &values, out);
    case AVRO_FIXED:
        check_names(c, reader, writer, at, out);
        check_size(c, reader, writer, at, out);
        return 0;
    case AVRO_ENUM:
        check_names(c, reader, writer, at, out);
        check_symbols(c, reader, writer, at, out);
        return 0;
    case AVRO_RECORD:
        check_names(c, reader, writer, at, out);
        return check_fields(c, reader, writer, at, out);
    case AVRO_UNION:
        return check_both_unions(c, reader, writer, at, out);
    default:
        return 0;
    }
}

static int compare_new(struct check *c, const struct avro_node *reader, const struct avro_node *writer,
                       const struct place *at, struct result *out)
{
    if (reader->type == writer->type)
        return compare_alike(c, reader, writer, at, out);
    if (writer->type == AVRO_UNION)
        return check_writer_union(c, reader, writer, at, out);
    if (reader->type == AVRO_UNION)
        return check_reader_union(c, reader, writer, at, out);
    if (!can_promote((enum avro_type)reader->type, (enum avro_type)writer->type))
        add_type_mismatch(c, reader, writer, at, out);
    return 0;
}

/* Only pairs of types of which both can stand in more than one place, or contain such, are met again. */
static bool is_remembered(const struct avro_node *reader, const struct avro_node *writer)
{
    return reader->type >= AVRO_RECORD && writer->type >= AVRO_RECORD;
}

/* Adds what the pair has to `out`; the path of a pair that was met before is that of its first place. */
static int compare(struct check *c, const struct avro_node *reader, const struct avro_node *writer,
                   const struct place *at, struct result *out)
{
    if (++c->steps > AVRO_COMPAT_MAX_STEPS || c->arena->used > c->arena_limit)
        return error_set(c->err, ERROR_UNSUPPORTED, "the schemas are too large to be compared");
    if (c->depth == AVRO_COMPAT_MAX_DEPTH)
        return error_set(c->err, ERROR_UNSUPPORTED, "the schemas are nested more than %d deep", AVRO_COMPAT_MAX_DEPTH);
    if (!is_remembered(reader, writer))
        return compare_new(c, reader, writer, at, out);
    const struct avro_node *pair[] = {reader, writer};
    struct str key = str_of(pair, sizeof pair);
    struct result *result = map_get(&c->pairs, key);
    int rc = 0;
    if (!result) {
        struct result found = {0};
        result = arena_new(c->arena, struct result); /* as long as it is under way: compatible */
        map_put(&c->pairs, key, result);
        c->depth++;
        rc = compare_new(c, reader, writer, at, &found);
        c->depth--;
        *result = found;
    }
    if (!rc && result->first)
        add_item(c, out, (struct item){.below = result});
    return rc;
}

/* --- the answer ------------------------------------------------------------------------------------ */

static void collect(const struct result *result, struct avro_incompatibility *list, size_t *n)
{
    for (const struct item *item = result->first; item && *n < AVRO_COMPAT_MAX_FINDINGS; item = item->next) {
        if (item->finding)
            list[(*n)++] = *item->finding;
        else
            collect(item->below, list, n);
    }
}

int avro_compat_check(const struct avro_schema *reader, const struct avro_schema *writer, struct arena *arena,
                      struct avro_incompatibility **ret, size_t *ret_n, struct error *err)
{
    struct check c = {.arena = arena, .err = err, .arena_limit = arena->used + AVRO_COMPAT_MAX_MEMORY};
    struct result all = {0};
    c.fields = mem_new_array(struct map, writer->nodes.len + 1);
    int rc = compare(&c, reader->root, writer->root, NULL, &all);
    map_free(&c.pairs, NULL);
    for (size_t i = 0; i < writer->nodes.len; i++)
        map_free(&c.fields[i], NULL);
    free(c.fields);
    if (rc)
        return rc;
    struct avro_incompatibility *list = arena_array(arena, struct avro_incompatibility, AVRO_COMPAT_MAX_FINDINGS);
    size_t n = 0;
    collect(&all, list, &n);
    *ret = list;
    *ret_n = n;
    return 0;
}

#include "wire/avro_plan.h"

#include "wire/avro_node.h"

/* A schema that many fields share is compiled for each. */
enum { MAX_OPS = 1 << 20 };

struct compile {
    struct avro_plan *plan;
    const struct avro_options *options;
    struct error *err;
    uint32_t n_ops;
};

static int compile(struct compile *c, const struct schema *s, const struct avro_node *n, bool in_struct,
                   struct avro_op *op);

/* The ops of fields (or of a map's key and value), which have one node each. */
static int compile_fields(struct compile *c, const struct schema *s, const struct avro_node *record, struct avro_op *op)
{
    struct avro_op *ops = arena_array(&c->plan->arena, struct avro_op, s->n_fields);
    for (uint32_t i = 0; i < s->n_fields; i++) {
        int rc = compile(c, s->fields[i].schema, record->fields[i].type, true, &ops[i]);
        if (rc)
            return error_context(c->err, "field \"" STR_FMT "\"", STR_ARG(s->fields[i].name));
    }
    op->ops = ops;
    op->n = s->n_fields;
    return 0;
}

static int compile_entries(struct compile *c, const struct schema *s, const struct avro_node *array, struct avro_op *op)
{
    struct avro_op *ops = arena_array(&c->plan->arena, struct avro_op, 2);
    int rc = compile(c, s->key_schema, array->items->fields[0].type, false, &ops[0]);
    if (!rc)
        rc = compile(c, s->value_schema, array->items->fields[1].type, false, &ops[1]);
    op->ops = ops;
    return rc;
}

static int compile_items(struct compile *c, const struct schema *s, const struct avro_node *n, struct avro_op *op)
{
    struct avro_op *items = arena_new(&c->plan->arena, struct avro_op);
    op->ops = items;
    return compile(c, s->value_schema, n->items, false, items);
}

static int compile_union(struct compile *c, const struct schema *s, const struct avro_node *n, struct avro_op *op)
{
    struct avro_op *ops = arena_array(&c->plan->arena, struct avro_op, s->n_fields);
    op->first_union = avro_null_branch(n) == 0;
    op->ops = ops;
    op->n = s->n_fields;
    for (uint32_t i = 0; i < s->n_fields; i++) {
        int rc = compile(c, s->fields[i].schema, n->branches[i + op->first_union], false, &ops[i]);
        if (rc)
            return rc;
        ops[i].null = STR_NULL;
    }
    if (op->first_union)
        op->null = arena_str(&c->plan->arena, str_of("\0", 1));
    return 0;
}

static int compile_base(struct compile *c, const struct schema *s, const struct avro_node *n, struct avro_op *op)
{
    static const uint8_t kinds[AVRO_N_TYPES] = {
        [AVRO_BOOLEAN] = OP_BOOLEAN, [AVRO_INT] = OP_INT,      [AVRO_LONG] = OP_LONG,     [AVRO_FLOAT] = OP_FLOAT,
        [AVRO_DOUBLE] = OP_DOUBLE,   [AVRO_BYTES] = OP_STRING, [AVRO_STRING] = OP_STRING, [AVRO_RECORD] = OP_RECORD,
        [AVRO_ENUM] = OP_ENUM,       [AVRO_ARRAY] = OP_ARRAY,  [AVRO_MAP] = OP_MAP,       [AVRO_UNION] = OP_UNION,
        [AVRO_FIXED] = OP_FIXED,
    };
    op->kind = s->type == SCHEMA_MAP && n->type == AVRO_ARRAY ? (uint8_t)OP_ENTRIES : kinds[n->type];
    op->tag = s->type;
    switch ((enum avro_op_kind)op->kind) {
    case OP_RECORD:
        return compile_fields(c, s, n, op);
    case OP_ENTRIES:
        return compile_entries(c, s, n, op);
    case OP_ARRAY:
    case OP_MAP:
        return compile_items(c, s, n, op);
    case OP_UNION:
        return compile_union(c, s, n, op);
    case OP_FIXED:
        op->n = n->size;
        op->pads = s->logical == LOGICAL_DECIMAL;
        return 0;
    case OP_ENUM: {
        struct str *symbols = arena_array(&c->plan->arena, struct str, n->n);
        for (uint32_t i = 0; i < n->n; i++)
            symbols[i] = arena_str(&c->plan->arena, n->symbols[i]);
        op->symbols = symbols;
        op->n = n->n;
        return 0;
    }
    default:
        return 0;
    }
}

/* What stands for a null in a struct whose field has a default: the default's own bytes. */
static int compile_default(struct compile *c, const struct schema *s, struct avro_op *op)
{
    struct avro_plan one = {.root = op};
    struct buf bytes = {0};
    int rc = avro_encode(&one, &s->default_value, &bytes, c->err);
    if (!rc)
        op->null = arena_str(&c->plan->arena, buf_str(&bytes));
    buf_free(&bytes);
    return rc ? error_context(c->err, "default") : 0;
}

static int compile(struct compile *c, const struct schema *s, const struct avro_node *n, bool in_struct,
                   struct avro_op *op)
{
    *op = (struct avro_op){.schema = s};
    if (++c->n_ops > MAX_OPS)
        return error_set(c->err, ERROR_INVALID_SCHEMA, "the schema has more than %d fields", (int)MAX_OPS);
    if (s->optional && n->type == AVRO_UNION && !avro_is_union(s)) {
        int null = avro_null_branch(n);
        op->has_prefix = true;
        op->prefix = null == 0 ? 2 : 0;
        op->null = arena_str(&c->plan->arena, null == 0 ? str_of("\0", 1) : str_of("\2", 1));
        n = n->branches[1 - null];
    }
    int rc = compile_base(c, s, n, op);
    if (!rc && in_struct && s->has_default && s->default_value.type != VALUE_NULL) {
        if (!c->options->keep_nulls)
            return compile_default(c, s, op);
    }
    return rc;
}

static int compile_root(struct compile *c)
{
    struct avro_op *root = arena_new(&c->plan->arena, struct avro_op);
    c->plan->root = root;
    if (!c->plan->schema) {
        root->kind = OP_ANYTHING;
        return 0;
    }
    struct avro_schema *graph;
    int rc = avro_build(c->plan->schema, c->options, &graph, c->err);
    if (rc)
        return rc;
    rc = compile(c, c->plan->schema, graph->root, false, root);
    avro_schema_free(graph);
    return rc;
}

int avro_plan_new(const struct schema *schema, const struct avro_options *options, struct avro_plan **ret,
                  struct error *err)
{
    static const struct avro_options defaults = {.connect_meta = true};
    struct compile c = {.plan = mem_new(struct avro_plan), .options = options ? options : &defaults, .err = err};
    c.plan->schema = schema_ref(schema);
    int rc = compile_root(&c);
    if (rc) {
        avro_plan_free(c.plan);
        return rc;
    }
    *ret = c.plan;
    return 0;
}

void avro_plan_free(struct avro_plan *plan)
{
    if (!plan)
        return;
    schema_unref(plan->schema);
    arena_free(&plan->arena);
    free(plan);
}

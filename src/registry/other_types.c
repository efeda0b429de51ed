#include "registry/other_types.h"

#include "wire/json.h"

enum { MAX_NESTING = 200 };

/* ---- JSON Schema ---- */

/* The text is known to be JSON. */
static void add_without_space(struct str text, struct buf *out)
{
    bool inside = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!inside && (c == ' ' || c == '\t' || c == '\n' || c == '\r'))
            continue;
        buf_add_char(out, c);
        if (inside && c == '\\' && i + 1 < text.len)
            buf_add_char(out, text.ptr[++i]);
        else if (c == '"')
            inside = !inside;
    }
}

int registry_text_json(struct str text, struct buf *out, struct error *err)
{
    struct arena arena = {0};
    struct error cause = {0};
    struct value parsed;
    int rc = 0;
    if (json_read(text, &arena, &parsed, &cause) != 0)
        rc = error_set(err, ERROR_INVALID_SCHEMA, "not JSON: %s", cause.text);
    else if (parsed.type != VALUE_MAP && parsed.type != VALUE_BOOLEAN)
        rc = error_set(err, ERROR_INVALID_SCHEMA, "a JSON Schema is an object, true or false");
    else
        add_without_space(text, out);
    arena_free(&arena);
    return rc;
}

/* ---- Protobuf ---- */

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* Begins with the tag of FileDescriptorProto.name, which every one has. */
static bool is_descriptor(struct str text)
{
    enum { TAG_NAME = 0x0a };
    struct arena arena = {.chunk_size = 4096};
    struct str bytes;
    bool ok = text.len % 4 == 0 && json_read_base64(text, &arena, &bytes) && bytes.len > 2 && bytes.ptr[0] == TAG_NAME;
    arena_free(&arena);
    return ok;
}

struct scan {
    struct str text;
    size_t at;
    char open[MAX_NESTING];
    int depth;
    struct error *err;
};

static int fail(struct scan *s, const char *what)
{
    return error_set(s->err, ERROR_INVALID_SCHEMA, "byte %zu: %s", s->at, what);
}

static int skip_string(struct scan *s)
{
    char quote = s->text.ptr[s->at++];
    for (; s->at < s->text.len; s->at++) {
        char c = s->text.ptr[s->at];
        if (c == quote)
            return 0;
        if (c == '\n')
            break;
        if (c == '\\')
            s->at++;
    }
    return fail(s, "a string is not closed");
}

static int skip_comment(struct scan *s)
{
    bool is_line = s->text.ptr[s->at + 1] == '/';
    for (s->at += 2; s->at < s->text.len; s->at++) {
        char c = s->text.ptr[s->at];
        if (is_line && c == '\n')
            return 0;
        if (!is_line && c == '*' && s->at + 1 < s->text.len && s->text.ptr[s->at + 1] == '/') {
            s->at++;
            return 0;
        }
    }
    return is_line ? 0 : fail(s, "a comment is not closed");
}

static int bracket(struct scan *s, char c)
{
    static const char opening[] = "{[(", closing[] = "}])";
    const char *kind = strchr(opening, c);
    if (kind) {
        if (s->depth == MAX_NESTING)
            return fail(s, "nested too deep");
        s->open[s->depth++] = closing[kind - opening];
        return 0;
    }
    if (s->depth == 0 || s->open[s->depth - 1] != c)
        return fail(s, "a bracket that closes nothing");
    s->depth--;
    return 0;
}

static int first_word(struct scan *s)
{
    static const char *const statements[] = {"syntax",  "edition", "package", "import",  "option",
                                             "message", "enum",    "extend",  "service", NULL};
    size_t begin = s->at;
    while (s->at < s->text.len && is_word(s->text.ptr[s->at]))
        s->at++;
    struct str word = str_of(s->text.ptr + begin, s->at - begin);
    s->at--;
    for (const char *const *statement = statements; *statement; statement++)
        if (str_is(word, *statement))
            return 0;
    return fail(s, "no statement of a .proto file");
}

static int check_source(struct str text, struct error *err)
{
    struct scan s = {.text = text, .err = err};
    bool begun = false;
    int rc = 0;
    for (; s.at < text.len && rc == 0; s.at++) {
        char c = text.ptr[s.at];
        if (c == '/' && s.at + 1 < text.len && (text.ptr[s.at + 1] == '/' || text.ptr[s.at + 1] == '*')) {
            rc = skip_comment(&s);
        } else if (c == '"' || c == '\'') {
            rc = skip_string(&s);
        } else if (strchr("{}[]()", c) && c) {
            rc = bracket(&s, c);
        } else if (!begun && is_word(c)) {
            rc = first_word(&s);
            begun = true;
        }
    }
    if (rc == 0 && s.depth > 0)
        rc = fail(&s, "a bracket is not closed");
    return rc == 0 && !begun ? fail(&s, "no statement of a .proto file") : rc;
}

int registry_text_protobuf(struct str text, struct buf *out, struct error *err)
{
    text = str_trim(text);
    int rc = 0;
    if (!str_is_utf8(text))
        rc = error_set(err, ERROR_INVALID_SCHEMA, "not UTF-8");
    else if (!is_descriptor(text))
        rc = check_source(text, err);
    if (rc == 0)
        buf_add_str(out, text);
    return rc;
}

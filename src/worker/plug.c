#include "worker/plug.h"

#include <stdlib.h>

/* "Invalid value 7 for configuration text: ..." and "Missing required configuration \"text\" ..." name the property as
 * the plug-in knows it. */
static void write_text(const char *prefix, const struct finding *f, struct buf *out)
{
    static const char *const forms[] = {"configuration ", "configuration \""};
    struct str text = f->text;
    for (size_t i = 0; i < 2; i++) {
        AUTO_BUF wanted = {0};
        buf_printf(&wanted, "%s" STR_FMT, forms[i], STR_ARG(f->name));
        const char *at = f->name.len ? memmem(text.ptr, text.len, wanted.data, wanted.len) : NULL;
        if (!at)
            continue;
        size_t front = (size_t)(at - text.ptr) + strlen(forms[i]);
        buf_add(out, text.ptr, front);
        buf_add_cstr(out, prefix);
        text = str_of(text.ptr + front, text.len - front);
        break;
    }
    buf_add_str(out, text);
}

void plug_append_findings(struct findings *dst, const char *prefix, const struct findings *src)
{
    for (size_t i = 0; i < src->items.len; i++) {
        const struct finding *f = &src->items.items[i];
        AUTO_BUF name = {0}, text = {0};
        if (f->name.ptr)
            buf_printf(&name, "%s" STR_FMT, prefix, STR_ARG(f->name));
        write_text(prefix, f, &text);
        findings_add(dst, f->level, f->name.ptr ? buf_str(&name) : STR_NULL, STR_FMT, STR_ARG(buf_str(&text)));
    }
}

static void parse(struct plug *p, const struct plugin_info *info, const struct config *source, const char *prefix,
                  struct findings *findings)
{
    struct findings own;
    findings_init(&own);
    config_init(&p->raw);
    if (prefix)
        config_sub(source, prefix, &p->raw);
    else
        config_copy(&p->raw, source);
    p->parsed = mem_zalloc(info->config_size);
    p->config = (struct plugin_config){.parsed = p->parsed, .raw = &p->raw};
    if (info->properties)
        config_parse(info->properties, &p->raw, p->parsed, &own);
    plug_append_findings(findings, prefix ? prefix : "", &own);
    findings_release(&own);
}

int plug_init(struct plug *p, const struct plugin_info *info, const struct config *source, const char *prefix,
              struct error *err)
{
    struct findings findings;
    findings_init(&findings);
    parse(p, info, source, prefix, &findings);
    int code = findings_error(&findings, err);
    findings_release(&findings);
    if (code)
        plug_release(p);
    return code;
}

void plug_check(const struct plugin_info *info, const struct config *source, const char *prefix,
                struct findings *findings)
{
    struct plug p = {0};
    parse(&p, info, source, prefix, findings);
    plug_release(&p);
}

void plug_release(struct plug *p)
{
    config_release(&p->raw);
    free(p->parsed);
    *p = (struct plug){0};
}

#include "worker/plug.h"

#include <stdlib.h>

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
    findings_append(findings, prefix ? prefix : "", &own);
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

/* What transforms ask of a record's data (org.apache.kafka.connect.transforms.util.Requirements). */
#ifndef TRANSFORMS_REQUIREMENTS_H
#define TRANSFORMS_REQUIREMENTS_H

#include "base/error.h"
#include "data/schema.h"

/* The Java class that holds such a value, as Kafka Connect's messages name it: "java.lang.String", "null". */
const char *java_class_of(const struct schema *schema, const struct value *v);

/* 0, or ERROR_DATA that tells the purpose ("field extraction") and what there was instead. */
int require_struct(const struct schema *schema, const struct value *v, const char *purpose, struct error *err);
int require_map(const struct value *v, const char *purpose, struct error *err);

#endif

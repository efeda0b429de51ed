/* Records of `_schemas` and texts of schemas: the first byte says where the key ends. */
#include "registry/canonical.h"
#include "registry/index.h"
#include "registry/other_types.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct index x;
    struct buf out = {0};
    if (size == 0)
        return 0;
    size_t key = data[0] < size ? data[0] : size - 1;
    struct str value = str_of(data + 1 + key, size - 1 - key);
    index_init(&x);
    index_apply(&x, str_of(data + 1, key), value, NULL);
    index_apply(&x, STR("{\"keytype\":\"SCHEMA\",\"subject\":\"s\",\"version\":1,\"magic\":1}"), value, NULL);
    index_release(&x);
    if (canonical_avro(value, CANONICAL_STORED, NULL, 0, &out, NULL) == 0) {
        struct buf again = {0};
        if (canonical_avro(buf_str(&out), CANONICAL_STORED, NULL, 0, &again, NULL) != 0 ||
            !str_equal(buf_str(&out), buf_str(&again)))
            __builtin_trap();
        buf_free(&again);
    }
    canonical_avro(value, CANONICAL_NORMALIZED, NULL, 0, &out, NULL);
    struct buf again_text = {0};
    buf_clear(&out);
    if (registry_text_json(value, &out, NULL) == 0 && registry_text_json(buf_str(&out), &again_text, NULL) != 0)
        __builtin_trap();
    registry_text_protobuf(value, &out, NULL);
    buf_free(&again_text);
    buf_free(&out);
    return 0;
}

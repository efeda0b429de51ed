import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.ConnectSchema;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.transforms.Transformation;
import org.apache.kafka.connect.transforms.predicates.Predicate;

/**
 * What Kafka Connect's own classes make of records given as JSON: one line in, one line out, in the form that
 * src/transforms/test/test_apply_tool.c tells.
 */
public class TransformReference {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PACKAGE = "org.apache.kafka.connect.transforms.";
    private static final JsonConverter CONVERTER = new JsonConverter();

    public static void main(String[] args) throws Exception {
        CONVERTER.configure(Map.of("schemas.enable", "true", "replace.null.with.default", "false"), false);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        for (String line; (line = in.readLine()) != null; )
            out.println(JSON.writeValueAsString(run(JSON.readTree(line))));
        out.flush();
    }

    private static ObjectNode error(Throwable e, String kind) {
        ObjectNode node = JSON.createObjectNode();
        node.put("error", e.toString());
        node.put("kind", kind);
        return node;
    }

    private static Map<String, String> config(JsonNode node) {
        Map<String, String> config = new HashMap<>();
        if (node != null)
            node.fields().forEachRemaining(e -> config.put(e.getKey(), e.getValue().isNull() ? null : e.getValue().asText()));
        return config;
    }

    private static ObjectNode run(JsonNode line) {
        ObjectNode answer = JSON.createObjectNode();
        try {
            Function function = line.hasNonNull("predicate") ? predicate(line) : transformation(line);
            ArrayNode results = answer.putArray("results");
            for (JsonNode record : line.get("records"))
                results.add(one(function, record));
        } catch (Throwable e) {
            return error(e, "config");
        }
        return answer;
    }

    private interface Function {
        JsonNode apply(SourceRecord record) throws Exception;
    }

    @SuppressWarnings("unchecked")
    private static Function transformation(JsonNode line) throws Exception {
        Transformation<SourceRecord> t = (Transformation<SourceRecord>) Class.forName(PACKAGE + line.get("class").asText())
            .getDeclaredConstructor().newInstance();
        t.configure(config(line.get("config")));
        return record -> {
            SourceRecord changed;
            try {
                changed = t.apply(record);
            } catch (Throwable e) {
                return error(e, "apply");
            }
            return changed == null ? JSON.nullNode() : write(changed);
        };
    }

    @SuppressWarnings("unchecked")
    private static Function predicate(JsonNode line) throws Exception {
        Predicate<SourceRecord> p = (Predicate<SourceRecord>) Class.forName(PACKAGE + "predicates." + line.get("predicate").asText())
            .getDeclaredConstructor().newInstance();
        p.configure(config(line.get("config")));
        return record -> JSON.getNodeFactory().booleanNode(p.test(record));
    }

    private static JsonNode one(Function function, JsonNode record) {
        SourceRecord read;
        try {
            read = read(record);
        } catch (Throwable e) {
            return error(e, "read");
        }
        try {
            return function.apply(read);
        } catch (Throwable e) {
            return error(e, "write");
        }
    }

    private static SchemaAndValue data(JsonNode node) throws Exception {
        if (node == null || node.isNull())
            return SchemaAndValue.NULL;
        JsonNode bare = withoutStructDefaults(node.get("schema"));
        SchemaAndValue read = converted(bare, node.get("payload"));
        if (bare == null || bare.equals(node.get("schema")))
            return read;
        Schema schema = schema(node.get("schema"));
        return new SchemaAndValue(schema, rebuilt(read.value(), schema));
    }

    private static SchemaAndValue converted(JsonNode schema, JsonNode payload) throws Exception {
        ObjectNode envelope = JSON.createObjectNode();
        envelope.set("schema", schema);
        envelope.set("payload", payload);
        return CONVERTER.toConnectData("t", JSON.writeValueAsBytes(envelope));
    }

    /* JsonConverter cannot read a schema whose struct has a default value: the schemas around it are made here. */
    private static JsonNode withoutStructDefaults(JsonNode schema) {
        if (schema == null || !schema.path("type").asText().equals("struct"))
            return schema;
        ObjectNode bare = schema.deepCopy();
        bare.remove("default");
        ArrayNode fields = bare.putArray("fields");
        schema.get("fields").forEach(field -> fields.add(withoutStructDefaults(field)));
        return bare;
    }

    private static Schema schema(JsonNode node) throws Exception {
        if (!node.path("type").asText().equals("struct"))
            return CONVERTER.asConnectSchema(node);
        Schema bare = CONVERTER.asConnectSchema(withoutStructDefaults(node));
        List<Field> fields = new ArrayList<>();
        for (JsonNode field : node.get("fields"))
            fields.add(new Field(field.get("field").asText(), fields.size(), schema(field)));
        Schema outer = new ConnectSchema(Schema.Type.STRUCT, bare.isOptional(), null, bare.name(), bare.version(), bare.doc(),
            bare.parameters(), fields, null, null);
        if (!node.hasNonNull("default"))
            return outer;
        Object value = rebuilt(converted(withoutStructDefaults(node), node.get("default")).value(), outer);
        return new ConnectSchema(Schema.Type.STRUCT, bare.isOptional(), value, bare.name(), bare.version(), bare.doc(),
            bare.parameters(), fields, null, null);
    }

    private static Object rebuilt(Object value, Schema schema) {
        if (!(value instanceof Struct))
            return value;
        Struct struct = new Struct(schema);
        for (Field field : schema.fields())
            struct.put(field, rebuilt(((Struct) value).getWithoutDefault(field.name()), field.schema()));
        return struct;
    }

    private static SourceRecord read(JsonNode node) throws Exception {
        SchemaAndValue key = data(node.get("key")), value = data(node.get("value"));
        ConnectHeaders headers = new ConnectHeaders();
        if (node.hasNonNull("headers"))
            for (JsonNode header : node.get("headers"))
                headers.add(header.get("key").asText(), data(header));
        return new SourceRecord(null, null, node.path("topic").asText(),
            node.hasNonNull("partition") ? node.get("partition").asInt() : null, key.schema(), key.value(), value.schema(),
            value.value(), node.hasNonNull("timestamp") ? node.get("timestamp").asLong() : null, headers);
    }

    private static JsonNode write(SourceRecord record) throws Exception {
        ObjectNode node = JSON.createObjectNode();
        node.put("topic", record.topic());
        node.put("partition", record.kafkaPartition());
        node.put("timestamp", record.timestamp());
        node.set("key", write(record.keySchema() == null && record.key() == null, record.keySchema(), record.key()));
        node.set("value", write(record.valueSchema() == null && record.value() == null, record.valueSchema(), record.value()));
        ArrayNode headers = node.putArray("headers");
        for (Header header : record.headers()) {
            ObjectNode written = JSON.createObjectNode();
            written.put("key", header.key());
            JsonNode data = write(false, header.schema(), header.value());
            for (Iterator<Map.Entry<String, JsonNode>> i = data.fields(); i.hasNext(); ) {
                Map.Entry<String, JsonNode> e = i.next();
                written.set(e.getKey(), e.getValue());
            }
            headers.add(written);
        }
        return node;
    }

    private static JsonNode write(boolean absent, Schema schema, Object value) throws Exception {
        if (absent)
            return JSON.nullNode();
        byte[] bytes = CONVERTER.fromConnectData("t", schema, value);
        if (bytes != null)
            return JSON.readTree(bytes);
        ObjectNode nothing = JSON.createObjectNode();
        nothing.putNull("schema");
        nothing.putNull("payload");
        return nothing;
    }
}

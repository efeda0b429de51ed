import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;

/** Avro's own verdicts, for tests/integration/test_avro_compat_java.py: lines READER, tab, WRITER in; lines of
 * TYPE|path|message, joined by tabs, out; "?" for a pair that cannot be parsed, "!" for one that cannot be judged. */
class AvroCompat {
    private static String judge(String reader, String writer) {
        try {
            List<String> parts = new ArrayList<>();
            Schema read, written;
            try {
                read = new Schema.Parser().parse(reader);
                written = new Schema.Parser().parse(writer);
            } catch (RuntimeException e) {
                return "?";
            }
            for (SchemaCompatibility.Incompatibility i : SchemaCompatibility
                    .checkReaderWriterCompatibility(read, written).getResult().getIncompatibilities())
                parts.add(i.getType() + "|" + i.getLocation() + "|" + i.getMessage());
            return String.join("\t", parts);
        } catch (RuntimeException e) {
            return "!";
        }
    }

    public static void main(String[] args) throws Exception {
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = in.readLine()) != null;) {
            int tab = line.indexOf('\t');
            out.println(judge(line.substring(0, tab), line.substring(tab + 1)));
        }
        out.flush();
    }
}

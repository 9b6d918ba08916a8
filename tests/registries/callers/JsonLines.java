import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Speaks with tests/support/caller_process.ts: a request is a JSON line on stdin, an answer or an
 * event one on stdout.
 */
class JsonLines {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** Clients and Spring may print; only our lines go to the real stdout. */
    private static final PrintStream OUT = System.out;

    interface Handler {
        Map<String, Object> handle(String op, JsonNode request) throws Exception;
    }

    /** Comes first, before anybody prints. */
    static void begin() {
        System.setOut(System.err);
    }

    static void serve(Handler handler) throws Exception {
        say(Map.of("event", "ready"));
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = in.readLine()) != null; ) {
            JsonNode request = JSON.readTree(line);
            String op = request.get("op").asText();
            Map<String, Object> answer = new HashMap<>();
            answer.put("id", request.get("id").asInt());
            try {
                answer.putAll(handler.handle(op, request));
            } catch (Exception e) {
                answer.put("error", e.toString());
            }
            say(answer);
            if (op.equals("exit")) {
                System.exit(0);
            }
        }
        // Whoever started us has gone without a word.
        Runtime.getRuntime().halt(1);
    }

    /** Events come from threads of their own, so one line at a time. */
    static synchronized void say(Map<String, Object> message) {
        try {
            OUT.println(JSON.writeValueAsString(message));
            OUT.flush();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}

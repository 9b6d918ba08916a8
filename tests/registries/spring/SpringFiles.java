import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.StandardEnvironment;

/** Starts an empty Spring application for each question, and tells what its environment has. */
public class SpringFiles {
    static class Nothing {}

    /** Of the working folder, which is this process's own. */
    private static final Path HERE = Path.of("");

    public static void main(String[] args) throws Exception {
        JsonLines.begin();
        JsonLines.serve((op, request) -> op.equals("resolve") ? resolve(request) : Map.of());
    }

    private static Map<String, Object> resolve(JsonNode request) throws Exception {
        write(request.get("files"));
        Map<String, Object> variables = new HashMap<>();
        request.get("env").fields().forEachRemaining(one ->
            variables.put(one.getKey(), one.getValue().asText()));
        StandardEnvironment environment = new StandardEnvironment() {
            @Override
            public Map<String, Object> getSystemEnvironment() {
                return variables;
            }
        };
        try (var context = new SpringApplicationBuilder(Nothing.class)
                .web(WebApplicationType.NONE)
                .environment(environment)
                .bannerMode(org.springframework.boot.Banner.Mode.OFF)
                .logStartupInfo(false)
                .run()) {
            Binder binder = Binder.get(context.getEnvironment());
            Map<String, Object> values = new TreeMap<>();
            for (JsonNode name : request.get("names")) {
                binder.bind(name.asText(), String.class).ifBound(text -> values.put(name.asText(), text));
            }
            binder.bind("eureka.client.service-url", Bindable.mapOf(String.class, String.class))
                .ifBound(zones -> zones.forEach((zone, urls) ->
                    values.put("eureka.client.service-url." + zone, urls)));
            return Map.of("values", values);
        } finally {
            clear();
        }
    }

    private static void write(JsonNode files) throws Exception {
        for (var all = files.fields(); all.hasNext(); ) {
            var one = all.next();
            Path path = HERE.resolve(one.getKey());
            if (path.getParent() != null) Files.createDirectories(path.getParent());
            Files.writeString(path, one.getValue().asText());
        }
    }

    private static void clear() throws Exception {
        try (Stream<Path> all = Files.walk(HERE)) {
            for (Path path : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
                if (!path.toString().isEmpty()) Files.delete(path);
            }
        }
    }
}

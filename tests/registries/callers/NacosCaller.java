import com.alibaba.nacos.api.PropertyKeyConst;
import com.alibaba.nacos.api.naming.NamingFactory;
import com.alibaba.nacos.api.naming.NamingService;
import com.alibaba.nacos.api.naming.listener.NamingEvent;
import com.alibaba.nacos.api.naming.pojo.Instance;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * A service that registers itself and watches others, with the real nacos-client (2.x or 3.x), over
 * gRPC. A request is a JSON line on stdin, an answer or an event one on stdout: see
 * tests/support/nacos_callers.ts, which speaks to it.
 */
public class NacosCaller {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** The client may print; only our lines go to the real stdout. */
    private static final PrintStream OUT = System.out;

    public static void main(String[] args) throws Exception {
        System.setOut(System.err);
        Properties properties = new Properties();
        set(properties, PropertyKeyConst.SERVER_ADDR, "CALLER_SERVER_ADDR");
        set(properties, PropertyKeyConst.NAMESPACE, "CALLER_NAMESPACE");
        set(properties, PropertyKeyConst.USERNAME, "CALLER_USERNAME");
        set(properties, PropertyKeyConst.PASSWORD, "CALLER_PASSWORD");
        NamingService naming = NamingFactory.createNamingService(properties);
        say(Map.of("event", "ready"));

        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = in.readLine()) != null; ) {
            JsonNode request = JSON.readTree(line);
            Map<String, Object> answer = new HashMap<>();
            answer.put("id", request.get("id").asInt());
            try {
                List<Instance> hosts = handle(naming, request);
                if (hosts != null) {
                    answer.put("hosts", hosts.stream().map(NacosCaller::host).toList());
                }
            } catch (Exception e) {
                answer.put("error", e.toString());
            }
            say(answer);
            if (request.get("op").asText().equals("exit")) {
                System.exit(0);
            }
        }
        // Whoever started us has gone without a word.
        Runtime.getRuntime().halt(1);
    }

    private static List<Instance> handle(NamingService naming, JsonNode request) throws Exception {
        String service = request.path("service").asText();
        String group = request.path("group").asText("DEFAULT_GROUP");
        switch (request.get("op").asText()) {
            case "register":
                naming.registerInstance(service, group, instance(request));
                return null;
            case "deregister":
                naming.deregisterInstance(service, group, instance(request));
                return null;
            case "subscribe":
                naming.subscribe(service, group, event -> {
                    if (event instanceof NamingEvent) {
                        List<Instance> hosts = ((NamingEvent) event).getInstances();
                        Map<String, Object> said = new HashMap<>();
                        said.put("event", "instances");
                        said.put("service", service);
                        said.put("group", group);
                        said.put("hosts", hosts.stream().map(NacosCaller::host).toList());
                        say(said);
                    }
                });
                return null;
            case "select":
                // Without subscribing: asks the server now.
                return request.path("healthyOnly").asBoolean()
                    ? naming.selectInstances(service, group, List.of(), true, false)
                    : naming.getAllInstances(service, group, List.of(), false);
            case "exit":
                naming.shutDown();
                return null;
            default:
                throw new IllegalArgumentException("unknown op");
        }
    }

    private static Instance instance(JsonNode request) {
        Instance instance = new Instance();
        instance.setIp(request.get("ip").asText());
        instance.setPort(request.get("port").asInt());
        instance.setWeight(request.path("weight").asDouble(1));
        instance.setClusterName(request.path("cluster").asText("DEFAULT"));
        instance.setEphemeral(request.path("ephemeral").asBoolean(true));
        request.path("metadata").fields().forEachRemaining(e -> instance.addMetadata(e.getKey(), e.getValue().asText()));
        return instance;
    }

    private static Map<String, Object> host(Instance instance) {
        Map<String, Object> host = new LinkedHashMap<>();
        host.put("ip", instance.getIp());
        host.put("port", instance.getPort());
        host.put("weight", instance.getWeight());
        host.put("healthy", instance.isHealthy());
        host.put("enabled", instance.isEnabled());
        host.put("metadata", instance.getMetadata());
        return host;
    }

    private static void set(Properties properties, String key, String variable) {
        String value = System.getenv(variable);
        if (value != null) {
            properties.setProperty(key, value);
        }
    }

    /** Events come from the client's own threads, so one line at a time. */
    private static synchronized void say(Map<String, Object> message) {
        try {
            OUT.println(JSON.writeValueAsString(message));
            OUT.flush();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}

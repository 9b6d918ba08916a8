import com.alibaba.nacos.api.PropertyKeyConst;
import com.alibaba.nacos.api.naming.NamingFactory;
import com.alibaba.nacos.api.naming.NamingService;
import com.alibaba.nacos.api.naming.listener.NamingEvent;
import com.alibaba.nacos.api.naming.pojo.Instance;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * A service that registers itself and watches others, with the real nacos-client (2.x or 3.x), over
 * gRPC; tests/support/nacos_callers.ts speaks to it.
 */
public class NacosCaller {
    public static void main(String[] args) throws Exception {
        JsonLines.begin();
        Properties properties = new Properties();
        set(properties, PropertyKeyConst.SERVER_ADDR, "CALLER_SERVER_ADDR");
        set(properties, PropertyKeyConst.NAMESPACE, "CALLER_NAMESPACE");
        set(properties, PropertyKeyConst.USERNAME, "CALLER_USERNAME");
        set(properties, PropertyKeyConst.PASSWORD, "CALLER_PASSWORD");
        NamingService naming = NamingFactory.createNamingService(properties);
        JsonLines.serve((op, request) -> handle(naming, op, request));
    }

    private static Map<String, Object> handle(NamingService naming, String op, JsonNode request) throws Exception {
        String service = request.path("service").asText();
        String group = request.path("group").asText("DEFAULT_GROUP");
        switch (op) {
            case "register":
                naming.registerInstance(service, group, instance(request));
                return Map.of();
            case "deregister":
                naming.deregisterInstance(service, group, instance(request));
                return Map.of();
            case "subscribe":
                naming.subscribe(service, group, event -> {
                    if (event instanceof NamingEvent) {
                        List<Object> hosts = hosts(((NamingEvent) event).getInstances());
                        JsonLines.say(Map.of("event", "instances", "service", service, "group", group, "hosts", hosts));
                    }
                });
                return Map.of();
            case "select":
                // Without subscribing: asks the server now.
                return Map.of("hosts", hosts(request.path("healthyOnly").asBoolean()
                    ? naming.selectInstances(service, group, List.of(), true, false)
                    : naming.getAllInstances(service, group, List.of(), false)));
            case "exit":
                naming.shutDown();
                return Map.of();
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

    private static List<Object> hosts(List<Instance> instances) {
        return instances.stream().<Object>map(one -> Map.of(
            "ip", one.getIp(), "port", one.getPort(), "weight", one.getWeight(),
            "healthy", one.isHealthy(), "enabled", one.isEnabled(), "metadata", one.getMetadata())).toList();
    }

    private static void set(Properties properties, String key, String variable) {
        String value = System.getenv(variable);
        if (value != null) {
            properties.setProperty(key, value);
        }
    }
}

import com.demo.api.OrderService;
import com.demo.api.UserService;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.apache.dubbo.config.ReferenceConfig;
import org.apache.dubbo.config.ServiceConfig;
import org.apache.dubbo.config.bootstrap.DubboBootstrap;

/**
 * A Dubbo app: a provider of two interfaces, or a consumer that calls each by its interface's
 * registration and by the app's. All settings are Dubbo's own, as system properties;
 * tests/support/java_pods.ts speaks to it.
 */
public class DubboApp {
    private static final String POD = System.getenv("POD_NAME");
    private static final Map<String, Supplier<String>> CALLS = new HashMap<>();

    public static void main(String[] args) throws Exception {
        JsonLines.begin();
        DubboBootstrap bootstrap = DubboBootstrap.getInstance();
        if ("provider".equals(System.getenv("CALLER_ROLE"))) {
            ServiceConfig<UserService> users = new ServiceConfig<>();
            users.setInterface(UserService.class);
            users.setVersion("1.0.0");
            users.setGroup("g1");
            users.setRef(() -> POD);
            ServiceConfig<OrderService> orders = new ServiceConfig<>();
            orders.setInterface(OrderService.class);
            orders.setWeight(50);
            orders.setRef(() -> POD);
            bootstrap.service(users).service(orders);
        }
        bootstrap.start();
        JsonLines.serve(DubboApp::handle);
    }

    private static Map<String, Object> handle(String op, JsonNode request) throws Exception {
        switch (op) {
            case "registerAnew":
                // With each interface the app has other metadata, so Dubbo registers it anew.
                ServiceConfig<Runnable> passing = new ServiceConfig<>();
                passing.setInterface(Runnable.class);
                passing.setRef(() -> {});
                passing.export();
                passing.unexport();
                return Map.of();
            case "answers":
                String service = request.get("service").asText();
                String by = request.get("by").asText();
                String app = request.get("app").asText();
                Supplier<String> call = CALLS.computeIfAbsent(service + by, key -> caller(service, by, app));
                TreeSet<String> answers = new TreeSet<>();
                for (int i = 0; i < request.get("times").asInt(); i++) {
                    answers.add(call.get());
                }
                return Map.of("answers", answers);
            case "exit":
                return Map.of();
            default:
                throw new IllegalArgumentException("unknown op");
        }
    }

    /** @param by FORCE_INTERFACE or FORCE_APPLICATION, Dubbo's words for which registration counts */
    private static Supplier<String> caller(String service, String by, String app) {
        if (service.equals("UserService")) {
            ReferenceConfig<UserService> users = reference(UserService.class, by, app);
            users.setVersion("1.0.0");
            users.setGroup("g1");
            return users.get()::who;
        }
        return reference(OrderService.class, by, app).get()::who;
    }

    private static <T> ReferenceConfig<T> reference(Class<T> type, String by, String app) {
        ReferenceConfig<T> reference = new ReferenceConfig<>();
        reference.setInterface(type);
        // Else it has to find the app's name in Nacos' configurations, where a busy provider writes it late.
        reference.setProvidedBy(app);
        // A call before the first list fails, and may be tried again.
        reference.setCheck(false);
        reference.setRetries(0);
        reference.setParameters(new HashMap<>(Map.of("migration.step", by)));
        return reference;
    }
}

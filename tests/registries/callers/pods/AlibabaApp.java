import com.alibaba.cloud.nacos.NacosDiscoveryProperties;
import com.alibaba.cloud.nacos.NacosServiceManager;
import com.alibaba.nacos.api.NacosFactory;
import com.alibaba.nacos.api.naming.NamingService;
import com.alibaba.nacos.api.naming.pojo.Instance;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Map;
import java.util.TreeSet;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.web.client.RestTemplateBuilder;
import org.springframework.cloud.client.loadbalancer.LoadBalanced;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestTemplate;

/**
 * A Spring Cloud Alibaba app: a provider, which registers its web server by Spring and a gRPC server
 * by a NamingService of its own, or a consumer. All settings are Spring's own, in
 * SPRING_APPLICATION_JSON; tests/support/java_pods.ts speaks to it.
 */
public class AlibabaApp {
    @EnableAutoConfiguration
    @RestController
    static class Provider {
        @Value("${POD_NAME}")
        private String pod;

        @GetMapping("/")
        String who() {
            return pod;
        }

        /** As apps do it whose gRPC server has no starter for Nacos; the server itself is left out. */
        @Bean
        ApplicationRunner grpc(NacosDiscoveryProperties web, @Value("${grpc.server.port}") int port) {
            return args -> {
                NamingService naming = NacosFactory.createNamingService(web.getNacosProperties());
                Instance instance = new Instance();
                instance.setIp(web.getIp());
                instance.setPort(port);
                instance.setWeight(7);
                instance.setMetadata(Map.of("protocol", "grpc"));
                naming.registerInstance(web.getService() + "-grpc", instance);
            };
        }
    }

    /** Calls by the service's name. */
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Consumer {
        @Bean
        @LoadBalanced
        RestTemplate rest(RestTemplateBuilder builder) {
            return builder.connectTimeout(Duration.ofSeconds(2)).readTimeout(Duration.ofSeconds(5)).build();
        }
    }

    private final RestTemplate rest;
    private final NamingService naming;

    private AlibabaApp(ApplicationContext context) {
        rest = context.getBeanProvider(RestTemplate.class).getIfAvailable();
        naming = context.getBean(NacosServiceManager.class).getNamingService();
    }

    public static void main(String[] args) throws Exception {
        JsonLines.begin();
        boolean provider = "provider".equals(System.getenv("CALLER_ROLE"));
        AlibabaApp app;
        try {
            app = new AlibabaApp(SpringApplication.run(provider ? Provider.class : Consumer.class, args));
        } catch (Throwable e) {
            // Spring has said why; threads of the Nacos client may live on.
            Runtime.getRuntime().halt(1);
            return;
        }
        JsonLines.serve(app::handle);
    }

    private Map<String, Object> handle(String op, JsonNode request) throws Exception {
        String service = request.path("service").asText();
        TreeSet<String> answers = new TreeSet<>();
        switch (op) {
            case "answers":
                for (int i = 0; i < request.get("times").asInt(); i++) {
                    answers.add(rest.getForObject("http://" + service + "/", String.class));
                }
                return Map.of("answers", answers);
            case "instances":
                // Subscribes, and answers with what was pushed.
                naming.selectInstances(service, true).forEach(one -> answers.add(one.getIp()));
                return Map.of("answers", answers);
            case "exit":
                return Map.of();
            default:
                throw new IllegalArgumentException("unknown op");
        }
    }
}

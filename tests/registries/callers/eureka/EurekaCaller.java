import com.fasterxml.jackson.databind.JsonNode;
import com.netflix.appinfo.ApplicationInfoManager;
import com.netflix.appinfo.EurekaInstanceConfig;
import com.netflix.discovery.AbstractDiscoveryClientOptionalArgs;
import com.netflix.discovery.EurekaClientConfig;
import com.netflix.discovery.shared.transport.jersey.TransportClientFactories;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.web.client.RestTemplateBuilder;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.discovery.DiscoveryClient;
import org.springframework.cloud.client.loadbalancer.LoadBalanced;
import org.springframework.cloud.commons.util.InetUtils;
import org.springframework.cloud.netflix.eureka.CloudEurekaClient;
import org.springframework.cloud.netflix.eureka.EurekaInstanceConfigBean;
import org.springframework.cloud.netflix.eureka.InstanceInfoFactory;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestTemplate;

/**
 * A Spring Cloud service: a provider, which registers and answers with its instance id, or a
 * consumer, which calls providers by their service's name. All settings are Spring's own, in
 * SPRING_APPLICATION_JSON; tests/support/eureka_callers.ts speaks to it.
 */
public class EurekaCaller {
    /** Answers with its instance id. */
    @EnableAutoConfiguration
    @Import(Second.class)
    @RestController
    static class Provider {
        private final EurekaInstanceConfig instance;

        Provider(EurekaInstanceConfig instance) {
            this.instance = instance;
        }

        @GetMapping("/")
        String who() {
            return instance.getInstanceId();
        }
    }

    /**
     * A further registration of the same process, with a client of its own, as apps have it that serve
     * something else beside HTTP; nothing listens there. No bean: it would take the place of the first.
     */
    @ConditionalOnProperty("second.service")
    static class Second implements DisposableBean {
        private final CloudEurekaClient client;

        Second(Environment env, EurekaInstanceConfig first, InetUtils inet, EurekaClientConfig config,
            TransportClientFactories<?> transport, AbstractDiscoveryClientOptionalArgs<?> more, ApplicationContext context) {
            String service = env.getRequiredProperty("second.service");
            EurekaInstanceConfigBean instance = new EurekaInstanceConfigBean(inet);
            instance.setAppname(service);
            instance.setVirtualHostName(service);
            instance.setNonSecurePort(env.getRequiredProperty("second.port", Integer.class));
            instance.setIpAddress(first.getIpAddress());
            instance.setPreferIpAddress(true);
            instance.setInstanceId(first.getHostName(false) + ":" + service + ":" + instance.getNonSecurePort());
            instance.setLeaseRenewalIntervalInSeconds(first.getLeaseRenewalIntervalInSeconds());
            instance.getMetadataMap().put("protocol", "grpc");
            ApplicationInfoManager manager = new ApplicationInfoManager(instance, new InstanceInfoFactory().create(instance));
            manager.setInstanceStatus(com.netflix.appinfo.InstanceInfo.InstanceStatus.UP);
            client = new CloudEurekaClient(manager, config, transport, more, context);
        }

        @Override
        public void destroy() {
            client.shutdown();
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

    private final EurekaInstanceConfig instance;
    private final DiscoveryClient discovery;
    /** Null in a provider. */
    private final RestTemplate rest;
    private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(2);
    private final Map<String, ScheduledFuture<?>> loops = new HashMap<>();

    private EurekaCaller(ApplicationContext context) {
        instance = context.getBean(EurekaInstanceConfig.class);
        discovery = context.getBean(DiscoveryClient.class);
        rest = context.getBeanProvider(RestTemplate.class).getIfAvailable();
    }

    public static void main(String[] args) throws Exception {
        JsonLines.begin();
        boolean provider = "provider".equals(System.getenv("CALLER_ROLE"));
        EurekaCaller caller;
        try {
            caller = new EurekaCaller(SpringApplication.run(provider ? Provider.class : Consumer.class, args));
        } catch (Throwable e) {
            // Spring has said why; threads of the Eureka client may live on.
            Runtime.getRuntime().halt(1);
            return;
        }
        JsonLines.serve(caller::handle);
    }

    private Map<String, Object> handle(String op, JsonNode request) {
        String service = request.path("service").asText();
        switch (op) {
            case "who":
                return Map.of("instanceId", instance.getInstanceId());
            case "instances":
                return Map.of("hosts", discovery.getInstances(service).stream().map(EurekaCaller::host).toList());
            case "call":
                return Map.of("call", call(service));
            case "startCalls":
                long everyMs = request.get("everyMs").asLong();
                loops.computeIfAbsent(service, name -> timer.scheduleWithFixedDelay(
                    () -> JsonLines.say(Map.of("event", "call", "service", name, "call", call(name))),
                    0, everyMs, TimeUnit.MILLISECONDS));
                return Map.of();
            case "stopCalls":
                ScheduledFuture<?> loop = loops.remove(service);
                if (loop != null) {
                    loop.cancel(false);
                }
                return Map.of();
            case "exit":
                timer.shutdown();
                return Map.of();
            default:
                throw new IllegalArgumentException("unknown op");
        }
    }

    private Map<String, Object> call(String service) {
        Map<String, Object> call = new LinkedHashMap<>();
        call.put("at", System.currentTimeMillis());
        try {
            call.put("instanceId", rest.getForObject("http://" + service + "/", String.class));
        } catch (Exception e) {
            call.put("error", e.toString());
        }
        call.put("ms", System.currentTimeMillis() - (Long) call.get("at"));
        return call;
    }

    private static Map<String, Object> host(ServiceInstance instance) {
        return Map.of("instanceId", instance.getInstanceId(), "host", instance.getHost(), "port", instance.getPort());
    }
}

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.web.client.RestTemplateBuilder;
import org.springframework.cloud.client.loadbalancer.LoadBalanced;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestTemplate;

/**
 * A Spring Cloud service, on whatever registry its class path has: a provider, or BENCH_CONSUMERS
 * consumers, each an application of its own with its own registry client and its own LoadBalancer.
 * All other settings are Spring's own, in SPRING_APPLICATION_JSON. A request is a JSON line on
 * stdin, an answer or an event one on stdout: see bench/requests/apps.ts, which speaks to it.
 */
public class RequestsApp {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** Spring logs to stdout; only our lines go to the real one. */
    private static final PrintStream OUT = System.out;
    private static final int KEPT_FAILURES = 20;

    /** Answers with its name and says so; a request may be made to last. */
    @EnableAutoConfiguration
    @RestController
    static class Provider {
        @Value("${bench.name}")
        private String name;

        @GetMapping("/")
        String answer(@RequestParam(name = "ms", defaultValue = "0") long ms) throws InterruptedException {
            say(Map.of("event", "served", "at", System.currentTimeMillis()));
            Thread.sleep(ms);
            return name;
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

    /** What one consumer has seen of one service since it was asked to forget. */
    private static class Calls {
        private final ExecutorService threads = Executors.newCachedThreadPool();
        private final RestTemplate rest;
        private final String service;
        private ScheduledFuture<?> loop;
        private int total;
        private int failed;
        private Map<String, Integer> answers = new HashMap<>();
        private List<Map<String, Object>> failures = new ArrayList<>();

        Calls(RestTemplate rest, String service) {
            this.rest = rest;
            this.service = service;
        }

        /** At a fixed rate, however long a call takes. */
        void start(ScheduledExecutorService timer, long afterMs, long everyMs) {
            loop = timer.scheduleAtFixedRate(() -> threads.execute(this::call), afterMs, everyMs, TimeUnit.MILLISECONDS);
        }

        void stop() {
            loop.cancel(false);
            threads.shutdown();
        }

        private void call() {
            long at = System.currentTimeMillis();
            try {
                String answer = rest.getForObject("http://" + service + "/", String.class);
                synchronized (this) {
                    total++;
                    answers.merge(answer, 1, Integer::sum);
                }
            } catch (Exception e) {
                synchronized (this) {
                    total++;
                    failed++;
                    if (failures.size() < KEPT_FAILURES) {
                        failures.add(Map.of("at", at, "error", e.toString()));
                    }
                }
            }
        }

        synchronized Map<String, Object> seen(boolean forget) {
            Map<String, Object> seen = new LinkedHashMap<>();
            seen.put("total", total);
            seen.put("failed", failed);
            seen.put("answers", new HashMap<>(answers));
            seen.put("failures", new ArrayList<>(failures));
            if (forget) {
                total = 0;
                failed = 0;
                answers.clear();
                failures.clear();
            }
            return seen;
        }
    }

    private final List<RestTemplate> consumers = new ArrayList<>();
    private final Map<String, List<Calls>> calls = new HashMap<>();
    private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(2);

    public static void main(String[] args) throws Exception {
        System.setOut(System.err);
        RequestsApp app = new RequestsApp();
        try {
            String consumers = System.getenv("BENCH_CONSUMERS");
            if (consumers == null) {
                SpringApplication.run(Provider.class, args);
            } else {
                for (int i = 0; i < Integer.parseInt(consumers); i++) {
                    app.consumers.add(SpringApplication.run(Consumer.class, args).getBean(RestTemplate.class));
                }
            }
        } catch (Throwable e) {
            // Spring has said why; threads of the registry's client may live on.
            Runtime.getRuntime().halt(1);
            return;
        }
        say(Map.of("event", "ready"));

        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = in.readLine()) != null; ) {
            JsonNode request = JSON.readTree(line);
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("id", request.get("id").asInt());
            try {
                answer.putAll(app.handle(request));
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

    private Map<String, Object> handle(JsonNode request) {
        String service = request.path("service").asText();
        switch (request.get("op").asText()) {
            case "start":
                List<Calls> started = new ArrayList<>();
                for (RestTemplate rest : consumers) {
                    Calls one = new Calls(rest, service);
                    one.start(timer, started.size() * request.get("apartMs").asLong(), request.get("everyMs").asLong());
                    started.add(one);
                }
                calls.put(service, started);
                return Map.of();
            case "seen":
                boolean forget = request.path("forget").asBoolean();
                return Map.of("consumers", calls.get(service).stream().map(one -> one.seen(forget)).toList());
            case "stop":
                calls.remove(service).forEach(Calls::stop);
                return Map.of();
            case "exit":
                return Map.of();
            default:
                throw new IllegalArgumentException("unknown op");
        }
    }

    /** Requests are served by many threads, so one line at a time. */
    private static synchronized void say(Map<String, Object> message) {
        try {
            OUT.println(JSON.writeValueAsString(message));
            OUT.flush();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}

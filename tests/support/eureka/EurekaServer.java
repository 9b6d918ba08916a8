import com.netflix.appinfo.DataCenterInfo;
import com.netflix.appinfo.InstanceInfo;
import com.netflix.appinfo.LeaseInfo;
import com.netflix.appinfo.MyDataCenterInfo;
import com.netflix.eureka.registry.PeerAwareInstanceRegistry;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.cloud.netflix.eureka.server.EnableEurekaServer;
import org.springframework.cloud.netflix.eureka.server.event.EurekaRegistryAvailableEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;

/**
 * Starts a Spring Cloud Netflix Eureka server. All settings are Spring's own, but for three:
 * test.auth asks for the password, test.csrf leaves Spring Security's CSRF protection on, as those
 * do who add the password and no more, and test.seed (app id ip port) registers an instance, which
 * nobody can do over HTTP then.
 */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@EnableEurekaServer
public class EurekaServer {
    public static void main(String[] a) {
        Parent.endWith();
        SpringApplication.run(EurekaServer.class, a);
    }

    @Bean
    SecurityFilterChain security(HttpSecurity http, Environment settings) throws Exception {
        if (!settings.getProperty("test.csrf", Boolean.class, false)) {
            http.csrf(csrf -> csrf.ignoringRequestMatchers("/eureka/**"));
        }
        boolean auth = settings.getProperty("test.auth", Boolean.class, false);
        http.authorizeHttpRequests(requests -> {
            if (auth) {
                requests.anyRequest().authenticated();
            } else {
                requests.anyRequest().permitAll();
            }
        });
        return http.httpBasic(Customizer.withDefaults()).build();
    }

    @Bean
    ApplicationListener<EurekaRegistryAvailableEvent> seed(PeerAwareInstanceRegistry registry, Environment settings) {
        return event -> {
            String seed = settings.getProperty("test.seed");
            if (seed == null) {
                return;
            }
            String[] words = seed.split(" ");
            registry.register(InstanceInfo.Builder.newBuilder()
                .setAppName(words[0])
                .setInstanceId(words[1])
                .setHostName(words[1])
                .setIPAddr(words[2])
                .setPort(Integer.parseInt(words[3]))
                .setVIPAddress(words[0])
                .setStatus(InstanceInfo.InstanceStatus.UP)
                .setDataCenterInfo(new MyDataCenterInfo(DataCenterInfo.Name.MyOwn))
                .setLeaseInfo(LeaseInfo.Builder.newBuilder().setDurationInSecs(86_400).build())
                .build(), false);
        };
    }
}

import com.alibaba.nacos.consistency.cp.CPProtocol;
import com.alibaba.nacos.consistency.cp.RequestProcessor4CP;
import com.alibaba.nacos.core.code.ControllerMethodsCache;
import com.alibaba.nacos.core.distributed.raft.JRaftProtocol;
import com.alibaba.nacos.core.distributed.raft.JRaftServer;
import java.util.Collection;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.web.servlet.ServletComponentScan;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.scheduling.annotation.EnableScheduling;

/** Starts a Nacos 2.x server without its web console. */
@SpringBootApplication(scanBasePackages = "com.alibaba.nacos")
@ServletComponentScan("com.alibaba.nacos")
@EnableScheduling
public class Boot2 {
    @Bean
    Object controllerMethods(ControllerMethodsCache cache) {
        for (String p : new String[] {"core.controller", "naming.controllers", "config.server.controller"}) {
            cache.initClassMethod("com.alibaba.nacos." + p);
        }
        return new Object();
    }

    public static void main(String[] a) throws Exception {
        Parent.endWith();
        ApplicationContext c = SpringApplication.run(Boot2.class, a);
        // The published io.springboot.nacos jars have an empty JRaftProtocol.addRequestProcessors,
        // so no raft group exists and every "update instance" fails. Create the groups here.
        var f = JRaftProtocol.class.getDeclaredField("raftServer");
        f.setAccessible(true);
        var m = JRaftServer.class.getDeclaredMethod("createMultiRaftGroup", Collection.class);
        m.setAccessible(true);
        m.invoke(f.get(c.getBean(CPProtocol.class)), c.getBeansOfType(RequestProcessor4CP.class).values());
        System.out.println("raft groups created");
    }
}

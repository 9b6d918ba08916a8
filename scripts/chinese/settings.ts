/** The settings' descriptions in Chinese, by the English text: whoever changes that changes both. */
export const SETTINGS: Readonly<Record<string, string>> = {
  "Instance, times, log": "实例、时间、日志",
  "Address the instance is registered with. Without it the program takes the local address of its connection to the registry.":
    "实例注册时用的地址。不设则取本程序连接注册中心所用的本机地址。",
  "How much is taken out. `pod`: everything that is registered at the pod's addresses. `named`: only what the settings name. Without it: `pod`, where the addresses are seen to be the pod's own; else what has the named one's port.":
    "摘除的范围。`pod`：Pod 各地址上注册的一切；`named`：只摘除设置里写的那一个。不设：能看出地址确属本 Pod 时同 `pod`，否则只摘除端口与之相同的注册。",
  "PEM file with certificates to trust besides the usual ones.": "PEM 文件，额外信任的 CA 证书。",
  "PEM file with the certificate to show to registries that want one, and with those between it and its authority.":
    "PEM 文件，注册中心要求客户端证书时出示的证书，连同其中间证书。",
  "PEM file with the key of that certificate; it may be the same file.":
    "PEM 文件，该证书的私钥；可以与证书同一个文件。",
  "How long to keep serving after the registry has accepted the write. Without it: until callers' own caches have run out.":
    "注册中心接受下线之后继续服务多少秒。不设：直到调用方自己的缓存过期。",
  "The pod's terminationGracePeriodSeconds. The hook ends STOP_RESERVE_SECONDS before it.":
    "Pod 的 terminationGracePeriodSeconds（优雅终止宽限期）。钩子提前 STOP_RESERVE_SECONDS 秒结束。",
  "Part of the grace period that is left to the app for its own shutdown after TERM.":
    "宽限期中留给应用的部分：收到 SIGTERM 后自己优雅停机用。",
  "`true`: at the end of the drain `offline` removes what the app would leave behind: at Eureka the instance (a later heartbeat brings it back UP), at Nacos a persistent one.":
    "`true`：排空结束时 `offline` 删除应用会遗留的东西：Eureka 上的实例（之后若还有心跳，实例会重新变为 UP），Nacos 上的持久化实例。",
  "How long `online` waits for the app to register.": "`online` 等待应用注册的时间，秒。",
  "The registry that is meant where none has an address. The wrappers set it.":
    "没有给出任何注册中心地址时，默认是哪一个。由包装脚本设置。",
  "`true`: `offline`, `online` and `sidecar` do nothing.":
    "`true`：`offline`、`online` 和 `sidecar` 什么都不做。",
  "`text`, or `json`: one JSON object a line.": "`text`，或 `json`：每行一个 JSON 对象。",
  "Nacos": "Nacos",
  "Name the app registers under.": "应用注册的服务名。",
  "Port the app registers.": "应用注册的端口。",
  "Nacos addresses, separated by commas: `host`, `host:port` or an http(s) URL. Where no registry is named: `nacos:8848`.":
    "Nacos 地址，多个用逗号分隔：`host`、`host:port` 或 http(s) URL。没有指定任何注册中心时：`nacos:8848`。",
  "Context path of addresses that are written without one; `/` for none.":
    "地址里没写 context path 时用的路径；`/` 表示没有。",
  "User name. Without it the program does not log in.": "用户名。不设则不登录。",
  "Password of that user.": "该用户的密码。",
  "File with the password. It wins over NACOS_PASSWORD.": "存放密码的文件，优先于 NACOS_PASSWORD。",
  "Access key of a cloud's Nacos, which has no users: requests are signed with it.":
    "云上 Nacos 的访问密钥（AccessKey）。云上没有用户名和密码，请求用它签名。",
  "The secret of that access key.": "该访问密钥的 SecretKey。",
  "File with the secret. It wins over NACOS_SECRET_KEY.":
    "存放 SecretKey 的文件，优先于 NACOS_SECRET_KEY。",
  "`v1` (Nacos 1.x and 2.x) or `v3` (3.x). Without it the program asks the server.":
    "`v1`（Nacos 1.x、2.x）或 `v3`（3.x）。不设则询问服务器。",
  "Id of the Nacos namespace, not its name.": "Nacos 命名空间的 id，不是名称。",
  "Nacos group.": "Nacos 分组。",
  "Nacos cluster.": "Nacos 集群。",
  "Weight that `online` puts it back with. Without it the one that `offline` found. Nacos keeps that for an app that starts again at its address, whatever it registers now.":
    "`online` 恢复时用的权重。不设则用 `offline` 当时看到的权重。应用在原地址重新启动时，不论注册了什么权重，Nacos 都沿用旧值。",
  "Ignored; accepted because the scripts set it.": "忽略。脚本会设置它，所以允许出现。",
  "Eureka": "Eureka",
  "Eureka addresses, separated by commas: `http://eureka:8761/eureka`, if needed with `user:password@` (not in the flag).":
    "Eureka 地址，多个用逗号分隔：`http://eureka:8761/eureka`，需要时带 `user:password@`（命令行参数里不行）。",
  "User name for addresses that are written without one. Without it the program does not log in there.":
    "地址里没写用户名时使用。不设则不登录。",
  "File with the password. It wins over EUREKA_PASSWORD.":
    "存放密码的文件，优先于 EUREKA_PASSWORD。",
  "Name the app registers under at Eureka.": "应用在 Eureka 注册的名字。",
  "Port the app registers at Eureka. With 0, one that was free, the instance is found by app and address alone, where those are one registration's.":
    "应用在 Eureka 注册的端口。为 0（随机端口）时只按应用名和地址查找，前提是那里只有一个注册。",
  "Id of the instance at Eureka. Without it the program finds the instance by address and port.":
    "实例在 Eureka 的 id。不设则按地址和端口查找。",
  "Requests that the app still gets": "应用还在收到的请求",
  "The app's metrics as Prometheus text: `http://127.0.0.1:8080/actuator/prometheus`, if needed with `user:password@` (not in the flag). With it `offline` drains as long as requests arrive, up to the deadline.":
    "应用的 Prometheus 文本指标：`http://127.0.0.1:8080/actuator/prometheus`，需要时带 `user:password@`（命令行参数里不行）。设了它，只要还有请求，`offline` 就继续排空，直到截止时间。",
  "Counter of requests in TRAFFIC_URL. Several, separated by commas, are added up.":
    "TRAFFIC_URL 中的请求计数器。多个用逗号分隔，相加计算。",
  "Paths whose requests do not count, separated by commas, each with all below it. `/` is the root alone, `none` is no path. The path of TRAFFIC_URL never counts.":
    "不计数的路径，用逗号分隔，各含其下所有路径。`/` 仅指根路径，`none` 表示一个也不排除。TRAFFIC_URL 自己的路径始终不计。",
  "The drain ends when no request has come for this many seconds. Only with TRAFFIC_URL.":
    "连续这么多秒没有请求，排空即结束。仅在设了 TRAFFIC_URL 时有效。",
  "Calls to the app and others": "调用应用及其他接口",
  "Endpoint of the app. `offline` calls it once: when each registry has answered the write, or gets none for now. `{ip}` `{port}` `{service}` `{instance}` in it are filled in.":
    "应用的下线接口。`offline` 只调用一次：等每个注册中心都响应了写入，或确定暂时不会写入。其中的 `{ip}` `{port}` `{service}` `{instance}` 会被替换。",
  "HTTP method of that call.": "该调用的 HTTP 方法。",
  "File with headers for that call, each line `Name: value`, for example `Authorization`.":
    "该调用的请求头文件，每行一个 `Name: value`，例如 `Authorization`。",
  "Seconds for that call, with all its tries.": "该调用的总时限（含重试），秒。",
  "Endpoint that `offline` calls at its end, after the drain. Filled in as above.":
    "`offline` 在排空之后、结束之前调用的接口。占位符同上。",
};

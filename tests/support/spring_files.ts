/**
 * What Spring Boot makes of files, case by case. tests/registries asks Spring itself (3.5.16 and
 * 2.7.18), and tests/unit the program; all must say the same.
 */

/** Files, variables, and the properties that come of them. */
export interface SpringCase {
  /** By path from the working folder. */
  readonly files: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly expected: Readonly<Record<string, string>>;
}

export const NAME = "spring.application.name";
export const ADDRESS = "spring.cloud.nacos.discovery.server-addr";
export const NAMESPACE = "spring.cloud.nacos.discovery.namespace";
export const GROUP = "spring.cloud.nacos.discovery.group";
export const PORT = "server.port";
export const ZONE = "eureka.client.service-url.defaultZone";

/** The properties that are asked for. */
export const ASKED = [NAME, ADDRESS, NAMESPACE, GROUP, PORT];

/** A file that names itself. */
const named = (name: string) => `spring.application.name: ${name}\n`;
const namedIn = (...paths: string[]) =>
  Object.fromEntries(paths.map((path) => [path, named(path)]));

const NESTED = `# comment
spring:
  application:
    name: orders # the service
  cloud:
    nacos:
      discovery:
        server-addr: \${NACOS_HOST:nacos}:\${NACOS_PORT:8848}
        namespace: 'it''s'
        group: "a\\tb"
server:
  port: 8080

eureka:
  client:
    serviceUrl:
      defaultZone: http://a:1/eureka/,
        http://b:2/eureka/
`;

/** By what each shows. */
export const SPRING_CASES: Readonly<Record<string, SpringCase>> = {
  "nested YAML with placeholders, quotes, a text over two lines": {
    files: { "application.yml": NESTED },
    env: { NACOS_HOST: "n1" },
    expected: {
      [NAME]: "orders",
      [ADDRESS]: "n1:8848",
      [NAMESPACE]: "it's",
      [GROUP]: "a\tb",
      [PORT]: "8080",
      [ZONE]: "http://a:1/eureka/, http://b:2/eureka/",
    },
  },
  "properties with escapes and lines that go on": {
    files: {
      "application.properties": [
        "! comment",
        "spring.application.name = orders\\u0031",
        "server.port:8080",
        "spring.cloud.nacos.discovery.server-addr a:1,\\",
        "    b:2",
        "spring.cloud.nacos.discovery.group=x\\=y \\",
        "",
        "  eureka.client.serviceUrl.defaultZone=http\\://e/eureka",
      ].join("\n"),
    },
    expected: {
      [NAME]: "orders1",
      [PORT]: "8080",
      [ADDRESS]: "a:1,b:2",
      [GROUP]: "x=y ",
      [ZONE]: "http://e/eureka",
    },
  },
  "properties in several documents": {
    files: {
      "application.properties": [
        "spring.application.name=one",
        "server.port=1",
        "#---",
        "spring.application.name=two",
        "#---",
        "# a comment makes no document",
        "server.port=2",
        "!---",
        "spring.config.activate.on-profile=prod",
        "server.port=3",
      ].join("\n"),
    },
    expected: { [NAME]: "two", [PORT]: "2" },
  },
  "a folder in config before config before the working folder": {
    files: namedIn("application.yml", "config/application.yml", "config/a/application.yml"),
    expected: { [NAME]: "config/a/application.yml" },
  },
  "the later one of the folders in config": {
    files: namedIn(
      "config/a/application.yml",
      "config/b/application.yml",
      "config/..c/application.yml",
    ),
    expected: { [NAME]: "config/b/application.yml" },
  },
  "in folders of config the kind of file before the folder": {
    files: {
      ...namedIn("config/b/application.yml"),
      "config/a/application.properties": named("a"),
    },
    expected: { [NAME]: "a" },
  },
  "config before the working folder": {
    files: namedIn("application.properties", "config/application.yaml"),
    expected: { [NAME]: "config/application.yaml" },
  },
  "properties before yml before yaml": {
    files: {
      "application.properties": "spring.application.name=p",
      "application.yml": named("y") + "server.port: 2\n",
      "application.yaml": named("z") + "server.port: 3\nspring.cloud.nacos.discovery.group: g\n",
    },
    expected: { [NAME]: "p", [PORT]: "2", [GROUP]: "g" },
  },
  "the file of a profile before the one without, wherever that is": {
    files: {
      ...namedIn("application-prod.yml", "config/application.yml"),
      "application.yml": "server.port: 1\n",
    },
    env: { SPRING_PROFILES_ACTIVE: "prod" },
    expected: { [NAME]: "application-prod.yml", [PORT]: "1" },
  },
  "the later profile first": {
    files: namedIn(
      "application.yml",
      "application-a.yml",
      "config/application-a.yml",
      "application-b.yml",
    ),
    env: { SPRING_PROFILES_ACTIVE: "a, b" },
    expected: { [NAME]: "application-b.yml" },
  },
  "a profile that a file makes active": {
    files: {
      "application.yml": "spring:\n  profiles:\n    active: [a, b]\n",
      ...namedIn("application-a.yml", "application-b.yml"),
    },
    expected: { [NAME]: "application-b.yml" },
  },
  "a profile of a variable in place of a file's": {
    files: {
      "application.yml": "spring.profiles.active: a\n",
      ...namedIn("application-a.yml", "application-b.yml"),
    },
    env: { SPRING_PROFILES_ACTIVE: "b" },
    expected: { [NAME]: "application-b.yml" },
  },
  "a profile that is included counts less than an active one": {
    files: {
      "application.yml": "spring.profiles:\n  active: a\n  include:\n  - b\n",
      ...namedIn("application-a.yml", "application-b.yml"),
      "application-c.yml": "server.port: 3",
    },
    env: { SPRING_PROFILES_INCLUDE: "c" },
    expected: { [NAME]: "application-a.yml", [PORT]: "3" },
  },
  "a group of profiles": {
    files: {
      "application.yml": 'spring.profiles.group:\n  prod: "db,mq"\n',
      ...namedIn("application-prod.yml", "application-mq.yml"),
      "application-db.yml": "server.port: 1",
    },
    env: { SPRING_PROFILES_ACTIVE: "prod" },
    expected: { [NAME]: "application-mq.yml", [PORT]: "1" },
  },
  "without a profile the one that is called default": {
    files: namedIn("application.yml", "application-default.yml"),
    expected: { [NAME]: "application-default.yml" },
  },
  "documents with conditions": {
    files: {
      "application.yml": [
        named("base") + "server.port: 1",
        "spring.config.activate.on-profile: prod & !eu\n" + named("prod"),
        "spring.config.activate.on-profile: eu | us\n" + "server.port: 2",
        "spring.config.activate.on-profile:\n- dev\n- prod\n" + `${GROUP}: g`,
        "spring.config.activate.on-profile: '!prod'\n" + `${NAMESPACE}: n`,
        "spring.config.activate.on-profile: prod & (eu | !us)\n" + `${ADDRESS}: a`,
      ].join("\n---\n"),
    },
    env: { SPRING_PROFILES_ACTIVE: "prod" },
    expected: { [NAME]: "prod", [PORT]: "1", [GROUP]: "g", [ADDRESS]: "a" },
  },
  "documents for Kubernetes": {
    files: {
      "application.yml": [
        named("base"),
        "spring.config.activate.on-cloud-platform: kubernetes\n" + named("pod"),
        "spring.config.activate.on-cloud-platform: heroku\nserver.port: 1",
      ].join("---\n"),
    },
    env: { KUBERNETES_SERVICE_HOST: "10.0.0.1", KUBERNETES_SERVICE_PORT: "443" },
    expected: { [NAME]: "pod" },
  },
  "a location in place of the usual ones": {
    files: namedIn("application.yml", "etc/application.yml", "etc2/application.properties"),
    env: { SPRING_CONFIG_LOCATION: "file:./etc/, optional:file:./none/" },
    expected: { [NAME]: "etc/application.yml" },
  },
  "the later location first, profile or not": {
    files: namedIn("a/application-prod.yml", "b/application.yml"),
    env: { SPRING_CONFIG_LOCATION: "file:./a/,file:./b/", SPRING_PROFILES_ACTIVE: "prod" },
    expected: { [NAME]: "b/application.yml" },
  },
  "locations with a semicolon between count as one": {
    files: namedIn("a/application-prod.yml", "b/application.yml"),
    env: { SPRING_CONFIG_LOCATION: "file:./a/;file:./b/", SPRING_PROFILES_ACTIVE: "prod" },
    expected: { [NAME]: "a/application-prod.yml" },
  },
  "a file as location, with the one of a profile": {
    files: namedIn("etc/my.yml", "etc/my-prod.yml"),
    env: { SPRING_CONFIG_LOCATION: "file:etc/my.yml", SPRING_PROFILES_ACTIVE: "prod" },
    expected: { [NAME]: "etc/my-prod.yml" },
  },
  "further locations before the usual ones": {
    files: {
      ...namedIn("config/application.yml", "etc/application.yml"),
      "application.yml": "server.port: 1",
    },
    env: { SPRING_CONFIG_ADDITIONAL_LOCATION: "optional:file:etc/" },
    expected: { [NAME]: "etc/application.yml", [PORT]: "1" },
  },
  "another name": {
    files: namedIn("application.yml", "orders.yml", "base.yml"),
    env: { SPRING_CONFIG_NAME: "base,orders" },
    expected: { [NAME]: "orders.yml" },
  },
  "an import of a variable before all": {
    files: namedIn("application.yml", "application-default.yml", "more.yml", "last.properties"),
    env: { SPRING_CONFIG_IMPORT: "optional:file:more.yml,optional:file:./last.properties" },
    expected: { [NAME]: "last.properties" },
  },
  "an import before the document that names it, beside its file": {
    files: {
      "config/application.yml": "spring.config.import: more.yml\n" + named("own") +
        "server.port: 1\n",
      "config/more.yml": named("more") + "spring.config.import: file:deep.yml\n",
      "deep.yml": `${GROUP}: deep`,
    },
    expected: { [NAME]: "more", [PORT]: "1", [GROUP]: "deep" },
  },
  "an import with the file of a profile": {
    files: {
      "application.yml": "spring.config.import: more.yml\n",
      ...namedIn("application-prod.yml", "more.yml", "more-prod.yml"),
    },
    env: { SPRING_PROFILES_ACTIVE: "prod" },
    expected: { [NAME]: "more-prod.yml" },
  },
  "an imported file without profile behind the file of a profile": {
    files: {
      "application.yml":
        "spring:\n  config:\n    import:\n    - optional:file:none.yml\n    - more.yml\n",
      ...namedIn("application-prod.yml", "more.yml"),
    },
    env: { SPRING_PROFILES_ACTIVE: "prod" },
    expected: { [NAME]: "application-prod.yml" },
  },
  "an import of a document with a condition": {
    files: {
      "application.yml": named("a") +
        "---\nspring.config:\n  activate.on-profile: prod\n  import: 'optional:file:more.yml'\n",
      ...namedIn("more.yml"),
    },
    env: { SPRING_PROFILES_ACTIVE: "prod" },
    expected: { [NAME]: "more.yml" },
  },
  "an import whose name is made of others": {
    files: {
      "application.yml":
        "folder: etc\nspring.config.import: 'file:${folder}/${DISCOVERY_FILE:x}.yml'\n",
      ...namedIn("etc/more.yml"),
    },
    env: { DISCOVERY_FILE: "more" },
    expected: { [NAME]: "etc/more.yml" },
  },
  "an import without a written extension": {
    files: {
      "application.yml": "spring.config.import: 'file:etc/more[.yaml]'\n",
      "etc/more": named("m"),
    },
    expected: { [NAME]: "m" },
  },
  "a tree of files": {
    files: {
      "application.yml": named("a"),
      "tree/spring.application.name": "tree\n",
      "tree/server/port": "8080",
      "tree/..data/server/port": "1",
    },
    env: { SPRING_CONFIG_IMPORT: "configtree:./tree/" },
    expected: { [NAME]: "tree", [PORT]: "8080" },
  },
  "several trees": {
    files: {
      "trees/a/server.port": "1",
      "trees/b/server.port": "2",
      "application.yml": named("a"),
    },
    env: { SPRING_CONFIG_IMPORT: "optional:configtree:./trees/*/" },
    expected: { [NAME]: "a", [PORT]: "2" },
  },
  "variables before files, other spellings too": {
    files: { "application.yml": NESTED },
    env: {
      SPRING_APPLICATION_JSON: '{"server":{"port":81}}',
      SPRING_CLOUD_NACOS_DISCOVERY_SERVER_ADDR: "${spring.application.name}:1",
      SPRING_CLOUD_NACOS_DISCOVERY_GROUP: "g",
    },
    expected: {
      [NAME]: "orders",
      [ADDRESS]: "orders:1",
      [NAMESPACE]: "it's",
      [GROUP]: "g",
      [PORT]: "81",
      [ZONE]: "http://a:1/eureka/, http://b:2/eureka/",
    },
  },
  "placeholders of other files and of plain names": {
    files: {
      "application.yml": "nacos-host: n1\nmy.port: 1\n" +
        `${ADDRESS}: \${nacos-host}:\${my.port}\n` +
        `${NAMESPACE}: \${spring.profiles.active}\n`,
      "application-prod.yml": "my.port: 2",
    },
    env: { SPRING_PROFILES_ACTIVE: "prod" },
    expected: { [ADDRESS]: "n1:2", [NAMESPACE]: "prod" },
  },
  "placeholders of variables are no properties of files": {
    files: {
      "application.yml": "port: 1\nNAME: n\nmyHost: h\n" +
        `${PORT}: \${PORT:2}\n${NAME}: \${NAME:x}\n${GROUP}: \${myHost:x}\n`,
    },
    expected: { [PORT]: "2", [NAME]: "n", [GROUP]: "h" },
  },
  "YAML's own words and numbers": {
    files: {
      "application.yml": `${NAME}: on\n${PORT}: 0x1F90\n${GROUP}: 010\n${NAMESPACE}: 1_000\n` +
        `${ADDRESS}: ~\n`,
    },
    expected: { [NAME]: "true", [PORT]: "8080", [GROUP]: "8", [NAMESPACE]: "1000", [ADDRESS]: "" },
  },
  "YAML with anchors, flows and blocks": {
    files: {
      "application.yml": `
base: &base
  server-addr: n1
  group: g
spring:
  application: { name: "orders", x: [ a, 'b, c' ] }
  cloud.nacos.discovery:
    <<: *base
    group: >-
      two
      words
    namespace: |
      n
server: {port: 8080}
`,
    },
    expected: {
      [NAME]: "orders",
      [ADDRESS]: "n1",
      [GROUP]: "two words",
      [NAMESPACE]: "n\n",
      [PORT]: "8080",
    },
  },
  "an empty value hides what counts less": {
    files: {
      "config/application.yml": `${NAMESPACE}:\n${GROUP}: ""\n`,
      "application.yml": `${NAMESPACE}: n\n${GROUP}: g\n`,
    },
    expected: { [NAMESPACE]: "", [GROUP]: "" },
  },
  "an empty variable or JSON text hides a file's, null does not": {
    files: { "application.yml": `${NAMESPACE}: n\n${GROUP}: g\n${NAME}: a\n` },
    env: {
      SPRING_CLOUD_NACOS_DISCOVERY_NAMESPACE: "",
      SPRING_APPLICATION_JSON: JSON.stringify({ [GROUP]: "", [NAME]: null }),
    },
    expected: { [NAMESPACE]: "", [GROUP]: "", [NAME]: "a" },
  },
  "an empty variable makes no profile active, whatever a file says": {
    files: {
      "application.yml": "spring.profiles.active: prod\n" + named("base"),
      ...namedIn("application-prod.yml"),
    },
    env: { SPRING_PROFILES_ACTIVE: "" },
    expected: { [NAME]: "base" },
  },
  "a placeholder's name in the form of variables before files": {
    files: {
      "application.yml": "nacos-host: file\nnacos.tail: file\nport: file\n" +
        `${ADDRESS}: \${nacos-host}:\${nacos.tail}\n${GROUP}: \${port}\n`,
    },
    env: { NACOS_HOST: "n1", NACOS_TAIL: "2", PORT: "3" },
    expected: { [ADDRESS]: "n1:2", [GROUP]: "3" },
  },
  "a group of profiles that a variable names": {
    files: { ...namedIn("application.yml", "application-eu.yml") },
    env: { SPRING_PROFILES_ACTIVE: "prod", SPRING_PROFILES_GROUP_PROD: "eu" },
    expected: { [NAME]: "application-eu.yml" },
  },
  "a document whose condition is made of a variable": {
    files: {
      "application.yml": named("base") +
        "---\nspring.config.activate.on-profile: ${DISCOVERY_STAGE}-eu\n" + named("eu") +
        "---\nspring.config.activate.on-profile: ${DISCOVERY_STAGE}-us\n" + named("us"),
    },
    env: { SPRING_PROFILES_ACTIVE: "prod-eu", DISCOVERY_STAGE: "prod" },
    expected: { [NAME]: "eu" },
  },
  "letters beyond Latin in properties": {
    files: { "application.properties": `${NAME}=\\u8ba2\\u5355\n${GROUP}=\u8ba2` },
    expected: { [NAME]: "\u8ba2\u5355", [GROUP]: "\u00e8\u00ae\u00a2" },
  },
  "letters beyond Latin in YAML": {
    files: { "application.yml": `${NAME}: \u8ba2\u5355\n` },
    expected: { [NAME]: "\u8ba2\u5355" },
  },
  "profiles of a placeholder, with a default": {
    files: namedIn("application.yml", "application-test.yml"),
    env: { SPRING_PROFILES_ACTIVE: "${DISCOVERY_STAGE:test}" },
    expected: { [NAME]: "application-test.yml" },
  },
  "profiles of Java's options and JSON": {
    files: { ...namedIn("application-a.yml"), "application-b.yml": "server.port: 1" },
    env: { SPRING_APPLICATION_JSON: '{"spring":{"profiles":{"active":["a","b"]}}}' },
    expected: { [NAME]: "application-a.yml", [PORT]: "1" },
  },
  "groups in groups": {
    files: {
      "application.yml": "spring.profiles:\n  active: a\n  group:\n    a: [b, c]\n    b: d\n",
      ...namedIn("application-a.yml", "application-b.yml", "application-d.yml"),
      "application-c.yml": "server.port: 1",
    },
    expected: { [NAME]: "application-d.yml", [PORT]: "1" },
  },
  "an import of the file of a profile": {
    files: {
      "application-prod.yml": named("prod") + "spring.config.import: more.yml\n",
      ...namedIn("application.yml", "more.yml", "more-prod.yml"),
    },
    env: { SPRING_PROFILES_ACTIVE: "prod" },
    expected: { [NAME]: "more-prod.yml" },
  },
  "documents with conditions in the file of a profile": {
    files: {
      "application-prod.yml": named("prod") +
        "---\nspring.config.activate.on-profile: eu\n" + named("eu") +
        "---\nspring.config.activate.on-profile: us\n" + named("us"),
    },
    env: { SPRING_PROFILES_ACTIVE: "eu,prod" },
    expected: { [NAME]: "eu" },
  },
  "imports of imports with files of a profile": {
    files: {
      "application.yml": "spring.config.import: a.yml\n",
      "a.yml": named("a") + "spring.config.import: b.yml\n",
      "b.yml": named("b"),
      "b-prod.yml": `${GROUP}: b-prod`,
      "a-prod.yml": `${GROUP}: a-prod\n${NAMESPACE}: a-prod\n`,
      "application-prod.yml": `${NAMESPACE}: prod\nserver.port: 1\n`,
    },
    env: { SPRING_PROFILES_ACTIVE: "prod" },
    // Nobody would guess it.
    expected: { [NAME]: "b", [GROUP]: "a-prod", [NAMESPACE]: "a-prod", [PORT]: "1" },
  },
  "the later one of two imports, with a file of a profile for the earlier": {
    files: {
      "application.yml": "spring.config.import: [a.yml, b.yml]\n",
      ...namedIn("a.yml", "a-prod.yml", "b.yml"),
    },
    env: { SPRING_PROFILES_ACTIVE: "prod" },
    expected: { [NAME]: "a-prod.yml" },
  },
  "a file that is imported twice": {
    files: {
      "config/application.yml": "spring.config.import: file:more.yml\n" + named("config"),
      "application.yml": "spring.config.import: more.yml\n" + named("here"),
      "more.yml": named("more") + "server.port: 1",
    },
    expected: { [NAME]: "more", [PORT]: "1" },
  },
  "files that import each other": {
    files: {
      "application.yml": "spring.config.import: a.yml\nserver.port: 1\n",
      "a.yml": named("a") + "spring.config.import: application.yml\n",
    },
    expected: { [NAME]: "a", [PORT]: "1" },
  },
  "further locations with folders of all kinds": {
    files: namedIn("etc/a/application.yml", "etc/b/application.properties", "more/application.yml"),
    env: { SPRING_CONFIG_ADDITIONAL_LOCATION: "optional:file:./more/;file:./etc/*/" },
    expected: { [NAME]: "etc/b/application.yml".replace("yml", "properties") },
  },
  "a location of a placeholder": {
    files: namedIn("etc/application.yml", "application.yml"),
    env: { SPRING_CONFIG_LOCATION: "file:${DISCOVERY_FOLDER}/", DISCOVERY_FOLDER: "./etc" },
    expected: { [NAME]: "etc/application.yml" },
  },
  "a plain path as location": {
    files: namedIn("etc/application.yml"),
    env: { SPRING_CONFIG_LOCATION: "etc/" },
    expected: { [NAME]: "etc/application.yml" },
  },
  "a key in several spellings": {
    files: {
      "application.yml": "spring.cloud.nacos.discovery:\n  serverAddr: a\n",
      "config/application.properties": "spring.cloud.nacos.discovery.server_addr=b",
    },
    expected: { [ADDRESS]: "b" },
  },
  "bootstrap behind all others": {
    files: {
      "bootstrap.yml": named("b") + "server.port: 1\nspring.profiles.active: prod\n",
      "config/bootstrap.properties": "server.port=2",
      "application.yml": named("a"),
      "application-prod.yml": `${GROUP}: g`,
      "bootstrap-prod.yml": `${NAMESPACE}: n`,
    },
    env: { SPRING_CLOUD_BOOTSTRAP_ENABLED: "true" },
    expected: { [NAME]: "a", [PORT]: "2", [GROUP]: "g", [NAMESPACE]: "n" },
  },
  "bootstrap in a folder of its own": {
    files: { "b/bootstrap.yml": named("b"), "b/application.yml": "server.port: 1" },
    env: { SPRING_CLOUD_BOOTSTRAP_ENABLED: "true", SPRING_CLOUD_BOOTSTRAP_LOCATION: "file:b/" },
    expected: { [NAME]: "b" },
  },
};

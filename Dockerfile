# The kit as an image that holds nothing but /opt:
#   COPY --from=service-offline /opt /opt        in the Dockerfile of an app (examples/Dockerfile)
#   args: [install]                              as an init container
#   args: [sidecar]                              as a sidecar
#   image: {reference: service-offline}          as a volume of a pod (docs/image.md)
#
# `deno task image` builds it with buildah or docker, and hands over what this machine uses to reach
# its registries. By hand, from the root of the repository:
#
#   docker build .                        on Deno's own base, from dl.deno.land
#   docker build --build-arg BASE=deno .  on the deno of the npm package, where that host cannot be
#     reached; this way needs the npm registry alone
#
# In a closed network, each where it is needed:
#
#   --build-arg NODE_IMAGE=registry.example.com/node:20-bookworm-slim
#   --build-arg NPM_CONFIG_REGISTRY=https://npm.example.com/
#   --secret id=npmrc,src=$HOME/.npmrc    registries and tokens; names like ${TOKEN} filled in before
#   --secret id=ca,src=company-ca.pem     certificates to trust beside the usual ones
#
# Secrets are there for one step, and stand in no layer.
ARG NODE_IMAGE=node:20-bookworm-slim
ARG BASE=compiled

FROM ${NODE_IMAGE} AS build
ARG BASE
ARG NPM_CONFIG_REGISTRY
# Debian keeps one version of a package per release; a pinned one is gone after the next update.
# hadolint ignore=DL3008
RUN if [ "$BASE" = compiled ]; then \
  apt-get update \
  && apt-get install --yes --no-install-recommends patchelf \
  && rm -rf /var/lib/apt/lists/*; fi
WORKDIR /build
COPY deno.json deno.lock LICENSE ./
COPY licenses licenses
COPY scripts scripts
COPY src src
ENV DENO_NO_UPDATE_CHECK=1
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc \
  --mount=type=secret,id=ca \
  ca=/run/secrets/ca; \
  if [ -s "$ca" ]; then export NODE_EXTRA_CA_CERTS="$ca" DENO_CERT="$ca"; fi; \
  if [ "$BASE" = compiled ]; then npx -y deno@2.9.6 task compile --target "$(uname -m)"; fi \
  && npx -y deno@2.9.6 task kit --base "$BASE" --out /image/opt
# /tmp for the record of a run, where no volume is mounted there. /loader has one name on all machines.
WORKDIR /image
RUN mkdir -m 1777 tmp \
  && if [ "$BASE" = deno ]; then ln -s opt/service-offline/lib/ld-linux-* loader; fi

FROM scratch AS image-compiled
ENTRYPOINT ["/opt/service-offline/service-offline"]

# There the program is a script, and this image has no shell. `deno task readme` writes the list.
FROM scratch AS image-deno
ENTRYPOINT ["/loader","--library-path","/opt/service-offline/lib","/opt/service-offline/deno","run","--quiet","--no-config","--no-lock","--no-remote","--no-npm","--cached-only","--v8-flags=--no-sparkplug,--single-threaded,--max-semi-space-size=2,--heap-growing-percent=20,--no-lazy","--no-prompt","--allow-net","--deny-net=169.254.169.254,[fd00:ec2::254],169.254.170.2,169.254.170.23,[fd00:ec2::23],100.100.100.200,169.254.0.23","--allow-read","--allow-write=/tmp,/target","--allow-sys=networkInterfaces","--allow-env=podip,POD_IP,OFFLINE_SCOPE,CA_FILE,CLIENT_CERT_FILE,CLIENT_KEY_FILE,DRAIN_SECONDS,TERMINATION_GRACE_PERIOD_SECONDS,STOP_RESERVE_SECONDS,REMOVE_AFTER_DRAIN,ONLINE_TIMEOUT_SECONDS,SERVICE_OFFLINE_REGISTRY,SERVICE_OFFLINE_DISABLED,LOG_FORMAT,serviceName,APPLICATION,port,APPLICATION_PORT,NACOS_SERVER_ADDR,NACOS_CONTEXT_PATH,NACOS_USERNAME,NACOS_PASSWORD,NACOS_PASSWORD_FILE,NACOS_ACCESS_KEY,NACOS_SECRET_KEY,NACOS_SECRET_KEY_FILE,NACOS_API,namespaceId,groupName,clusterName,NACOS_WEIGHT,metadata,EUREKA_URL,EUREKA_USERNAME,EUREKA_PASSWORD,EUREKA_PASSWORD_FILE,instanceId,TRAFFIC_URL,TRAFFIC_METRIC,TRAFFIC_EXCLUDE,QUIET_SECONDS,APP_OFFLINE_URL,APP_OFFLINE_METHOD,APP_OFFLINE_HEADERS_FILE,APP_OFFLINE_TIMEOUT,AFTER_DRAIN_URL,AFTER_DRAIN_METHOD,AFTER_DRAIN_HEADERS_FILE,AFTER_DRAIN_TIMEOUT,SPRING_CLOUD_NACOS_*,spring.cloud.nacos.*,spring_cloud_nacos_*,EUREKA_*,eureka.*,eureka_*,SPRING_APPLICATION_NAME,spring.application.name,spring_application_name,SERVER_PORT,server.port,server_port,SPRING_CLOUD_SERVICEREGISTRY_*,SPRING_CLOUD_SERVICE_REGISTRY_*,SPRING_CLOUD_SERVICE-REGISTRY_*,spring.cloud.service-registry.*,spring.cloud.serviceRegistry.*,spring.cloud.serviceregistry.*,spring_cloud_serviceregistry_*,spring_cloud_service_registry_*,spring_cloud_service-registry_*,SPRING_CONFIG_LOCATION,spring.config.location,spring_config_location,SPRING_CONFIG_ADDITIONALLOCATION,SPRING_CONFIG_ADDITIONAL_LOCATION,SPRING_CONFIG_ADDITIONAL-LOCATION,spring.config.additional-location,spring.config.additionalLocation,spring.config.additionallocation,spring_config_additionallocation,spring_config_additional_location,spring_config_additional-location,SPRING_CONFIG_IMPORT,spring.config.import,spring_config_import,SPRING_CLOUD_BOOTSTRAP_*,spring.cloud.bootstrap.*,spring_cloud_bootstrap_*,SPRING_CONFIG_NAME,spring.config.name,spring_config_name,SPRING_PROFILES_ACTIVE,spring.profiles.active,spring_profiles_active,SPRING_PROFILES_INCLUDE,spring.profiles.include,spring_profiles_include,SPRING_PROFILES_DEFAULT,spring.profiles.default,spring_profiles_default,SPRING_PROFILES_GROUP_*,spring.profiles.group.*,spring_profiles_group_*,SPRING_MAIN_CLOUDPLATFORM,SPRING_MAIN_CLOUD_PLATFORM,SPRING_MAIN_CLOUD-PLATFORM,spring.main.cloud-platform,spring.main.cloudPlatform,spring.main.cloudplatform,spring_main_cloudplatform,spring_main_cloud_platform,spring_main_cloud-platform,spring.application.json,SPRING_APPLICATION_JSON,JAVA_TOOL_OPTIONS,JDK_JAVA_OPTIONS,JAVA_OPTS,NACOS_*,DISCOVERY_*,POD_*,MY_POD_*,HOST_IP,HOSTNAME,PORT,APP_NAME,SERVICE_NAME,SERVER_HOST,DENO_CERT,DENO_TLS_CA_STORE,KUBERNETES_SERVICE_HOST","/opt/service-offline/service-offline.mjs"]

# hadolint ignore=DL3006
FROM image-${BASE}
COPY --from=build /image /
# What the kit on deno needs where no shell starts it.
ENV DENO_NO_UPDATE_CHECK=1 DENO_DIR=/opt/service-offline/deno_dir DENO_LOG=error,deno::cache=off
USER 65532:65532

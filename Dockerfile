# The kit as an image that holds nothing but /opt:
#   COPY --from=service-offline /opt /opt        in the Dockerfile of an app (examples/Dockerfile)
#   args: [install]                              as an init container
#   args: [sidecar]                              as a sidecar
#
# Not built where this was written: no registry of images can be reached there. Its steps are the
# tasks that the tests run; what only this file does is unverified.
#
#   docker build .                        on Deno's own base, from dl.deno.land
#   docker build --build-arg BASE=deno .  on the deno of the npm package, where that host cannot be
#     reached. There is no shell in this image, so as init container or sidecar its command is then
#     the list that the build prints (exec-form.json of the kit).
FROM node:20-bookworm-slim AS build
# Debian keeps one version of a package per release; a pinned one is gone after the next update.
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates patchelf \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY deno.json deno.lock LICENSE ./
COPY licenses licenses
COPY scripts scripts
COPY src src
ARG BASE=compiled
ENV DENO_NO_UPDATE_CHECK=1
RUN if [ "$BASE" = compiled ]; then npx -y deno@2.9.6 task compile --target "$(uname -m)"; fi \
  && npx -y deno@2.9.6 task kit --base "$BASE"

FROM scratch
COPY --from=build /build/dist/opt /opt
# What the kit on deno needs where no shell starts it.
ENV DENO_NO_UPDATE_CHECK=1 DENO_DIR=/dev/null DENO_LOG=error,deno::cache=off
USER 65532:65532
ENTRYPOINT ["/opt/service-offline/service-offline"]

#!/bin/sh
# preStop of an instance that is registered with Eureka, for manifests that say
#   command: [sh, /opt/service_offline_eureka.sh]
# Its settings are the container's environment: EUREKA_URL, podip and the others of the README.
# Where the other registry is set too, the instance is taken out of both.
# shellcheck source=scripts/wrappers/offline.sh
. /opt/service-offline/offline.sh

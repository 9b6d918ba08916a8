#!/bin/sh
# preStop of an instance that is registered with Nacos, for manifests that say
#   command: [sh, /opt/service_offline_nacos.sh]
# Its settings are the container's environment: NACOS_SERVER_ADDR, podip and the others of the README.
# Where the other registry is set too, the instance is taken out of both.
# shellcheck source=scripts/wrappers/offline.sh
. /opt/service-offline/offline.sh

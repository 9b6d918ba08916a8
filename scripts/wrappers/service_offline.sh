#!/bin/sh
# preStop of an instance that is registered with @TITLE@, for manifests that say
#   command: [sh, /opt/service_offline_@NAME@.sh]
# Its settings are the container's environment: @ADDRESS@, podip and the others of the README.
# Where another registry is set too, the instance is taken out of both.
# Where none has an address, this one is asked for.
export SERVICE_OFFLINE_REGISTRY=@NAME@
# shellcheck source=scripts/wrappers/offline.sh
. /opt/service-offline/offline.sh

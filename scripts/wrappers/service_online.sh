#!/bin/sh
# postStart: puts the instance back in service once the app has registered, which may take minutes.
#   command: [sh, /opt/service_online.sh]
# A postStart that waits or fails would hold up or kill the container, so this returns at once, with
# 0, and leaves the work to a process in the background. That one holds none of the hook's pipes
# (the kubelet waits until all of them are closed), and its log is in the container's log.
# shellcheck source=scripts/wrappers/clean_env.sh
. /opt/service-offline/clean_env.sh
# shellcheck source=scripts/wrappers/log.sh
. /opt/service-offline/log.sh
/opt/service-offline/service-offline online --background "$@" \
  </dev/null >>"${so_log:-/dev/null}" 2>&1 &
exit 0

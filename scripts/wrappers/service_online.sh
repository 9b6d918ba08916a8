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
if [ -n "$so_log" ]; then
  exec >&3 3>&-
elif [ -p /proc/self/fd/1 ]; then
  # A hook's; what is no pipe is kept: the journal of a systemd unit, a terminal.
  exec >/dev/null
fi
/opt/service-offline/service-offline online --background "$@" </dev/null 2>&1 &
exit 0

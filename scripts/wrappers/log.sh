# shellcheck shell=sh
# Sourced. Sets `so_log` to where the container's log is written, or to nothing.
#
# Kubernetes shows nobody what a hook prints, only what the main process prints; so the hook writes
# to that one's stdout. It cannot be opened where the main process has another user, or its stdout is
# a socket. On a machine without containers process 1 has /dev/null there: a device is taken only if
# it is a terminal. Opened for appending, or a log file would be cut.
so_log=/proc/1/fd/1
# shellcheck disable=SC2094 # it is only looked at
if ! (exec 3>>"$so_log" && { [ ! -c "$so_log" ] || [ -t 3 ]; }) 2>/dev/null; then
  so_log=
fi

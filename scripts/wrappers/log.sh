# shellcheck shell=sh
# Sourced. Opens the container's log as 3 and sets `so_log` to its path, or to nothing.
#
# Kubernetes shows nobody what a hook prints, only what the main process prints; so the hook writes
# to that one's stdout. It cannot be opened where the main process has another user, or its stdout is
# a socket. On a machine without containers process 1 has /dev/null there: a device is taken only if
# it is a terminal. Opened for appending, or a log file would be cut.

# Sets `so_main` to the container's main process. In a pod whose containers see each other's processes
# (shareProcessNamespace) process 1 is the pod's own, `pause`; of those with this container's files the
# main one has the lowest number, and no parent here. By shell builtins alone.
so_find_main() {
  so_main=1
  so_name=
  { read -r so_name </proc/1/comm; } 2>/dev/null || :
  [ "$so_name" = pause ] || return 0
  so_main=
  for so_dir in /proc/[0-9]*; do
    # shellcheck disable=SC3013 # dash, busybox and bash have it
    [ "$so_dir/root" -ef / ] || continue
    so_id=${so_dir#/proc/}
    [ -z "$so_main" ] || [ "$so_id" -lt "$so_main" ] || continue
    so_parent=
    while read -r so_key so_parent; do
      [ "$so_key" != PPid: ] || break
    done 2>/dev/null <"$so_dir/status" || :
    [ "$so_parent" != 0 ] || so_main=$so_id
  done
}

# Opens the log as 3. A pipe that bears a name and has lost its reader holds up whoever opens it only
# to write, without end; one that opens it to read as well is never held up (Linux).
so_open_log() {
  if [ -p "$so_log" ]; then
    exec 3<>"$so_log"
  else
    exec 3>>"$so_log"
  fi
}

so_find_main
so_log=/proc/$so_main/fd/1
if (so_open_log && { [ ! -c "$so_log" ] || [ -t 3 ]; }) 2>/dev/null; then
  so_open_log
else
  so_log=
fi

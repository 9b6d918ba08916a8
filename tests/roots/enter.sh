#!/usr/bin/busybox sh
# Runs a command in a container as the kubelet runs a hook. By a static shell, and with what loader
# and perl would mind put aside until the command is there: it is meant for that, not for the tools.
#   enter.sh PID  ARGUMENTS OF enter.pl...
for name in LD_PRELOAD LD_LIBRARY_PATH LC_ALL LANG; do
  eval "value=\${$name-}"
  unset "$name"
  if [ -n "$value" ]; then export "HELD_$name=$value"; fi
done
pid=$1
shift
exec /usr/bin/nsenter --target "$pid" --mount --pid -- /usr/bin/perl "$@"

#!/bin/sh
# The first process in namespaces of its own: makes a container's file system out of a root, read-only
# but for what is asked for, and becomes the container's process 1.
#   pod.sh ROOT DEVICE MOUNTPOINT HOSTS RESOLV_CONF TMP TERMINATION_LOG  COMMAND...
# TMP and TERMINATION_LOG: yes or no.
set -eu
root=$1 device=$2 at=$3 hosts=$4 resolv=$5 tmp=$6 message=$7
shift 7
mount --make-rprivate /
mount --bind "$root" "$at"
mount -o ro "$device" "$at/opt"
mount --bind "$hosts" "$at/etc/hosts"
mount --bind "$resolv" "$at/etc/resolv.conf"
mount -t proc proc "$at/proc"
mount -t tmpfs -o mode=755 dev "$at/dev"
mknod -m 666 "$at/dev/null" c 1 3
mknod -m 666 "$at/dev/zero" c 1 5
mknod -m 666 "$at/dev/random" c 1 8
mknod -m 666 "$at/dev/urandom" c 1 9
if [ "$tmp" = yes ]; then mount -t tmpfs -o mode=1777 tmp "$at/tmp"; fi
# As the kubelet makes it: anybody may write it.
if [ "$message" = yes ]; then : >"$at/dev/termination-log"; chmod 666 "$at/dev/termination-log"; fi
for point in "$at" "$at/etc/hosts" "$at/etc/resolv.conf"; do
  mount -o remount,bind,ro "$point"
done
exec "$@"

#!/bin/sh
# In a mount namespace of its own: gives an image's root what every container
# runtime gives it, and goes on with a command.
#   image.sh ROOT VOLUME  COMMAND...
# VOLUME: a folder to mount at /target, or an empty word.
set -eu
root=$1 volume=$2
shift 2
mount --make-rprivate /
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755 dev "$root/dev"
mknod -m 666 "$root/dev/null" c 1 3
mknod -m 666 "$root/dev/urandom" c 1 9
mount -t tmpfs -o mode=1777 tmp "$root/tmp"
if [ -n "$volume" ]; then mount --bind "$volume" "$root/target"; fi
mount -o remount,bind,ro "$root"
exec "$@"

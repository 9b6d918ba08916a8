#!/bin/sh
# service-offline on the deno executable of the npm package, for images that have a shell. In one
# that has none the command is the list in exec-form.json.
# shellcheck source=scripts/wrappers/clean_env.sh
. /opt/service-offline/clean_env.sh
# Without the first, Deno asks its own host for a newer version after 500 ms. The second names the
# folder with V8's code of the program. Where Deno cannot read that it compiles the program; on a
# terminal it would say so ("Failed to open cache file ...", also with --quiet), but for DENO_LOG,
# which leaves its other errors. Below /dev/null it can make no folder of its own. HOME is a folder
# without an .npmrc: a line like "registry=${UNSET}" in the image's own would end Deno 2.9.6 at once.
export DENO_NO_UPDATE_CHECK=1 DENO_DIR=@DENO_DIR@ DENO_LOG=error,deno::cache=off
# Only as it was built, where everybody reads it: else Deno could wait for a lock, or a log.
for so_log in "$DENO_DIR"/*-wal; do
  if [ -s "$so_log" ] || [ ! -d "${so_log%-wal}-shm" ]; then DENO_DIR=/dev/null; fi
done
export HOME=/opt/service-offline
exec @COMMAND@ "$@"

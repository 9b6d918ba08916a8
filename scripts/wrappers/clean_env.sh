# shellcheck shell=sh
# Sourced. Takes out of the environment what is meant for the app's runtime, loader or tracer, and
# what Deno or glibc would read as well. Measured on Deno 2.9.6: NODE_OPTIONS runs code in the
# program ("--require FILE") or opens a debugger's port ("--inspect"); an unknown flag in
# DENO_V8_FLAGS ends it at once, and so does a TMPDIR that is empty or relative, in the compiled
# executable. OTEL_DENO sends telemetry. No setting of service-offline begins like one of these.
#
# By shell builtins alone, since an image may have no `env` or `sed`. A value can have lines that
# look like further variables; those are unset as well, if they bear such a name.
so_clean_env() {
  set -f
  so_ifs=$IFS
  IFS='
'
  for so_line in $(export -p); do
    # dash and busybox say "export NAME=", bash "declare -x NAME=".
    so_name=${so_line#export }
    so_name=${so_name#declare -x }
    so_name=${so_name%%=*}
    case $so_name in
      *[!A-Za-z0-9_]*) ;;
      DENO_* | NODE_* | OTEL_* | LD_* | MALLOC_* | GLIBC_TUNABLES | RUST_LOG | TMPDIR) unset "$so_name" ;;
    esac
  done
  IFS=$so_ifs
  set +f
}

so_clean_env

# Where files have a largest size (ulimit -f), writing past it ends a process: with its first note of
# the run, or a line of a log that is a file. Ignored, the write fails, and the work goes on.
trap '' XFSZ

# Deno 2.9.6 ends at once in a folder that has been removed. Any other is left as it is: settings may
# name files by relative paths.
[ -n "$(pwd -P 2>/dev/null)" ] || cd /

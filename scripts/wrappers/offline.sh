# shellcheck shell=sh
# Sourced by the wrappers, with their arguments: `offline` with its log in the container's log, its
# exit code kept, and on failure its last line as the container's termination message.
#
# A script that has settings of its own calls another command by way of the wrapper as well:
#   sh /opt/service_offline_nacos.sh check --yaml
# What answers goes to the caller, and nothing is taken out. Any other word is a mistake of a preStop:
# `offline` takes the instance out, drains, and ends with 64.
case ${1-} in
  service_online.sh)
    shift
    exec /bin/sh /opt/service-offline/service_online.sh "$@"
    ;;
  service-offline)
    shift
    exec /opt/service-offline/service-offline "$@"
    ;;
  check | status | online | install | sidecar | version | help | --version | --help | -v | -V | -h)
    exec /opt/service-offline/service-offline "$@"
    ;;
  offline) shift ;;
esac

# shellcheck source=scripts/wrappers/clean_env.sh
. /opt/service-offline/clean_env.sh
# shellcheck source=scripts/wrappers/log.sh
. /opt/service-offline/log.sh
[ -z "$so_log" ] || exec >&3 3>&-
# `kubectl describe` shows what stands there once the container has ended. The kubelet makes this
# file; for appending, since the app may have written its own reason.
if [ -f /dev/termination-log ] && (: >>/dev/termination-log) 2>/dev/null; then
  exec 2>>/dev/termination-log
fi
# exec: a shell that is killed would leave the program behind, beside the hook's second run.
exec /opt/service-offline/service-offline offline "$@"

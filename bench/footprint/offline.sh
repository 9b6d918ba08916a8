#!/usr/bin/env bash
# What teams put into their images as preStop hook, as lean as such a script gets: one curl to log
# in, one to take the instance out, no look before or after. For the bench only; it drains nothing.
#
# REGISTRY=nacos-v1  PUT of the whole instance: Nacos 1.x and 2.x
# REGISTRY=nacos-v3  partial update of the admin API: Nacos 3.x
# REGISTRY=eureka    PUT of the status, the instance id known
set -euo pipefail

nacos_token() {
  curl --silent --request POST "http://$NACOS_SERVER_ADDR/nacos/v1/auth/users/login" \
    --data-urlencode "username=$NACOS_USERNAME" \
    --data-urlencode "password=$NACOS_PASSWORD" |
    sed -n 's/.*"accessToken":"\([^"]*\)".*/\1/p'
}

nacos_put() { # path field...
  local path=$1 fields=() field token
  shift
  for field in "$@"; do fields+=(--data-urlencode "$field"); done
  token=$(nacos_token)
  curl --silent --show-error --fail --output /dev/null --request PUT \
    "http://$NACOS_SERVER_ADDR/nacos$path" --header "Authorization: Bearer $token" "${fields[@]}"
}

place=("serviceName=${serviceName-}" "groupName=${groupName-}" "namespaceId=${namespaceId-}"
  "clusterName=DEFAULT" "ip=${podip-}" "port=${port-}" "weight=1" "enabled=false")

case $REGISTRY in
nacos-v1)
  nacos_put /v1/ns/instance "${place[@]}" "ephemeral=true" "metadata=${metadata-}"
  ;;
nacos-v3)
  nacos_put /v3/admin/ns/instance/partial "${place[@]}"
  ;;
eureka)
  curl --silent --show-error --fail --output /dev/null --request PUT \
    "$EUREKA_URL/apps/$APPLICATION/$instanceId/status?value=OUT_OF_SERVICE"
  ;;
*)
  echo "unknown REGISTRY: $REGISTRY" >&2
  exit 64
  ;;
esac

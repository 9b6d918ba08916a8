#!/bin/bash
# newer.sh LAB FOLDER: makes of the lab in LAB (../../../../shared/kubernetes) one that can do more,
# for KUBE_LAB=FOLDER. The lab itself is left as it is.
#
#   image volumes: containerd 2.1, from its Go module (Debian 12 has 1.6.20, which refuses a pod that has
#     one), and the feature gate ImageVolume (beta, off by default in Kubernetes 1.34)
#   MutatingAdmissionPolicy: its feature gate and its API (beta, off by default in 1.34)
#
# Needs Go 1.24.2 or later; builds once, about 4 minutes on 2 cores.
set -euo pipefail
lab=$(cd "$1" && pwd)
mkdir -p "$2"
folder=$(cd "$2" && pwd)
version=2.2.1
gates=ImageVolume=true,MutatingAdmissionPolicy=true

if [ ! -x "$folder/bin/containerd" ]; then
  work=$(mktemp -d)
  trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
  # Not `go install`: its go.mod has lines that a module in use must not have.
  source=$(cd "$work" && go mod download -json "github.com/containerd/containerd/v2@v$version" |
    sed -n 's/^\t"Dir": "\(.*\)",\{0,1\}$/\1/p')
  cp -R "$source" "$work/source"
  chmod -R u+w "$work/source"
  mkdir -p "$folder/bin"
  for program in ctr containerd-shim-runc-v2 containerd; do
    (cd "$work/source" && CGO_ENABLED=0 GOFLAGS=-buildvcs=false go build -trimpath \
      -ldflags "-s -w -X github.com/containerd/containerd/v2/version.Version=$version" \
      -o "$folder/bin/$program" "./cmd/$program")
  done
fi

cp -R "$lab/." "$folder/"
chmod -R u+w "$folder"
# containerd starts its shims by PATH, and the lab calls ctr by its name.
sed -i "s#^export PATH=.*#export PATH=$folder/bin:\$BIN:\$PATH#" "$folder/env.sh"
sed -i -e "s#^start apiserver .* --etcd-servers#start apiserver \"\$BIN/kube-apiserver\" --feature-gates=$gates --runtime-config=admissionregistration.k8s.io/v1beta1=true --etcd-servers#" \
  -e "s#^KUBELET_ARGS=(#&--feature-gates=ImageVolume=true #" "$folder/up.sh"
grep -q "^start apiserver .*--feature-gates" "$folder/up.sh"
grep -q "^KUBELET_ARGS=(--feature-gates" "$folder/up.sh"
grep -q "^export PATH=$folder/bin" "$folder/env.sh"
echo "KUBE_LAB=$folder"

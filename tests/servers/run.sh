#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
# run.sh CPG FOLDER [FLAG...]: has this cpg listen to Hubble's own servers and go through a real API server. All is built below
# FOLDER, where also what a bad scenario wrote stays. Flags: -only REGEX (names of scenarios), -keep (good ones' folders too).
set -euo pipefail
cpg=$1 folder=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)
kubernetes=v1.35.4
skip() { echo "servers: not run: $*" >&2; exit 77; }
command -v go >/dev/null || skip "no go on the PATH; it needs Go 1.21 or later"
# Those before 1.21 neither read this go.mod nor fetch the Go that it asks for.
version=$(cd / && go env GOVERSION)
[[ $version =~ ^go1\.([0-9]+) && ${BASH_REMATCH[1]} -ge 21 ]] || skip "$version is older than Go 1.21"

no_network='dial tcp|no such host|i/o timeout|connection refused|connection reset|TLS handshake|module lookup disabled|proxyconnect|40[34] |50[0-9] '
# MODULE PACKAGE...: skips where the modules can't be had.
fetch() {
  local said
  said=$(go list -C "$1" -mod=readonly -deps "${@:2}" 2>&1 >/dev/null) && return
  grep -qE "$no_network" <<<"$said" && skip "the modules can't be had: $(tail -1 <<<"$said")"
  echo "$said" >&2
  exit 1
}
# MODULE NAME PACKAGE FLAG...
build() { nice go build -C "$1" -mod=readonly -trimpath -buildvcs=false -o "$bin/$2" "${@:4}" "$3"; }

bin=$folder/bin
mkdir -p "$bin"
bin=$(cd "$bin" && pwd)
relay=github.com/cilium/cilium/hubble-relay hubble=github.com/cilium/cilium/hubble
etcd=go.etcd.io/etcd/server/v3 api=k8s.io/kubernetes/cmd/kube-apiserver
fetch "$here" . $relay $hubble
fetch "$here/apiserver" ./kubelet $etcd $api
build "$here" servers .
build "$here" hubble-relay $relay
build "$here" hubble $hubble
build "$here/apiserver" kubelet ./kubelet
build "$here/apiserver" etcd $etcd
# It reads its own version, and does not start with the one of a build without any.
stamp=k8s.io/component-base/version
build "$here/apiserver" kube-apiserver $api \
  -ldflags "-X $stamp.gitVersion=$kubernetes -X $stamp.gitMajor=1 -X $stamp.gitMinor=${kubernetes:3:2}"
exec nice "$bin/servers" run -cpg "$cpg" -programs "$bin" -source "$here/../.." -work "$folder/work" "$@"

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
# run.sh CPG FOLDER: has the policies that this cpg writes judged by Cilium's own code. The judge is built below FOLDER, where
# also what it finds fault with stays. CPG_ORACLE_ROUNDS (30): random worlds; CPG_ORACLE_SEED (1): which ones.
set -euo pipefail
cpg=$1 folder=$2
here=$(cd "$(dirname "$0")" && pwd)
skip() { echo "oracle: not run: $*" >&2; exit 77; }
command -v go >/dev/null || skip "no go on the PATH; it needs Go 1.21 or later"
# Those before 1.21 neither read this go.mod nor fetch the Go that it asks for.
version=$(cd / && go env GOVERSION)
[[ $version =~ ^go1\.([0-9]+) && ${BASH_REMATCH[1]} -ge 21 ]] || skip "$version is older than Go 1.21"
mkdir -p "$folder"
# The tests beside it have clocks to meet.
nice go -C "$here" build -trimpath -buildvcs=false -mod=readonly -o "$folder/oracle" .
status=0
nice "$folder/oracle" run -cpg "$cpg" -source "$here/../.." -work "$folder/work" \
  -rounds "${CPG_ORACLE_ROUNDS:-30}" -seed "${CPG_ORACLE_SEED:-1}" || status=$?
nice "$folder/oracle" verify -cpg "$cpg" -work "$folder/verify" \
  -flows "${CPG_ORACLE_FLOWS:-100000}" -seed "${CPG_ORACLE_SEED:-1}" || status=$?
exit $status

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
# run.sh FOLDER SECONDS TIMEOUT [NAME]: builds the fuzzers in FOLDER and runs one or each for so long. An input that takes
# more than TIMEOUT seconds is a finding. CPG_FUZZ_BUILD stands in for FOLDER.
set -euo pipefail
folder=${CPG_FUZZ_BUILD:-$1}
. "$(dirname "$(readlink -f "$0")")/../../tools/setup.sh"
skip() { echo "fuzz: not run: $*" >&2; exit 77; }
command -v clang++ >/dev/null || skip "no clang++ on the PATH"
empty='extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }'
clang++ -x c++ -fsanitize=fuzzer,address - -o /dev/null <<<"$empty" 2>/dev/null || skip "clang++ has no libFuzzer (libclang-rt-dev)"
# Meson wraps no compiler that a native file names.
[ ! -x /usr/lib/ccache/clang++ ] || PATH=/usr/lib/ccache:$PATH
mkdir -p "$(dirname "$folder")"
configure "$folder" fuzz
# The tests beside it have clocks to meet.
renice -n 10 $$ >/dev/null
build "$folder" fuzz
exec python3 "$cpg_root/tests/fuzz/run.py" "$cpg_root" "$folder" "${@:2}"

# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
# Sourced by tools/cpg and tools/test: packages and build folders. Says in one line what it does, nothing when there is
# nothing to do.

cpg_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '==> %s\n' "$*" >&2; }

# Names of Debian 12, Debian 13 and Ubuntu 24.04; only Boost's differ.
cpg_packages() {
  local boost
  . /etc/os-release
  case "$ID-${VERSION_ID:-}" in
    debian-12*) boost=1.81 ;;
    debian-13* | ubuntu-24.04*) boost=1.83 ;;
    *)
      say "no package list for $ID ${VERSION_ID:-}: install a C++20 compiler, Meson 1.0, Ninja, Asio 1.22, gRPC 1.51, protobuf," \
        "Boost 1.81 (Iostreams, JSON, Program_options, Test, URL), xz, bzip2, yaml-cpp 0.7, OpenSSL 3, wslay, c-ares, zlib, ISA-L, zstd, libarchive, dtl, RE2, then run meson"
      return 1
      ;;
  esac
  echo g++ meson ninja-build pkg-config git ca-certificates python3 \
    libasio-dev libgrpc++-dev libprotobuf-dev protobuf-compiler protobuf-compiler-grpc \
    "libboost$boost-dev" "libboost-iostreams$boost-dev" "libboost-json$boost-dev" "libboost-program-options$boost-dev" \
    "libboost-test$boost-dev" "libboost-url$boost-dev" \
    libyaml-cpp-dev libssl-dev libwslay-dev libc-ares-dev zlib1g-dev liblzma-dev libbz2-dev libisal-dev libzstd-dev libarchive-dev libdtl-dev libre2-dev
}

# What only `tools/test coverage` uses.
cpg_coverage_packages() { echo gcovr; }

# What only the fuzzers use; both names stand for the distribution's own version of clang.
cpg_fuzz_packages() { echo clang libclang-rt-dev; }

# What only the tests use: real port-forward servers, an oracle for kubeconfigs, the
# shells that complete, readers of manual pages, and what checks scripts and files for other programs.
cpg_test_packages() {
  echo zsh fish mandoc groff shellcheck python3-yaml
  echo containerd runc busybox-static gzip zstd xz-utils bzip2 liblzma-dev libbz2-dev patch openssl
  # Other packages of kubectl own the same file.
  . /etc/os-release
  [ "$ID-${VERSION_ID:-}" != debian-12 ] || command -v kubectl >/dev/null || echo kubernetes-client
}

install_packages() {
  local missing=() package sudo=
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { say "packages are missing, and neither root nor sudo is here to install: ${missing[*]}"; return 1; }
    sudo=sudo
  fi
  say "installing ${#missing[@]} packages: ${missing[*]}"
  # sudo clears the environment, so env comes after it.
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get update -q >/dev/null
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >/dev/null
}

# configure FOLDER NATIVE_FILE [MESON OPTIONS]
configure() {
  local folder=$1 native=$2
  shift 2
  [ -f "$folder/build.ninja" ] && return 0
  say "configuring $folder"
  meson setup "$folder" "$cpg_root" --native-file "$cpg_root/tools/native/$native.ini" "$@" >"$folder.log" 2>&1 ||
    { cat "$folder.log" >&2; return 1; }
}

# build FOLDER [TARGETS]
build() {
  local folder=$1
  shift
  ninja -C "$folder" -n "$@" 2>/dev/null | grep -q 'no work to do' && return 0
  say "building $folder"
  ninja -C "$folder" --quiet "$@" >&2
}

# build_release TARGETS: of what people run, without the tests.
build_release() {
  local packages
  # A failure within the arguments of a command would be lost.
  packages=$(cpg_packages)
  install_packages $packages
  mkdir -p "$cpg_root/build"
  configure "$cpg_root/build/release" release -Dtests=false
  build "$cpg_root/build/release" "$@"
}

# install_tree BUILD FOLDER: what a build installs, with FOLDER as the prefix; prints the files' names below it. Meson writes the
# prefix into nothing that is installed, so that what was configured does not matter.
install_tree() {
  local into
  into=$(mktemp -d)
  # What was built is taken as it is: sources may change while it is packed.
  DESTDIR=$into meson install -C "$1" --quiet --no-rebuild >&2 || return 1
  local tree
  tree=$(find "$into" -path '*/bin/cpg')
  [ -n "$tree" ] || return 1
  tree=$(dirname "$(dirname "$tree")")
  mkdir -p "$2" || return 1
  cp -a "$tree/." "$2/" || return 1
  (cd "$tree" && find . ! -type d -printf '%P\n' | sort)
  rm -rf "$into"
}

# What tools/package and tools/image use beside a release's build.
cpg_packaging_packages() { echo binutils patchelf dpkg-dev xz-utils; }

# What only `tools/test packages` uses.
cpg_root_packages() { echo mmdebstrap; }

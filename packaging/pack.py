# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
"""The Debian package and the relocatable archive of a build: pack.py ROOT BUILD OUT, as tools/package calls it."""
import gzip
import os
import pathlib
import re
import shutil
import sys
import tempfile

import tree

# Named alike in Debian 12 and 13, and mended there: the package takes these from the system. The rest differs from one to the
# other, and comes with it.
OF_DEBIAN = {"libssl.so.3": "libssl3 | libssl3t64", "libcrypto.so.3": "libssl3 | libssl3t64", "libz.so.1": "zlib1g",
             "libstdc++.so.6": "libstdc++6 (>= 12)", "libgcc_s.so.1": "libgcc-s1"}
C_LIBRARY = "libc6 (>= 2.36)"
DESCRIPTION = """writes the CiliumNetworkPolicies that would allow dropped flows
 In a cluster where Cilium denies by default, cpg watches the flows that Hubble
 reports as dropped, or reads captures of them, and writes the policies that
 would allow exactly them, merged into the files that are there already. It
 writes files for review and never applies anything."""


def needed_libraries(program):
    return {name: path for name, path in tree.libraries_of(program).items() if not tree.C_LIBRARY.match(name)}


def compress_manuals(below):
    for page in sorted((below / "share/man/man1").glob("*.1")):
        page.with_name(page.name + ".gz").write_bytes(gzip.compress(page.read_bytes(), mtime=0))
        page.unlink()


def control(version, architecture, depends, kilobytes):
    fields = {"Package": "cpg", "Version": version, "Architecture": architecture, "Maintainer": "The cpg authors <cpg@localhost>",
              "Installed-Size": kilobytes, "Depends": ", ".join(depends), "Recommends": "ca-certificates",
              "Suggests": "bash-completion, man-db", "Section": "net", "Priority": "optional", "Description": DESCRIPTION}
    return "".join(f"{name}: {value}\n" for name, value in fields.items())


def debian_package(root, build, out, moment):
    version = tree.version_of(root)
    architecture = tree.run("dpkg", "--print-architecture").strip()
    path = out / f"cpg_{version}_{architecture}.deb"
    with tempfile.TemporaryDirectory() as holder:
        files = pathlib.Path(holder) / "files"
        program = tree.install(root, build, files / "usr")
        needed = needed_libraries(program)
        own = {name: place for name, place in needed.items() if name not in OF_DEBIAN}
        tree.bundle(program, own, files / "usr/lib/cpg", "/usr/lib/cpg")
        compress_manuals(files / "usr")
        packages = tree.packages_of(own.values())
        tree.copy_licenses(packages, files / "usr/share/doc/cpg/licenses")
        shutil.move(files / "usr/share/doc/cpg/LICENSE", files / "usr/share/doc/cpg/copyright")
        size = sum(each.lstat().st_size for each in tree.members(files)) // 1024
        depends = [C_LIBRARY, *sorted({OF_DEBIAN[name] for name in needed if name in OF_DEBIAN})]
        (files / "DEBIAN").mkdir()
        (files / "DEBIAN/control").write_text(control(version, architecture, depends, size))
        for each in [files, *tree.members(files)]:
            if not each.is_symlink():
                os.chmod(each, 0o755 if each.is_dir() or os.access(each, os.X_OK) else 0o644)
            os.utime(each, (moment, moment), follow_symlinks=False)
        tree.run("dpkg-deb", "--root-owner-group", "-Zxz", "--build", files, path,
                 env={**os.environ, "SOURCE_DATE_EPOCH": str(moment)})
    return path, packages


def archive(root, build, out, moment):
    version = tree.version_of(root)
    name = f"cpg-{version}-linux-{tree.run('dpkg', '--print-architecture').strip()}"
    path = out / f"{name}.tar.gz"
    with tempfile.TemporaryDirectory() as holder:
        files = pathlib.Path(holder)
        program = tree.install(root, build, files)
        own = needed_libraries(program)
        tree.bundle(program, own, files / "lib/cpg")
        packages = tree.packages_of(own.values())
        tree.copy_licenses(packages, files / "share/doc/cpg/licenses")
        path.write_bytes(tree.gzipped(tree.tar_of(files, name, moment)))
    return path, packages


def krew_manifest(root, out, packed):
    place = os.environ.get("CPG_RELEASES", "https://github.com/cpg-project/cpg/releases/download")
    version = tree.version_of(root)
    values = {"VERSION": f"v{version}", "SHA256": tree.sha256(packed.read_bytes()),
              "URI": f"{place}/v{version}/{packed.name}", "FOLDER": packed.name.removesuffix(".tar.gz")}
    text = (root / "packaging/krew.yaml.in").read_text()
    (out / "krew.yaml").write_text(re.sub(r"@(\w+)@", lambda found: values[found[1]], text))


def main(root, build, out):
    out.mkdir(parents=True, exist_ok=True)
    moment = tree.moment_of(root)
    for make in (debian_package, archive):
        path, packages = make(root, build, out, moment)
        tree.write_checksum(path)
        tree.write_sbom(path, tree.version_of(root), packages, moment)
        print(f"{path} ({path.stat().st_size // 1024} KiB, {len(packages)} packages in it)")
    krew_manifest(root, out, path)


if __name__ == "__main__":
    main(*map(pathlib.Path, sys.argv[1:]))

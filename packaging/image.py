# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
"""An OCI image layout of a build, made of files alone: image.py ROOT BUILD OUT, as tools/image calls it. The formats are those
of the OCI image specification 1.0: image-layout, image index, manifest, configuration."""
import json
import os
import pathlib
import shutil
import sys
import tempfile
from datetime import datetime, timezone

import tree

CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
# As distroless images have it: a user without a name that means anything.
USER = 65532
# Loaded by name when a host is looked up.
NAME_SERVICE = ("libnss_dns.so.2", "libnss_files.so.2", "libresolv.so.2")
MEDIA = "application/vnd.oci.image."


def add_libraries(files, program):
    """All of them, the C library too, in the folder of the loader's own search; the loader where the program names it."""
    libraries = tree.libraries_of(program)
    folder = pathlib.Path(os.path.dirname(libraries["libc.so.6"]))
    for name in NAME_SERVICE:
        if (folder / name).exists():
            libraries.setdefault(name, str(folder / name))
    for name, path in libraries.items():
        place = path if "ld-linux" in name else f"{folder}/{name}"
        into = files / place.lstrip("/")
        into.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(os.path.realpath(path), into)
        os.chmod(into, 0o755)
    return libraries


def add_settings(files):
    for path, text in {"etc/passwd": f"root:x:0:0:root:/:/sbin/nologin\ncpg:x:{USER}:{USER}:cpg:/tmp:/sbin/nologin\n",
                       "etc/group": f"root:x:0:\ncpg:x:{USER}:\n", "etc/nsswitch.conf": "hosts: files dns\n"}.items():
        (files / path).parent.mkdir(parents=True, exist_ok=True)
        (files / path).write_text(text)
    certificates = files / CERTIFICATES.lstrip("/")
    certificates.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(CERTIFICATES, certificates)
    os.chmod(certificates, 0o644)
    (files / "work").mkdir()


class Layout:
    def __init__(self, folder):
        self.folder = folder
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "blobs/sha256").mkdir(parents=True)
        (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}\n')

    def add(self, kind, data):
        digest = tree.sha256(data)
        (self.folder / "blobs/sha256" / digest).write_bytes(data)
        return {"mediaType": MEDIA + kind, "digest": f"sha256:{digest}", "size": len(data)}


def configuration(version, layer, moment):
    created = datetime.fromtimestamp(moment, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    architecture = tree.run("dpkg", "--print-architecture").strip()
    return {"created": created, "architecture": architecture, "os": "linux",
            "config": {"User": f"{USER}:{USER}", "Env": ["PATH=/usr/bin", "HOME=/tmp", f"SSL_CERT_FILE={CERTIFICATES}"],
                       "Entrypoint": ["/usr/bin/cpg"], "WorkingDir": "/work",
                       "Labels": {"org.opencontainers.image.title": "cpg", "org.opencontainers.image.version": version,
                                  "org.opencontainers.image.licenses": "Apache-2.0"}},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{tree.sha256(layer)}"]},
            "history": [{"created": created, "created_by": "tools/image"}]}


def encoded(value):
    return (json.dumps(value, indent=2, sort_keys=True) + "\n").encode()


def write_layout(folder, version, layer, moment):
    layout = Layout(folder)
    config = layout.add("config.v1+json", encoded(configuration(version, layer, moment)))
    packed = layout.add("layer.v1.tar+gzip", tree.gzipped(layer))
    manifest = layout.add("manifest.v1+json", encoded({"schemaVersion": 2, "mediaType": MEDIA + "manifest.v1+json",
                                                       "config": config, "layers": [packed]}))
    manifest["annotations"] = {"org.opencontainers.image.ref.name": version}
    manifest["platform"] = {"os": "linux", "architecture": tree.run("dpkg", "--print-architecture").strip()}
    (folder / "index.json").write_bytes(encoded({"schemaVersion": 2, "mediaType": MEDIA + "index.v1+json",
                                                 "manifests": [manifest]}))


def main(root, build, out):
    version, moment = tree.version_of(root), tree.moment_of(root)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as holder:
        files = pathlib.Path(holder) / "files"
        installed = tree.install(root, build, pathlib.Path(holder) / "installed")
        (files / "usr/bin").mkdir(parents=True)
        shutil.copy(installed, files / "usr/bin/cpg")
        libraries = add_libraries(files, files / "usr/bin/cpg")
        add_settings(files)
        (files / "tmp").mkdir()
        packages = tree.packages_of([*libraries.values(), CERTIFICATES]) + tree.packages_of(["/usr/sbin/update-ca-certificates"])
        tree.copy_licenses(packages, files / "usr/share/doc")
        write_layout(out / "cpg", version, tree.tar_of(files, "", moment, ("tmp", "work")), moment)
    index = out / "cpg" / "index.json"
    sbom = tree.write_sbom(index, version, sorted(set(packages)), moment)
    sbom.rename(out / f"cpg-{version}-image.spdx.json")
    blobs = sorted(path for path in (out / "cpg").rglob("*") if path.is_file())
    (out / f"cpg-{version}-image.sha256").write_text(
        "".join(f"{tree.sha256(path.read_bytes())}  {path.relative_to(out)}\n" for path in blobs))
    print(f"{out / 'cpg'} ({sum(path.stat().st_size for path in blobs) // 1024} KiB, {len(set(packages))} packages in it)")


if __name__ == "__main__":
    main(*map(pathlib.Path, sys.argv[1:]))

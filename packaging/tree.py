# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
"""What packages and images have in common: the tree of files, the libraries that the program needs, archives whose bytes
depend on nothing but their files, SBOM and checksums. Nothing of this runs as root or needs a network."""
import gzip
import hashlib
import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import tarfile
import uuid

# The system's own: a program must use the C library of the kernel and the names that it is run with.
C_LIBRARY = re.compile(r"(ld-linux|lib(c|m|dl|rt|pthread|resolv|nss_\w+|anl|util)\.so)")


def run(*words, **settings):
    return subprocess.run([str(word) for word in words], check=True, text=True, capture_output=True, **settings).stdout


def version_of(root):
    return re.search(r"version: '([\d.]+)'", (root / "meson.build").read_text())[1]


def moment_of(root):
    """Seconds since the epoch that all files are said to be of."""
    if os.environ.get("SOURCE_DATE_EPOCH"):
        return int(os.environ["SOURCE_DATE_EPOCH"])
    try:
        return int(run("git", "-C", root, "log", "-1", "--format=%ct"))
    except subprocess.CalledProcessError:
        return 0


def libraries_of(program):
    """The files of all libraries that the program loads, by the names that it loads them by."""
    found = re.findall(r"^\s*(\S+) => (/\S+)", run("ldd", program), re.M)
    loader = re.findall(r"^\s*(/\S*ld-linux\S*)", run("ldd", program), re.M)
    return {**dict(found), **{os.path.basename(path): path for path in loader}}


def install(root, build, into):
    """What the build installs, with a stripped program."""
    run("bash", "-euc", '. "$1/tools/setup.sh"; install_tree "$2" "$3"', "-", root, build, into)
    run("strip", "--strip-unneeded", into / "bin/cpg")
    return into / "bin/cpg"


def bundle(program, places, below, fixed=None):
    """Copies libraries into a folder and has program and libraries look there first: where it will be for good, or beside
    the program, wherever that is."""
    below.mkdir(parents=True, exist_ok=True)
    for name, path in sorted(places.items()):
        shutil.copyfile(os.path.realpath(path), below / name)
        os.chmod(below / name, 0o644)
        run("patchelf", "--set-rpath", fixed or "$ORIGIN", below / name)
    run("patchelf", "--set-rpath", fixed or f"$ORIGIN/{os.path.relpath(below, program.parent)}", program)


def package_of(path):
    """Of the Debian package that a file is of: name, version and architecture; none for another file."""
    for name in (path, os.path.realpath(path), re.sub("^/usr", "", os.path.realpath(path))):
        try:
            package = run("dpkg-query", "-S", name).split(": ")[0].split(",")[0]
            return run("dpkg-query", "-W", "-f", "${Package}\t${Version}\t${Architecture}", package).split("\t")
        except subprocess.CalledProcessError:
            continue
    return None


def packages_of(paths):
    return sorted({tuple(package) for path in paths if (package := package_of(path))})


def copy_licenses(packages, into):
    for name, _, _ in packages:
        notice = pathlib.Path("/usr/share/doc") / name / "copyright"
        if notice.exists():
            into.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(notice, into / name)
            os.chmod(into / name, 0o644)


def members(tree):
    return sorted(tree.rglob("*"), key=lambda path: path.relative_to(tree).as_posix())


def tar_of(tree, below, moment, open_to_all=()):
    """An archive's bytes: the same for the same files, whoever makes it and when."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in members(tree):
            info = archive.gettarinfo(path, (pathlib.PurePosixPath(below) / path.relative_to(tree)).as_posix())
            info.uid = info.gid = 0
            info.uname = info.gname = "root"
            info.mtime = moment
            if info.name in open_to_all:
                info.mode = 0o1777
            else:
                info.mode = 0o777 if path.is_symlink() else 0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644
            if path.is_file() and not path.is_symlink():
                with path.open("rb") as file:
                    info.type = tarfile.REGTYPE
                    archive.addfile(info, file)
            else:
                archive.addfile(info)
    return out.getvalue()


def gzipped(data):
    return gzip.compress(data, compresslevel=9, mtime=0)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def write_checksum(path):
    path.with_name(path.name + ".sha256").write_text(f"{sha256(path.read_bytes())}  {path.name}\n")


def spdx_id(text):
    return "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", text)


def spdx_package(name, version, purl, license_id):
    return {"SPDXID": spdx_id(f"Package-{name}"), "name": name, "versionInfo": version, "downloadLocation": "NOASSERTION",
            "filesAnalyzed": False, "licenseConcluded": "NOASSERTION", "licenseDeclared": license_id,
            "copyrightText": "NOASSERTION",
            "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl}]}


def write_sbom(artefact, version, packages, moment):
    """SPDX 2.3 as JSON: what the artefact contains, by the Debian packages that it was taken from."""
    from datetime import datetime, timezone
    digest = sha256(artefact.read_bytes())
    own = spdx_package("cpg", version, f"pkg:generic/cpg@{version}", "Apache-2.0")
    own["checksums"] = [{"algorithm": "SHA256", "checksumValue": digest}]
    own["packageFileName"] = artefact.name
    others = [spdx_package(name, number, f"pkg:deb/debian/{name}@{number}?arch={arch}", "NOASSERTION")
              for name, number, arch in packages]
    relations = [("SPDXRef-DOCUMENT", "DESCRIBES", own["SPDXID"])]
    relations += [(own["SPDXID"], "CONTAINS", other["SPDXID"]) for other in others]
    sbom = {"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": artefact.name,
            "documentNamespace": f"https://spdx.org/spdxdocs/{artefact.name}-{uuid.uuid5(uuid.NAMESPACE_OID, digest)}",
            "creationInfo": {"created": datetime.fromtimestamp(moment, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
                             "creators": ["Organization: The cpg authors", f"Tool: cpg-packaging-{version}"]},
            "packages": [own, *others],
            "relationships": [{"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}
                              for one, kind, other in relations]}
    path = artefact.with_name(artefact.name + ".spdx.json")
    path.write_text(json.dumps(sbom, indent=2) + "\n")
    return path

# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
"""Package, archive and image as people get them, each in a bare root of Debian 12 and 13 that has nothing else:
packages_test.py SOURCES PACKAGES IMAGE ROOTS. PACKAGES and IMAGE are what tools/package and tools/image have made; ROOTS keeps
the bare systems from run to run. Ends with 77 and says why where such a root can't be made. Environment: RELAY_SIM."""
import hashlib
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from patience import patient  # noqa: E402

SOURCES, PACKAGES, IMAGE, ROOTS = (pathlib.Path(word).resolve() for word in sys.argv[1:5])
VERSION = re.search(r"version: '([\d.]+)'", (SOURCES / "meson.build").read_text())[1]
DEB = next(PACKAGES.glob("cpg_*.deb"), None)
ARCHIVE = next(PACKAGES.glob("cpg-*.tar.gz"), None)
SUITES = ("bookworm", "trixie")
EXAMPLES = "usr/share/doc/cpg/examples"


def bare_system(suite):
    """An archive of a Debian that has apt and what it needs; made once."""
    path = ROOTS / f"{suite}.tar"
    if not path.exists():
        ROOTS.mkdir(parents=True, exist_ok=True)
        unfinished = ROOTS / f"unfinished-{suite}.tar"
        made = subprocess.run(["mmdebstrap", "--variant=minbase", suite, unfinished], capture_output=True, text=True)
        if made.returncode != 0:
            raise RuntimeError(f"a bare {suite} can't be made here: {made.stderr.strip().splitlines()[-1:]}")
        unfinished.rename(path)
    return path


def entering(root):
    """The words that run a program in there, with /proc and /dev, which are gone again with it."""
    mounts = "for name in proc dev; do mkdir -p \"$0/$name\"; mount --rbind /$name \"$0/$name\"; done; exec chroot \"$@\""
    return ["unshare", "--mount", "sh", "-euc", mounts, root]


class Root:
    """A file system to run programs in, with nothing of this machine's but its network."""

    def __init__(self, case, archive=None):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="cpg-root-"))
        self.path.chmod(0o755)
        case.addCleanup(shutil.rmtree, self.path, ignore_errors=True)
        if archive:
            subprocess.run(["tar", "--exclude=./dev/*", "-C", self.path, "-xf", archive], check=True)
            shutil.copyfile("/etc/resolv.conf", self.path / "etc/resolv.conf")

    def run(self, *words, status=0, user=None):
        settings = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/tmp", "LC_ALL": "C.UTF-8",
                    "DEBIAN_FRONTEND": "noninteractive"}
        settings |= {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}
        enter = [*entering(self.path), *([f"--userspec={user}"] if user else []), self.path]
        ran = subprocess.run([*enter, *words], env=settings, cwd=self.path, capture_output=True, text=True,
                             timeout=patient(300))
        if ran.returncode != status:
            raise AssertionError(f"{words} ended with {ran.returncode}: {ran.stdout[-2000:]}{ran.stderr[-2000:]}")
        return ran.stdout

    def policies(self, below):
        return sorted(str(path.relative_to(self.path / below)) for path in (self.path / below).rglob("*.yaml"))


class Packages(unittest.TestCase):
    def check_program(self, root, program, examples):
        """What a person does first, and what needs each of the libraries: TLS and gRPC, YAML, archives."""
        self.assertIn(f"cpg {VERSION} (", root.run(program, "--version"))
        root.run(program, "replay", f"/{examples}/shop.jsonl", "-o", "/tmp/policies")
        self.assertEqual(len(root.policies("tmp/policies")), 6)
        self.assertEqual(root.run(program, "replay", f"/{examples}/shop.jsonl", "-o", "/tmp/policies", "--dry-run"), "")
        self.assertIn("cpg-cart", root.run(program, "explain", "production/cart", "-o", "/tmp/policies"))
        with tarfile.open(root.path / "tmp/captures.tar.gz", "w:gz") as archive:
            archive.add(root.path / examples / "shop.jsonl", "shop.jsonl")
        root.run(program, "replay", "/tmp/captures.tar.gz", "-o", "/tmp/from-archive")
        self.assertEqual(root.policies("tmp/from-archive"), root.policies("tmp/policies"))
        self.check_live(root, program)

    def check_live(self, root, program):
        sim = subprocess.Popen([os.environ["RELAY_SIM"], "--listen", "127.0.0.1:0", "--loop", "--rate", "200", "--capture",
                                SOURCES / "docs/examples/shop.jsonl"], stdout=subprocess.PIPE, text=True)
        try:
            address = sim.stdout.readline().split()[-1]
            root.run(program, "generate", "--server", address, "--duration", "3s", "-o", "/tmp/live")
            self.assertTrue(root.policies("tmp/live"))
            root.run(program, "generate", "--server", f"tls://{address}", "--timeout", "2s", status=3)
        finally:
            sim.terminate()
            sim.wait()
            sim.stdout.close()

    def test_the_package_installs_runs_and_goes(self):
        for suite in SUITES:
            with self.subTest(suite=suite):
                root = Root(self, bare_system(suite))
                before = set(root.run("dpkg-query", "-W", "-f", "${Package}\n").split())
                shutil.copy(DEB, root.path / "tmp")
                root.run("apt-get", "update", "-q")
                root.run("apt-get", "install", "-y", "-q", "--no-install-recommends", f"/tmp/{DEB.name}")
                self.check_program(root, "cpg", EXAMPLES)
                self.assertIn("kubectl cilium-policy-gen replay", root.run("kubectl-cilium_policy_gen", "--help"))
                self.assertIn("replay\t", root.run("kubectl_complete-cilium_policy_gen", "rep"))
                for path in ("man/man1/cpg.1.gz", "man/man1/cpg-replay.1.gz", "bash-completion/completions/cpg.bash",
                             "zsh/site-functions/_cpg", "fish/vendor_completions.d/cpg.fish", "doc/cpg/copyright"):
                    self.assertTrue((root.path / "usr/share" / path).exists(), path)
                after = set(root.run("dpkg-query", "-W", "-f", "${Package}\n").split())
                print(f"{suite}: the package brings {sorted(after - before)}", file=sys.stderr)
                root.run("apt-get", "purge", "-y", "-q", "cpg")
                left = [path for path in (root.path / "usr").rglob("*") if re.match(r"_?cpg([.-]|$)|kubectl", path.name)]
                self.assertFalse(left)

    def test_the_readme_can_be_followed_from_the_package(self):
        root = Root(self, bare_system("bookworm"))
        shutil.copy(DEB, root.path / "tmp")
        root.run("apt-get", "update", "-q")
        # What a person has who keeps policies in a repository.
        root.run("apt-get", "install", "-y", "-q", "--no-install-recommends", f"/tmp/{DEB.name}", "git")
        enter = shlex.join(map(str, entering(root.path)))
        settings = {**os.environ, "ROOT": str(root.path), "ENTER": enter, "CPG": "/usr/bin/cpg",
                    "EXAMPLES": str(SOURCES / "docs/examples")}
        followed = subprocess.run([sys.executable, SOURCES / "tests/people/documents_test.py", SOURCES, "README.md"],
                                  env=settings, capture_output=True, text=True)
        self.assertEqual(followed.returncode, 0, followed.stdout + followed.stderr)

    def test_the_archive_runs_wherever_it_is_unpacked(self):
        for suite in SUITES:
            with self.subTest(suite=suite):
                root = Root(self, bare_system(suite))
                place = root.path / "opt/some where"
                place.mkdir()
                subprocess.run(["tar", "-C", place, "-xzf", ARCHIVE], check=True)
                name = ARCHIVE.name.removesuffix(".tar.gz")
                program = f"/opt/some where/{name}/bin/cpg"
                self.check_program(root, program, f"opt/some where/{name}/share/doc/cpg/examples")
                (root.path / "usr/local/bin/cpg").symlink_to(program)
                self.assertIn(VERSION, root.run("/usr/local/bin/cpg", "--version"))

    def test_the_image_is_a_layout_of_one_layer_that_runs_as_nobody(self):
        index = json.loads((IMAGE / "cpg/index.json").read_text())
        manifest = json.loads(self.blob(index["manifests"][0]))
        config = json.loads(self.blob(manifest["config"]))
        layer = self.blob(manifest["layers"][0])
        self.assertEqual(json.loads((IMAGE / "cpg/oci-layout").read_text()), {"imageLayoutVersion": "1.0.0"})
        root = Root(self)
        subprocess.run(["tar", "-C", root.path, "-xz"], input=layer, check=True)
        self.assertFalse([path for path in root.path.rglob("*") if path.name in ("sh", "bash", "apt")])
        self.assertIn("BEGIN CERTIFICATE", (root.path / "etc/ssl/certs/ca-certificates.crt").read_text()[:200])
        program, user = config["config"]["Entrypoint"][0], config["config"]["User"]
        self.assertIn(f"cpg {VERSION} (", root.run(program, "--version", user=user))
        shutil.copy(SOURCES / "docs/examples/shop.jsonl", root.path / "tmp")
        root.run(program, "replay", "/tmp/shop.jsonl", "-o", "/tmp/policies", user=user)
        self.assertEqual(len(root.policies("tmp/policies")), 6)
        self.check_live(root, program)

    def blob(self, descriptor):
        data = (IMAGE / "cpg/blobs" / descriptor["digest"].replace(":", "/")).read_bytes()
        self.assertEqual(hashlib.sha256(data).hexdigest(), descriptor["digest"].split(":")[1])
        self.assertEqual(len(data), descriptor["size"])
        return data

    def test_each_has_its_checksum_and_an_sbom_that_names_its_libraries(self):
        for path in (DEB, ARCHIVE):
            subprocess.run(["sha256sum", "--check", "--quiet", f"{path.name}.sha256"], cwd=PACKAGES, check=True)
            sbom = json.loads((PACKAGES / f"{path.name}.spdx.json").read_text())
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            self.assertEqual(sbom["packages"][0]["checksums"][0]["checksumValue"], digest)
            self.check_sbom(sbom)
        subprocess.run(["sha256sum", "--check", "--quiet", f"cpg-{VERSION}-image.sha256"], cwd=IMAGE, check=True)
        sbom = json.loads((IMAGE / f"cpg-{VERSION}-image.spdx.json").read_text())
        self.check_sbom(sbom)
        self.assertIn("libc6", {package["name"] for package in sbom["packages"]})

    def check_sbom(self, sbom):
        self.assertEqual(sbom["spdxVersion"], "SPDX-2.3")
        names = {package["name"] for package in sbom["packages"]}
        self.assertTrue(any(name.startswith("libgrpc++") for name in names), names)
        ids = {package["SPDXID"] for package in sbom["packages"]} | {"SPDXRef-DOCUMENT"}
        for relation in sbom["relationships"]:
            self.assertLessEqual({relation["spdxElementId"], relation["relatedSpdxElement"]}, ids)
        self.assertEqual(len(ids), len(sbom["packages"]) + 1)

    def test_the_manifest_for_krew_is_of_the_archive(self):
        text = (PACKAGES / "krew.yaml").read_text()
        self.assertIn(f'sha256: "{hashlib.sha256(ARCHIVE.read_bytes()).hexdigest()}"', text)
        with tarfile.open(ARCHIVE) as archive:
            names = archive.getnames()
        for place in re.findall(r'from: "([^"*]+)', text):
            self.assertTrue(any(name.startswith(place) for name in names), place)
        self.assertNotRegex(text, r"@\w+@")

    def test_what_is_installed_is_removed_again_and_nothing_else(self):
        with tempfile.TemporaryDirectory() as folder:
            prefix = pathlib.Path(folder) / "prefix"
            (prefix / "bin").mkdir(parents=True)
            (prefix / "bin/other").touch()
            subprocess.run([SOURCES / "tools/install", prefix], check=True, capture_output=True)
            self.assertTrue((prefix / "share/man/man1/cpg-replay.1").exists())
            subprocess.run([SOURCES / "tools/uninstall", prefix], check=True, capture_output=True)
            self.assertEqual([path for path in prefix.rglob("*") if not path.is_dir()], [prefix / "bin/other"])
            self.assertEqual(sorted(path.name for path in prefix.iterdir()), ["bin"])


def why_not():
    if os.geteuid() != 0:
        return "roots can be entered by root alone"
    if not shutil.which("mmdebstrap"):
        return "there is no mmdebstrap"
    try:
        for suite in SUITES:
            bare_system(suite)
    except RuntimeError as error:
        return str(error)
    return ""


if __name__ == "__main__":
    if reason := why_not():
        print(reason)
        sys.exit(77)
    unittest.main(argv=sys.argv[:1] + sys.argv[5:])

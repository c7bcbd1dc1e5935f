#!/usr/bin/env python3
"""Makes what 'docker load' takes of one static program: image_archive.py PROGRAM DOCKERFILE FOLDER

The tag is the hash of what is in it, as scripts/build-image computes it, so both make the same image name of the same
program. Archives of other contents are removed from FOLDER. The same input gives the same bytes.
"""

import hashlib
import io
import json
import pathlib
import subprocess
import sys
import tempfile

import tarfile

ARCHITECTURES = {0x3E: "amd64", 0xB7: "arm64", 0xF3: "riscv64"}


def stripped(program):
    with tempfile.NamedTemporaryFile() as out:
        subprocess.run(["strip", "-o", out.name, str(program)], check=True)
        return pathlib.Path(out.name).read_bytes()


def architecture(content):
    machine = int.from_bytes(content[18:20], "little")
    return ARCHITECTURES[machine]


def tar_of(files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, content, mode in files:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), mode
            tar.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def archive(name, content, tag):
    layer = tar_of([(name, content, 0o755)])
    digest = hashlib.sha256(layer).hexdigest()
    config = json.dumps({
        "architecture": architecture(content), "os": "linux", "created": "1970-01-01T00:00:00Z",
        "config": {"User": "65532:65532", "Entrypoint": ["/" + name], "Labels": {"carrel.packaged": "yes"}},
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + digest]},
        "history": [{"created": "1970-01-01T00:00:00Z", "created_by": "packaging/image_archive.py"}],
    }, sort_keys=True).encode()
    config_name = hashlib.sha256(config).hexdigest() + ".json"
    manifest = [{"Config": config_name, "RepoTags": [f"{name}:{tag}"], "Layers": [digest + "/layer.tar"]}]
    return tar_of([(config_name, config, 0o644), (digest + "/layer.tar", layer, 0o644),
                   ("manifest.json", json.dumps(manifest).encode(), 0o644)])


def main():
    program, dockerfile, folder = map(pathlib.Path, sys.argv[1:])
    content = stripped(program)
    tag = hashlib.sha256(dockerfile.read_bytes() + content).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob(f"{program.name}-*.tar"):
        old.unlink()
    (folder / f"{program.name}-{tag}.tar").write_bytes(archive(program.name, content, tag))


main()

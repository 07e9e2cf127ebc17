#!/usr/bin/env python3
"""Holds the include direction of docs/architecture.md: who may include whom, and which folder may
include which third-party library. Prints each breach as file:line and exits 1."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# Folder -> folders it may include besides itself. `include/octet` leaf headers (status, tensor, log,
# version) are open to everyone.
CHAIN = ["base", "tensor", "ir", "ops"]
CORE = CHAIN + ["kernels"]
ALLOWED = {
    "base": [],
    "tensor": ["base"],
    "ir": ["base", "tensor"],
    "ops": ["base", "tensor", "ir"],
    "kernels": CHAIN,
    "formats": CHAIN,
    "models": CHAIN + ["formats"],
    "passes": CORE,
    "backends/reference": CORE,
    "backends/cpu": CORE,
    "backends/onednn": CORE + ["backends/cpu"],
    "backends/cuda": CORE,
    "backends/cudnn": CORE + ["backends/cuda"],
    "backends/tensorrt": CORE + ["backends/cuda", "formats"],
    "tuning": CORE,
    "runtime": CORE + ["passes", "tuning"],
    "report": CORE + ["runtime"],
    "api": ["*"],
}
# Files with wider rights, and why they need them.
EXCEPTIONS = {
    "src/runtime/backend_registry.cpp": ["*"],  # the only place that names concrete backends
    "src/runtime/subgraph_engines.cpp": ["*"],  # and this the only one that names engines
}
LEAF_HEADERS = {
    "octet/status.hpp", "octet/tensor.hpp", "octet/options.hpp", "octet/plan_info.hpp",
    "octet/equality_check.hpp", "octet/log.hpp", "octet/version.hpp",
}

# Third-party header prefix -> folders that may include it.
THIRD_PARTY = {
    "flatbuffers/": ["src/formats/mge"],
    "xxhash.h": ["src/formats/mge", "src/base"],
    "google/protobuf/": ["src/formats/onnx"],
    "onnx": ["src/formats/onnx"],
    "nlohmann/": ["src/formats/tensors", "src/report", "src/tuning", "tools", "tests"],
    "stb_image.h": ["src/formats/tensors"],
    "oneapi/dnnl": ["src/backends/onednn"],
    "dnnl": ["src/backends/onednn"],
    "CLI/": ["tools"],
    "sqlite3.h": ["src/tuning"],
    "cuda": ["src/backends/cuda", "src/backends/cudnn", "src/backends/tensorrt", "tests/gpu",
             "tests/emulator"],
    "nvtx3/": ["src/backends/cuda"],
    "cudnn": ["src/backends/cudnn"],
    "Nv": ["src/backends/tensorrt"],
    "boost/": ["tests/emulator"],
    "gtest/": ["tests"],
    "gmock/": ["tests"],
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def folder_of(path):
    """The row of ALLOWED a path below src/ belongs to."""
    parts = path.split("/")
    if parts[0] == "backends" and len(parts) > 2:
        return "/".join(parts[:2])
    return parts[0]


def breaches(file):
    name = file.relative_to(ROOT).as_posix()
    inside = name.startswith("src/")
    own = folder_of(name[len("src/"):]) if inside else None
    rights = EXCEPTIONS.get(name, ALLOWED.get(own, ["*"]) if inside else ["*"])
    for number, line in enumerate(file.read_text().splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        quoted, target = match.group(1) == '"', match.group(2)
        if target.startswith("octet/"):
            if inside and "*" not in rights and target not in LEAF_HEADERS:
                yield number, f"{own} may not include the public header {target}"
            continue
        if quoted and "/" in target and inside:
            other = folder_of(target)
            if other != own and "*" not in rights and other not in rights:
                yield number, f"{own} may not include {target}"
        if name.startswith("include/") and quoted:
            yield number, "a public header includes a private one"
        for prefix, homes in THIRD_PARTY.items():
            if not quoted and target.startswith(prefix):
                if not any(name.startswith(home + "/") for home in homes):
                    yield number, f"<{target}> belongs in {', '.join(homes)}"
                break


def main():
    count = 0
    for top in ("include", "src", "tools", "tests"):
        for file in sorted((ROOT / top).rglob("*")):
            if file.suffix in {".hpp", ".cpp", ".cu", ".cuh"}:
                for number, text in breaches(file):
                    print(f"{file.relative_to(ROOT)}:{number}: {text}")
                    count += 1
    unknown = sorted(
        p.name for p in (ROOT / "src").iterdir()
        if p.is_dir() and p.name not in ALLOWED and p.name != "backends")
    for name in unknown:
        print(f"src/{name}: the folder has no row in {pathlib.Path(__file__).name}")
    return 1 if count or unknown else 0


if __name__ == "__main__":
    sys.exit(main())

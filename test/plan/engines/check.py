"""Check the files of every case with the engines' own parsers, and note which files passed: `make engines-test`."""

import hashlib
import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent
CASES = HERE.parent / "golden" / "engines"

# The engine's package on PyPI.
ENGINES = {"galvatron": "hetu-galvatron", "megatron": "megatron-core", "torchtitan": "torchtitan"}


def main() -> None:
    """Each engine in a process of its own: two of them bring a package `megatron`."""
    for engine, package in ENGINES.items():
        print(f"{package} {version(package)}", flush=True)
        subprocess.run([sys.executable, "-W", "ignore", HERE / f"check_{engine}.py"], check=True)
    files = sorted(file for file in CASES.rglob("*") if file.is_file())
    validated = {
        "packages": {package: version(package) for package in ENGINES.values()},
        "sha256": {str(file.relative_to(CASES)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files},
    }
    (HERE / "validated.json").write_text(json.dumps(validated, indent=2) + "\n")


main()

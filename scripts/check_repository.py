"""Check that the repository holds only what its makers wrote, and that it works on any machine."""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOREIGN = (
    ".h5p",
    ".zip",
    ".whl",
    ".woff",
    ".woff2",
    ".ttf",
    ".otf",
    ".min.js",
    ".min.css",
    ".bundle.js",
    ".mo",
)
# Whoever installs decides where packages come from, so no file names a package index.
INDEX = re.compile(
    r"https?://[^\s\"'/]*(registry|pypi|pythonhosted|npmjs|crates)[^\s\"'/]*\.(org|com|io|dev)\b"
    r"|-{2}(extra-)?index-url|-{2}find-links"
)
COMMON = {"", "app", "home", "mnt", "opt", "root", "srv", "tmp", "usr", "var", "Users"}
FILLER = re.compile(r"lorem\s+ipsum", re.IGNORECASE)


def files() -> list[Path]:
    """What git tracks or would track."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return [
        ROOT / name for name in sorted(set(listing.split("\0"))) if name and (ROOT / name).is_file()
    ]


def machine_paths() -> re.Pattern:
    """Folders of this machine above the project: nobody else has them."""
    own = {ROOT, Path.home()}
    for parent in ROOT.parents:
        # What every system has says nothing about this one.
        if len(parent.parts) > 2 or parent.name not in COMMON:
            own.add(parent)
    names = "|".join(re.escape(str(path)) for path in own if path.name not in COMMON)
    return re.compile(rf"(^|[^\w.])({names})(?=[/\s\"']|$)", re.MULTILINE)


def problems() -> list[str]:
    found = []
    machine = machine_paths()
    for path in files():
        name = path.relative_to(ROOT).as_posix()
        if name.endswith(FOREIGN):
            found.append(f"{name}: third-party or compiled file; install it instead")
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for what, pattern in (
            ("names a package index", INDEX),
            ("names a folder of this machine", machine),
            ("holds filler text", FILLER),
        ):
            match = pattern.search(text)
            if match:
                line = text.count("\n", 0, match.start()) + 1
                found.append(f"{name}:{line}: {what}: {match.group(0).strip()!r}")
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    found += [
        f"package-lock.json: {name} is tied to one address; see .npmrc"
        for name, package in lock["packages"].items()
        if "resolved" in package
    ]
    return found


def main() -> int:
    found = problems()
    for line in found:
        print(f"  {line}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

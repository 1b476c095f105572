"""Say whether this machine can print certificates: WeasyPrint draws text with the system's Pango.

With --install, a machine where apt-get and root are at hand gets what is missing. Never fails: the
site works without, only PDF files cannot be made.
"""

import ctypes.util
import os
import shutil
import subprocess
import sys

LIBRARIES = {
    "gobject-2.0": "libglib2.0-0",
    "pango-1.0": "libpango-1.0-0",
    "pangoft2-1.0": "libpangoft2-1.0-0",
    "harfbuzz": "libharfbuzz0b",
    "harfbuzz-subset": "libharfbuzz-subset0",
    "fontconfig": "libfontconfig1",
}
ADVICE = {
    "darwin": "brew install pango",
    "win32": "see WeasyPrint's installation page for Windows",
}


def missing() -> list[str]:
    """Debian's names of the packages whose libraries the loader does not find."""
    return [
        package
        for library, package in LIBRARIES.items()
        if not (
            ctypes.util.find_library(library)
            or os.path.exists(f"/opt/homebrew/lib/lib{library}.dylib")
        )
    ]


def install(packages: list[str]) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages],
    ):
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            check=False,
        )
        if done.returncode:
            return False
    return True


def main() -> None:
    packages = missing()
    if not packages:
        return
    may_install = hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get")
    if "--install" in sys.argv and may_install:
        print(f"Installing system libraries for PDF files: {' '.join(packages)}")
        if install([*packages, "fonts-noto-core"]) and not missing():
            return
        packages = missing()
    default = f"apt-get install {' '.join(packages)} fonts-noto-core   (Debian, Ubuntu; as root)"
    print("Certificates as PDF need system libraries that are missing here; everything else works.")
    print(f"  To install them: {ADVICE.get(sys.platform, default)}")


if __name__ == "__main__":
    main()

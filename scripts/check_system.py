"""Say whether this machine can print certificates: WeasyPrint draws text with the system's Pango.

With --install, a machine where apt-get and root are at hand gets what is missing. What stays missing
is no failure: the site works without, only PDF files cannot be made. With --port, also say whether
that port is taken, which is one.
"""

import argparse
import ctypes.util
import os
import shutil
import socket
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


def port_is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def check_libraries(may_install: bool) -> None:
    packages = missing()
    if not packages:
        return
    if may_install and os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"Installing system libraries for PDF files: {' '.join(packages)}")
        if install([*packages, "fonts-noto-core"]) and not missing():
            return
        packages = missing()
    default = f"apt-get install {' '.join(packages)} fonts-noto-core   (Debian, Ubuntu; as root)"
    print("Certificates as PDF need system libraries that are missing here; everything else works.")
    print(f"  To install them: {ADVICE.get(sys.platform, default)}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--install", action="store_true")
    parser.add_argument("--port", type=int)
    options = parser.parse_args()
    check_libraries(options.install and hasattr(os, "geteuid"))
    if options.port and port_is_taken(options.port):
        print(f"Port {options.port} is taken. Choose another: make demo PORT={options.port + 1}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

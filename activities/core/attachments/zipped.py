"""Reading a ZIP container without believing what it says about itself.

Office files are ZIP containers. What is read is bounded by what was really unpacked, not by the
sizes written in the directory; names that lead elsewhere, links, encrypted parts and bytes before
the first part are refused.
"""

import io
import stat
import zipfile
import zlib

from . import errors

MOST_ENTRIES = 2_000
MOST_UNPACKED = 120 * 1024 * 1024
MOST_ENTRY = 60 * 1024 * 1024
# Text shrinks to a tenth, rarely to a fiftieth; a bomb shrinks to a thousandth.
MOST_RATIO = 200
SMALL = 1024 * 1024
CHUNK = 256 * 1024
FIRST_BYTES = b"PK\x03\x04"
SAME_DATE = (1980, 1, 1, 0, 0, 0)


def parts_of(data: bytes, name: str) -> dict[str, bytes]:
    """{part: its bytes} of a container in its own order. Raises `Refused`."""
    if not data.startswith(FIRST_BYTES):
        raise errors.not_what_it_says(name)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as container:
            return read(container, name)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError) as error:
        raise errors.damaged(name) from error
    except (RuntimeError, UnicodeError, ValueError) as error:
        raise errors.damaged(name) from error


def read(container: zipfile.ZipFile, name: str) -> dict[str, bytes]:
    entries = container.infolist()
    if len(entries) > MOST_ENTRIES:
        raise errors.too_much_inside(name)
    found: dict[str, bytes] = {}
    total = 0
    for entry in entries:
        if entry.is_dir():
            continue
        if not is_plain(entry) or entry.filename in found:
            raise errors.damaged(name)
        content = unpacked(container, entry, name, MOST_UNPACKED - total)
        total += len(content)
        found[entry.filename] = content
    return found


def is_plain(entry: zipfile.ZipInfo) -> bool:
    """An ordinary file below the container's own root, not encrypted."""
    path = entry.orig_filename
    steps = path.replace("\\", "/").split("/")
    if not path or "\\" in path or "\x00" in path or ":" in steps[0] or path.startswith("/"):
        return False
    kind = stat.S_IFMT(entry.external_attr >> 16)
    return ".." not in steps and not entry.flag_bits & 0x1 and kind in (0, stat.S_IFREG)


def unpacked(container, entry: zipfile.ZipInfo, name: str, left: int) -> bytes:
    most = min(left, MOST_ENTRY, max(SMALL, entry.compress_size * MOST_RATIO))
    pieces, size = [], 0
    with container.open(entry) as part:
        while piece := part.read(CHUNK):
            size += len(piece)
            if size > most:
                raise errors.too_much_inside(name)
            pieces.append(piece)
    return b"".join(pieces)


def packed(parts: dict[str, bytes]) -> bytes:
    """A container of these parts: no dates, no comments, nothing before or after."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as container:
        for path, content in parts.items():
            entry = zipfile.ZipInfo(path, SAME_DATE)
            # An ODF container says what it is in its first part, which must not be compressed.
            entry.compress_type = zipfile.ZIP_STORED if path == "mimetype" else zipfile.ZIP_DEFLATED
            container.writestr(entry, content)
    return out.getvalue()

"""Plain text: UTF-8, whatever it was, and nothing that is no text."""

import re

from . import errors

CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
ENCODINGS = ("utf-8-sig", "cp874")


def clean(data: bytes, extension: str, name: str) -> bytes:
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ENCODINGS
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if CONTROL.search(text) is None:
            return (b"\xef\xbb\xbf" if extension == "csv" else b"") + text.encode()
    raise errors.not_what_it_says(name)

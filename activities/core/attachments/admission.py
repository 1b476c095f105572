"""From what somebody sends to what is kept: checked, cleaned, or refused with a reason."""

import re
import unicodedata
from dataclasses import dataclass

import filetype
from django.utils.translation import gettext as _

from . import errors, media, office, pictures, plain, scanning
from .formats import FORMATS, MEGABYTE, MOST_BYTES, Format, allowed, extension_of

LONGEST_NAME = 120


def clean_pdf(data: bytes, extension: str, name: str) -> bytes:
    from . import pdfs  # its library is large, and most processes never meet a file

    return pdfs.clean(data, extension, name)


CLEAN = {
    "pdf": clean_pdf,
    "office": office.clean,
    "picture": pictures.clean,
    "sound": media.clean,
    "film": media.clean,
    "plain": plain.clean,
}
UNSEEN = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


@dataclass(frozen=True)
class Admitted:
    """A file that may be kept: its cleaned bytes and what it is."""

    name: str
    format: Format
    data: bytes


def name_of(sent: str) -> str:
    """The file's own name: no folders, nothing that cannot be seen, no more than fits a line."""
    name = unicodedata.normalize("NFC", str(sent or ""))
    name = UNSEEN.sub("", name.replace("\\", "/").rpartition("/")[2]).strip(" .")
    if len(name) > LONGEST_NAME:
        stem, dot, extension = name.rpartition(".")
        name = stem[: LONGEST_NAME - len(extension) - 1] + dot + extension
    return name or "file"


def admit(sent) -> Admitted:
    """Check and clean an uploaded file. Raises `Refused` with what to do instead."""
    name = name_of(sent.name)
    extension = extension_of(name)
    format = FORMATS.get(extension)
    if format is None:
        raise errors.bad_file(
            _("Files of the type %(type)s are not allowed, only: %(allowed)s.")
            % {
                "type": f".{extension}" if extension else _("without an ending"),
                "allowed": allowed(),
            },
            "not_allowed",
        )
    if sent.size > MOST_BYTES:
        raise errors.bad_file(
            _("“%(name)s” has %(size)s MB. A file may have at most %(most)d MB: make it smaller.")
            % {
                "name": name,
                "size": f"{sent.size / MEGABYTE:.1f}",
                "most": MOST_BYTES // MEGABYTE,
            },
            "too_large",
        )
    data = sent.read(MOST_BYTES + 1)
    if not data:
        raise errors.bad_file(
            _("“%(name)s” is empty. Choose the file again.") % {"name": name}, "empty"
        )
    check_first_bytes(data, format, name)
    scanning.scan(data, name)
    return Admitted(name, format, CLEAN[format.family](data, extension, name))


def check_first_bytes(data: bytes, format: Format, name: str) -> None:
    """What the first bytes say must be what the name says. Office files are looked into later."""
    guessed = filetype.guess(data[:8192])
    if format.family == "office":
        if not data.startswith(b"PK\x03\x04"):
            raise errors.not_what_it_says(name)
        return
    found = guessed.mime if guessed is not None else None
    if format.sniffed:
        if found not in format.sniffed:
            raise errors.not_what_it_says(name)
    elif found is not None:
        raise errors.not_what_it_says(name)

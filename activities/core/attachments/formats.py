"""What may be attached: by extension, and by what the bytes say they are."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MEGABYTE = 1024 * 1024
MOST_BYTES = 10 * MEGABYTE
MOST_FILES = 5


@dataclass(frozen=True)
class Format:
    """A kind of file. `sniffed` are the types that the first bytes may say (empty: none at all, it
    is plain text); `family` names the module's way of cleaning it."""

    extension: str
    media_type: str
    family: str
    label: Any
    sniffed: frozenset[str] = frozenset()


OOXML = "application/vnd.openxmlformats-officedocument."
WORD, SHEET, SLIDES = gettext_lazy("Word"), gettext_lazy("Excel"), gettext_lazy("PowerPoint")
PICTURE, SOUND, FILM = gettext_lazy("picture"), gettext_lazy("sound"), gettext_lazy("film")
ZIP = "application/zip"


def one(extension, media_type, family, label, *sniffed) -> Format:
    return Format(extension, media_type, family, label, frozenset(sniffed))


FORMATS = {
    found.extension: found
    for found in (
        one("pdf", "application/pdf", "pdf", "PDF", "application/pdf"),
        one("docx", f"{OOXML}wordprocessingml.document", "office", WORD),
        one("xlsx", f"{OOXML}spreadsheetml.sheet", "office", SHEET),
        one("pptx", f"{OOXML}presentationml.presentation", "office", SLIDES),
        one("odt", "application/vnd.oasis.opendocument.text", "office", "ODT"),
        one("png", "image/png", "picture", PICTURE, "image/png"),
        one("jpg", "image/jpeg", "picture", PICTURE, "image/jpeg"),
        one("webp", "image/webp", "picture", PICTURE, "image/webp"),
        one("mp3", "audio/mpeg", "sound", SOUND, "audio/mpeg"),
        one("m4a", "audio/mp4", "film", SOUND, "audio/mp4", "video/mp4", "audio/m4a"),
        one("mp4", "video/mp4", "film", FILM, "video/mp4", "audio/mp4", "video/quicktime"),
        one("txt", "text/plain; charset=utf-8", "plain", gettext_lazy("text")),
        one("csv", "text/csv; charset=utf-8", "plain", "CSV"),
    )
}
ALIASES = {"jpeg": "jpg"}
ACCEPT = ",".join(f".{extension}" for extension in (*FORMATS, *ALIASES))


def extension_of(name: str) -> str:
    """The extension by which a name is judged, in small letters, without the dot; "" for none."""
    found = name.rpartition(".")[2].lower() if "." in name else ""
    return ALIASES.get(found, found)


def allowed() -> str:
    """What may be attached, as a reader says it."""
    return _(
        "PDF, Word, Excel, PowerPoint, ODT, pictures (PNG, JPEG, WebP), MP3, M4A, MP4, TXT, CSV"
    )

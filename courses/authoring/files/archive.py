"""Unpacking what an author uploads: a course file, or an archive with its pictures."""

import io
import zipfile
from pathlib import Path

from django.utils.translation import gettext as _

LARGEST_UPLOAD = 20 * 1024 * 1024
LARGEST_UNPACKED = 100 * 1024 * 1024
MOST_ENTRIES = 1_000
YAML_NAMES = (".yaml", ".yml")


class NotUsable(ValueError):
    """What was uploaded is no course file; the message says what to do instead."""

    code = "not_usable"


def unpack(name: str, content: bytes, folder: Path) -> Path:
    """Put an upload into a folder and return the course file in it. Raises `NotUsable`."""
    if zipfile.is_zipfile(io.BytesIO(content)):
        return unzip(content, folder)
    if Path(name).suffix.lower() not in YAML_NAMES:
        raise NotUsable(_("Choose a course file (.yaml), or an archive (.zip) with one in it."))
    file = folder / "course.yaml"
    file.write_bytes(content)
    return file


def unzip(content: bytes, folder: Path) -> Path:
    archive = zipfile.ZipFile(io.BytesIO(content))
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > MOST_ENTRIES or sum(e.file_size for e in entries) > LARGEST_UNPACKED:
        raise NotUsable(_("This archive holds too much: at most 1,000 files and 100 MB."))
    files = []
    for entry in entries:
        target = (folder / entry.filename).resolve()
        if not target.is_relative_to(folder.resolve()):
            raise NotUsable(_("This archive holds names that lead out of it."))
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(entry) as stream:
            data = stream.read(LARGEST_UNPACKED + 1)
        if len(data) != entry.file_size:
            raise NotUsable(_("This archive is damaged. Please make it again."))
        target.write_bytes(data)
        if target.suffix.lower() in YAML_NAMES:
            files.append(target)
    if len(files) != 1:
        raise NotUsable(_("An archive must hold exactly one course file (.yaml)."))
    return files[0]

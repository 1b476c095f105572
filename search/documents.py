"""The texts of files to download, so that they are found. Read once for each file, in a task."""

import logging
import subprocess
import sys
import tempfile
from pathlib import Path

from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.documents.models import Document

from .models import DocumentText
from .reading import READERS

logger = logging.getLogger("sala.search")

LARGEST = 50 * 1024 * 1024
SECONDS = 30
PROBLEMS = {
    "too_large": _("It is larger than 50 MB."),
    "too_slow": _("Reading it took too long."),
    "unreadable": _("It is damaged, protected with a password, or not what its ending says."),
    "missing": _("The file is not there."),
}

# document: Document, row: DocumentText. After the text of a document was read, or could not be.
document_read = Signal()


def ending_of(document: Document) -> str:
    return Path(document.file.name).suffix.lower().lstrip(".")


def text_of(document: int) -> str:
    """What a document says; "" while it was not read, or cannot be."""
    found = DocumentText.objects.filter(document=document).values_list("text", flat=True)
    return found.first() or ""


def fingerprint_of(document: Document) -> str:
    return document.file_hash or document.file.name


def unread() -> list[Document]:
    """Documents of which nobody has tried to read the file that they have now: the task was lost."""
    known = dict(DocumentText.objects.values_list("document", "fingerprint"))
    return [
        document
        for document in Document.objects.order_by("pk")
        if ending_of(document) in READERS and known.get(document.pk) != fingerprint_of(document)
    ]


def read_document(pk: int) -> DocumentText | None:
    """Read a document unless this very file was read before; None for kinds that are not read."""
    document = Document.objects.filter(pk=pk).first()
    if document is None or ending_of(document) not in READERS:
        return None
    fingerprint = fingerprint_of(document)
    row = DocumentText.objects.filter(document=document).first()
    if row is not None and row.fingerprint == fingerprint:
        return row
    text, problem = extracted(document)
    with transaction.atomic():
        row, _created = DocumentText.objects.update_or_create(
            document=document,
            defaults={
                "fingerprint": fingerprint,
                "text": text,
                "problem": problem,
                "read_at": timezone.now(),
            },
        )
        document_read.send(sender=DocumentText, document=document, row=row)
    return row


def extracted(document: Document) -> tuple[str, str]:
    """(text, problem): one of the two is empty."""
    try:
        if document.file.size > LARGEST:
            return "", "too_large"
        with tempfile.NamedTemporaryFile(suffix=f".{ending_of(document)}") as copy:
            with document.file.open("rb") as source:
                for chunk in iter(lambda: source.read(1 << 20), b""):
                    copy.write(chunk)
            copy.flush()
            done = subprocess.run(
                [sys.executable, "-m", "search.reading", copy.name, ending_of(document)],
                capture_output=True,
                timeout=SECONDS,
                cwd=Path(__file__).resolve().parent.parent,
                env={"PYTHONIOENCODING": "utf-8", "PATH": ""},
                check=False,
            )
    except subprocess.TimeoutExpired:
        return "", "too_slow"
    except OSError:
        logger.exception("Could not read document %s", document.pk)
        return "", "missing"
    if done.returncode:
        logger.info(
            "Document %s cannot be read: %s",
            document.pk,
            done.stderr.decode(errors="replace")[-300:],
        )
        return "", "unreadable"
    # PostgreSQL stores no zero characters.
    return done.stdout.decode("utf-8", "replace").replace("\x00", ""), ""

"""What is attached to somebody's work: put there, listed, described, taken off, delivered.

For kinds:

    return store.receive(files)                                         # `receive`: nothing is locked yet
    store.attach(visit.participation, "worksheet-proof", files.getlist("files"))          # `handle`
    store.listed(visit.participation, ["worksheet-proof"])
    return store.deliver(found, name="work-1.pdf")                            # `screen`, for a step

Who may read a file is the kind's to say: it looks the attachment up among what the visitor may see
and delivers it, or raises 404.
"""

import hashlib
import logging
import secrets
import uuid
from collections.abc import Iterable
from datetime import timedelta

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from activities.core.contract import Download
from activities.core.errors import Refused
from activities.core.models import Attachment, Participation, StoredFile

from . import errors
from .admission import Admitted, admit
from .formats import MOST_FILES

logger = logging.getLogger("sala.attachments")
MOST_ALT = 500
LEAST_ALT = 5
ORPHANS_STAY = timedelta(days=1)


def attach(
    owner: Participation, purpose: str, sent: Iterable, *, alt: str = "", most: int = MOST_FILES
) -> list[Attachment]:
    """Keep the files that somebody sends for one purpose. All or none. Raises `Refused`.

    `sent` are uploaded files, or what `receive` made of them. `alt` describes the picture, where
    there is one among them; others are described afterwards.
    """
    sent = list(sent)
    if not sent:
        raise errors.bad_file(_("Choose a file first."), "no_file")
    held = listed(owner, [purpose])
    if len(held) + len(sent) > most:
        raise errors.bad_file(
            _("At most %(most)d files may be attached here; there are %(held)d already.")
            % {"most": most, "held": len(held)},
            "too_many",
        )
    admitted = [one if isinstance(one, Admitted) else admit(one) for one in sent]
    pictures = [one for one in admitted if one.format.family == "picture"]
    described = alt.strip()[:MOST_ALT] if len(pictures) == 1 else ""
    known = {attachment.stored.digest for attachment in held}
    made = []
    for one in admitted:
        stored = keep(one)
        if stored.digest in known:
            continue  # the same file once more: a double click, or the button “back”
        known.add(stored.digest)
        made.append(
            Attachment.objects.create(
                owner=owner,
                purpose=purpose,
                stored=stored,
                name=one.name,
                alt=described if one.format.family == "picture" else "",
            )
        )
    return made


def receive(files, name: str = "files", most: int = MOST_FILES) -> MultiValueDict:
    """The files of a request with those of one field checked and cleaned, for `attach`.

    For a kind's `receive`: this takes its time, and nobody should be waiting for a lock meanwhile.
    Raises `Refused`.
    """
    sent = files.getlist(name)
    if len(sent) > most:
        raise errors.bad_file(
            _("At most %(most)d files may be attached here; there are %(held)d already.")
            % {"most": most, "held": 0},
            "too_many",
        )
    return MultiValueDict({name: [admit(one) for one in sent]})


def keep(admitted: Admitted) -> StoredFile:
    """The stored file with this content, made if need be. What is stored never changes."""
    digest = hashlib.sha256(admitted.data).hexdigest()
    extension = admitted.format.extension
    found = StoredFile.objects.filter(digest=digest, extension=extension).first()
    if found is not None:
        return found
    new = StoredFile(
        digest=digest,
        extension=extension,
        media_type=admitted.format.media_type,
        size=len(admitted.data),
    )
    # The name holds nobody's id; what is drawn keeps a name from being used twice.
    name = f"{digest[:2]}/{digest}-{secrets.token_hex(4)}.{extension}"
    try:
        new.file.save(name, ContentFile(admitted.data), save=False)
    except Exception as error:  # a full disk, or whatever the storage of files raises
        logger.exception("An attachment could not be kept")
        forget_half(new, name)
        raise errors.not_kept() from error
    try:
        with transaction.atomic():
            new.save()
    except IntegrityError:  # somebody sent the same file in the same moment
        new.file.delete(save=False)
        return StoredFile.objects.get(digest=digest, extension=extension)
    return new


def forget_half(new: StoredFile, name: str) -> None:
    """What a storage that failed may have begun to write."""
    try:
        new.file.storage.delete(name)
    except Exception:
        logger.exception("What was written of an attachment could not be taken away")


def listed(owner: Participation, purposes: Iterable[str]) -> list[Attachment]:
    """What is attached now, in the order in which it came. One query."""
    if owner.pk is None:
        return []
    return list(
        Attachment.objects.filter(owner=owner, purpose__in=list(purposes), detached_at=None)
        .select_related("stored")
        .order_by("pk")
    )


def own(owner: Participation, key) -> Attachment:
    """An attachment of this owner by its key. Raises `Refused` 404."""
    try:
        key = uuid.UUID(str(key))
    except ValueError:
        key = None
    found = (
        Attachment.objects.select_related("stored").filter(owner=owner, key=key).first()
        if key is not None and owner.pk is not None
        else None
    )
    if found is None:
        raise Refused(_("There is no such file."), code="not_found", status=404)
    return found


def detach(owner: Participation, key) -> Attachment:
    """Take a file off. Versions that were sent keep theirs. Repeating it changes nothing."""
    found = own(owner, key)
    if found.detached_at is None:
        found.detached_at = timezone.now()
        found.save(update_fields=["detached_at"])
    return found


def describe(owner: Participation, key, alt: str) -> Attachment:
    """Say what a picture shows. Raises `Refused` for less than a word."""
    found = own(owner, key)
    alt = " ".join(str(alt or "").split())[:MOST_ALT]
    if len(alt) < LEAST_ALT:
        message = undescribed(found)
        raise Refused(message, code="no_alt", fields={f"alt-{found.key}": message})
    found.alt = alt
    found.save(update_fields=["alt"])
    return found


def undescribed(attachment: Attachment) -> str:
    return _(
        "Describe what “%(name)s” shows, in at least %(least)d characters, for readers who cannot "
        "see it."
    ) % {"name": attachment.name, "least": LEAST_ALT}


def lacking(attachments: Iterable[Attachment]) -> list[Attachment]:
    """The pictures that nobody has described yet."""
    return [one for one in attachments if one.is_picture and not one.alt]


def deliver(attachment: Attachment, name: str | None = None) -> Download:
    """The file to be sent to whoever may read it, always as something to be kept, never shown."""
    return Download(
        content=attachment.stored.file,
        name=name or attachment.name,
        media_type=attachment.stored.media_type,
        size=attachment.stored.size,
    )


def stand_in(owner: Participation, purpose: str) -> Attachment:
    """A file that is none, for rehearsals: nothing is written but rows that are undone."""
    stored = StoredFile.objects.create(
        digest=uuid.uuid4().hex, extension="pdf", media_type="application/pdf", size=1024
    )
    return Attachment.objects.create(
        owner=owner, purpose=purpose, stored=stored, name=_("example") + ".pdf"
    )


def drop_orphans(now=None) -> int:
    """Remove stored files that nobody refers to any more; how many. Safe to run at any time."""
    now = now or timezone.now()
    used = Attachment.objects.filter(stored=OuterRef("pk"))
    dropped = 0
    for id in StoredFile.objects.filter(
        ~Exists(used), created_at__lt=now - ORPHANS_STAY
    ).values_list("pk", flat=True)[:1000]:
        with transaction.atomic():
            stored = StoredFile.objects.select_for_update().filter(pk=id).first()
            if stored is None or stored.attachments.exists():
                continue
            storage, path = stored.file.storage, stored.file.name
            stored.delete()
            transaction.on_commit(lambda storage=storage, path=path: storage.delete(path))
            dropped += 1
    return dropped

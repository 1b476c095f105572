"""Files in a worksheet: which there are, what they lack, and what others see of them."""

from django.utils.translation import gettext as _

from activities.core.attachments import store
from activities.core.contract import Download
from activities.core.models import Attachment

from .content import WorksheetField
from .enums import Anonymity
from .models import Submission
from .refusals import not_found


def field_at(rules, number: str) -> WorksheetField:
    """The field with that place in the worksheet, if it takes files. Raises `Refused` 404."""
    place = int(number) - 1
    if not 0 <= place < len(rules.fields) or not rules.fields[place].takes_files:
        raise not_found()
    return rules.fields[place]


def by_field(visit, *, improved: bool = False) -> dict[str, list[Attachment]]:
    """What is attached now, by field. One query; none where no field takes files."""
    fields = visit.rules.file_fields
    if not fields:
        return {}
    purposes = {(f.improved_purpose if improved else f.purpose): f.key for f in fields}
    found: dict[str, list[Attachment]] = {field.key: [] for field in fields}
    for attachment in store.listed(visit.participation, purposes):
        found[purposes[attachment.purpose]].append(attachment)
    return found


def ids(files: dict[str, list[Attachment]]) -> dict[str, list[int]]:
    """As a work keeps them."""
    return {key: [one.pk for one in listed] for key, listed in files.items() if listed}


def of_work(files: dict[str, list[int]]) -> dict[str, list[Attachment]]:
    """The attachments that a version of a work has, by field. One query, none without files."""
    return of_works([files])[0]


def of_works(many: list[dict[str, list[int]]]) -> list[dict[str, list[Attachment]]]:
    """The same for several versions at once."""
    wanted = {id for files in many for listed in files.values() for id in listed}
    found = {}
    if wanted:
        rows = Attachment.objects.filter(pk__in=wanted).select_related("stored")
        found = {one.pk: one for one in rows}
    return [
        {key: [found[id] for id in listed if id in found] for key, listed in files.items()}
        for files in many
    ]


def check(files: dict[str, list[Attachment]], content, rules) -> dict[str, str]:
    """{form field: message} for what the files of a worksheet lack."""
    wrong = {}
    for field in rules.file_fields:
        label = (content.field(field.key) or field).label
        held = files.get(field.key, [])
        if field.required and not held:
            wrong[f"field-{field.key}"] = _("“%(field)s” needs at least one file.") % {
                "field": label
            }
        elif lacking := store.lacking(held):
            wrong[f"field-{field.key}"] = store.undescribed(lacking[0])
    return wrong


# -- for readers ------------------------------------------------------------------------------


def row(attachment: Attachment, url: str, name: str = "") -> dict:
    """An attachment in a list: its name, size and address."""
    return {
        "name": name or attachment.name,
        "size": attachment.stored.size,
        "url": url,
        "is_picture": attachment.is_picture,
        "alt": attachment.alt,
    }


def own_rows(visit, files: dict[str, list[Attachment]]) -> dict[str, list[dict]]:
    """The author's own files, by their own names."""
    return {
        key: [row(one, visit.url(f"file-{one.key}")) for one in listed]
        for key, listed in files.items()
    }


def neutral(attachment: Attachment, n: int) -> str:
    """What a file is called where its author is not: “work-1.pdf”."""
    return _("work-%(n)d") % {"n": n} + f".{attachment.stored.extension}"


def in_order(rules, files: dict[str, list[Attachment]]) -> list[tuple[int, str, Attachment]]:
    """(number, field, attachment): the files of a work, numbered through its fields."""
    found = []
    for field in rules.file_fields:
        for one in files.get(field.key, []):
            found.append((len(found) + 1, field.key, one))
    return found


def named(rules) -> bool:
    """Whether readers know the author anyhow, so that a file may keep its name."""
    return rules.anonymity in (Anonymity.NAMED, Anonymity.SINGLE_BLIND)


def others_rows(rules, files, address, *, own_names: bool) -> dict[str, list[dict]]:
    """Somebody's files for another reader; `address(n)` is where the n-th is."""
    found: dict[str, list[dict]] = {}
    for n, key, one in in_order(rules, files):
        name = one.name if own_names else neutral(one, n)
        found.setdefault(key, []).append(row(one, address(n), name))
    return found


def numbered(rules, work: Submission, number: int, *, own_names: bool) -> Download:
    """The n-th file of a work. Raises `Refused` 404."""
    for n, _key, one in in_order(rules, of_work(work.files)):
        if n == number:
            return store.deliver(one, one.name if own_names else neutral(one, n))
    raise not_found()

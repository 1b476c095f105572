"""Sending files: on a page of their own, after the text was saved, so that a file that does not
arrive takes nothing with it."""

import re

from django.utils.translation import gettext as _

from activities.core.attachments import formats, store
from activities.core.contract import Download, Outcome, Screen
from activities.core.errors import Refused

from . import acts, files, forms, standing
from .content import WorksheetField
from .enums import Stage
from .refusals import not_found, sent_already

# “attach” is for the work, “improve” for what is made of it after the feedback.
STEP = re.compile(r"(attach|improve)-(\d{1,2})")
STAGES = {"attach": (Stage.NOT_STARTED, Stage.DRAFTING), "improve": (Stage.REVISING,)}
OWN_FILE = re.compile(r"file-([0-9a-f-]{36})")
LEASED_FILE = re.compile(r"leased-(\d{1,18})-(\d{1,3})")
GO_TO = re.compile(r"files-(\d{1,2})")


def place(visit, step: str) -> tuple[WorksheetField, str]:
    """The field that an address names, and the purpose of its files. Raises `Refused`: 404 for no
    such field, 409 when its files can no longer be changed."""
    match = STEP.fullmatch(step)
    if match is None:
        raise not_found()
    field = files.field_at(visit.rules, match[2])
    if standing.stage_of(visit.participation) not in STAGES[match[1]]:
        raise sent_already()
    return field, field.purpose if match[1] == "attach" else field.improved_purpose


# -- what a learner does ------------------------------------------------------------------------


def go(visit, step: str, action: str, data) -> Outcome:
    """From the worksheet to the page of one field's files: what was typed is saved first."""
    number = GO_TO.fullmatch(action)[1]
    files.field_at(visit.rules, number)
    form = str(data.get("draft_form", ""))[:60]
    if form:
        acts.keep(visit, step, data)
    now = standing.stage_of(visit.participation)
    return Outcome(step=f"{'improve' if now == Stage.REVISING else 'attach'}-{number}")


def upload(visit, step, data, sent) -> Outcome:
    """Attach what was sent, each file checked and cleaned. All of them or none."""
    _field, purpose = place(visit, step)
    made = store.attach(
        visit.participation,
        purpose,
        sent.getlist("files") if hasattr(sent, "getlist") else [],
        alt=forms.clean(data.get("alt")),
    )
    acts.started(visit)
    if store.lacking(made):
        return Outcome(step=step, message=_("The file is attached. Please say what it shows."))
    return Outcome(step=step, message=_("The file is attached."))


def detach(visit, step, data, sent) -> Outcome:
    place(visit, step)
    store.detach(visit.participation, data.get("file", ""))
    return Outcome(step=step, message=_("The file is taken off."))


def describe(visit, step, data, sent) -> Outcome:
    """Say what the pictures show; all that are wrong are named at once."""
    _field, purpose = place(visit, step)
    wrong = {}
    for one in store.listed(visit.participation, [purpose]):
        name = f"alt-{one.key}"
        if one.is_picture and name in data:
            try:
                store.describe(visit.participation, one.key, data.get(name))
            except Refused as error:
                wrong |= error.fields
    if wrong:
        raise forms.refuse(wrong, "no_alt")
    return Outcome(step=step, message=_("The descriptions are saved."))


ACTIONS = {"upload": upload, "detach": detach, "describe": describe}


# -- what a learner sees ------------------------------------------------------------------------


def upload_screen(visit, step: str, submitted, base: dict) -> Screen:
    """The page for the files of one field. Raises `Refused` 404 when they cannot be changed."""
    try:
        field, purpose = place(visit, step)
    except Refused as error:
        raise not_found() from error
    held = store.listed(visit.participation, [purpose])
    errors = submitted.error.fields if submitted is not None else {}
    typed = submitted.data if submitted is not None else {}
    told = visit.content.field(field.key) or field
    context = base | {
        "label": told.label,
        "help": told.help,
        "attachments": [
            {
                **files.row(one, visit.url(f"file-{one.key}")),
                "key": str(one.key),
                "describe": one.is_picture,
                "alt": typed.get(f"alt-{one.key}", one.alt),
                "error": errors.get(f"alt-{one.key}", ""),
            }
            for one in held
        ],
        "pictures": any(one.is_picture for one in held),
        "left": formats.MOST_FILES - len(held),
        "most": formats.MOST_FILES,
        "megabytes": formats.MOST_BYTES // formats.MEGABYTE,
        "accept": formats.ACCEPT,
        "allowed": formats.allowed(),
        "files_error": errors.get("files", ""),
        "alt": typed.get("alt", "") if submitted is not None else "",
        "form_url": visit.url(step),
        "back_url": visit.url("revise" if purpose == field.improved_purpose else "work")
        + f"#field-{field.key}",
    }
    return Screen("activities/workshop/attach.html", context)


def own_file(visit, key: str) -> Download:
    return store.deliver(store.own(visit.participation, key))


def leased_file(visit, lease_id: str, number: str) -> Download:
    """A file of the work that this learner has in hand. Raises `Refused` 404, also once it is over."""
    lease = acts.lease_of(visit, lease_id)
    if lease.submission is None or not acts.readable(visit, lease):
        raise not_found()
    return files.numbered(
        visit.rules, lease.submission, int(number), own_names=files.named(visit.rules)
    )

"""Sending files: on a page of their own, after the text was saved, so that a file that does not
arrive takes nothing with it."""

import re

from django.utils.translation import gettext as _

from activities.core.attachments import formats, store
from activities.core.contract import Download, Outcome, Screen
from activities.core.errors import Refused
from activities.core.record import save_draft

from . import acts, files, forms, standing
from .content import WorksheetField
from .enums import Stage
from .refusals import not_found, sent_already

STEP = re.compile(r"attach-(\d{1,2})")
OWN_FILE = re.compile(r"file-([0-9a-f-]{36})")
LEASED_FILE = re.compile(r"leased-(\d{1,18})-(\d{1,3})")
GO_TO = re.compile(r"files-(\d{1,2})")


def purpose_now(field: WorksheetField, stage: str) -> str:
    """Before the work is sent its files are the work's; after the feedback, the improved work's."""
    return field.improved_purpose if stage == Stage.REVISING else field.purpose


def may_change(visit) -> bool:
    stage = standing.stage_of(visit.participation)
    return stage in (Stage.NOT_STARTED, Stage.DRAFTING, Stage.REVISING)


# -- what a learner does ------------------------------------------------------------------------


def go(visit, step: str, action: str, data) -> Outcome:
    """From the worksheet to the page of one field's files: what was typed is saved first."""
    number = GO_TO.fullmatch(action)[1]
    files.field_at(visit.rules, number)
    form = str(data.get("draft_form", ""))[:60]
    if form:
        acts.keep(visit, step, data)
    return Outcome(step=f"attach-{number}")


def field_of(visit, step: str) -> WorksheetField:
    match = STEP.fullmatch(step)
    if match is None:
        raise not_found()
    field = files.field_at(visit.rules, match[1])
    if not may_change(visit):
        raise sent_already()
    return field


def upload(visit, step, data, sent) -> Outcome:
    """Attach what was sent, each file checked and cleaned. All of them or none."""
    field = field_of(visit, step)
    made = store.attach(
        visit.participation,
        purpose_now(field, standing.stage_of(visit.participation)),
        sent.getlist("files") if hasattr(sent, "getlist") else [],
        alt=forms.clean(data.get("alt")),
    )
    begin(visit)
    if store.lacking(made):
        return Outcome(step=step, message=_("The file is attached. Please say what it shows."))
    return Outcome(step=step, message=_("The file is attached."))


def begin(visit) -> None:
    """Whoever attaches something has begun."""
    if standing.stage_of(visit.participation) == Stage.NOT_STARTED:
        save_draft(visit.participation, "worksheet", {})
        acts.started(visit)


def detach(visit, step, data, sent) -> Outcome:
    field_of(visit, step)
    store.detach(visit.participation, data.get("file", ""))
    return Outcome(step=step, message=_("The file is taken off."))


def describe(visit, step, data, sent) -> Outcome:
    """Say what the pictures show; all that are wrong are named at once."""
    field = field_of(visit, step)
    purpose = purpose_now(field, standing.stage_of(visit.participation))
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


def upload_screen(visit, number: str, submitted, base: dict) -> Screen:
    field = files.field_at(visit.rules, number)
    if not may_change(visit):
        raise not_found()
    stage = standing.stage_of(visit.participation)
    held = store.listed(visit.participation, [purpose_now(field, stage)])
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
        "form_url": visit.url(f"attach-{number}"),
        "back_url": visit.url("revise" if stage == Stage.REVISING else "work")
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

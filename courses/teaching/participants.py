"""Finding the participants of a run, and doing one thing for many of them."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from activities.core import decisions, holding
from activities.core.enums import State
from activities.core.errors import Refused
from activities.core.models import Participation
from courses.enrolment import rules, staff
from courses.enrolment.models import CourseRun, Enrolment, RunGroup
from courses.enrolment.teach_person import participation_in, until_of

MOST_AT_ONCE = 200
# The states of an item by which people are found; the other states of the matrix follow from dates
# and pass marks, which no query knows.
ITEM_STATES = tuple(State.values)
ORDERS = {
    "seen": (F("last_seen_at").desc(nulls_last=True), "pk"),
    "name": ("user__first_name", "user__last_name", "pk"),
    "least": ("percent", "pk"),
    "most": ("-percent", "pk"),
    "grade": (F("grade__value").asc(nulls_first=True), "pk"),
}


def order_choices() -> list[tuple[str, str]]:
    """The orders of a list of people, with what they are called."""
    return [
        ("seen", _("Last seen")),
        ("name", _("Name")),
        ("least", _("Least progress first")),
        ("most", _("Most progress first")),
        ("grade", _("Lowest grade first")),
    ]


@dataclass(frozen=True)
class Wanted:
    """What is looked for; whatever is not understood is left out."""

    q: str = ""
    state: str = ""
    group: int | None = None
    unseen_days: int | None = None
    undone: str = ""
    below: Decimal | None = None
    agency: UUID | None = None
    item: str = ""
    item_state: str = ""
    order: str = "seen"


def whole(raw, most: int) -> int | None:
    raw = str(raw or "").strip()
    return int(raw) if raw.isdecimal() and len(raw) < 18 and int(raw) <= most else None


def wanted_of(data, outline: dict) -> Wanted:
    """What a form or an address asks for."""
    try:
        below = Decimal(str(data.get("below", "")).strip().replace(",", "."))
        below = below if below.is_finite() and 0 <= below <= 100 else None
    except InvalidOperation:
        below = None
    state, undone = data.get("state", ""), data.get("undone", "")
    keys = {entry["key"] for entry in outline["items"]}
    item, item_state = data.get("item", ""), data.get("item_state", "")
    return Wanted(
        q=data.get("q", "").strip()[:100],
        state=state if state in Enrolment.State.values else "",
        group=whole(data.get("group"), 10**15),
        unseen_days=whole(data.get("unseen"), 3650),
        undone=undone if undone in keys else "",
        below=below,
        agency=uuid_of(data.get("agency", "")),
        item=item if item in keys else "",
        item_state=item_state if item in keys and item_state in ITEM_STATES else "",
        order=data.get("order", "") if data.get("order", "") in ORDERS else "seen",
    )


def uuid_of(raw) -> UUID | None:
    try:
        return UUID(str(raw))
    except ValueError:
        return None


def in_state(run: CourseRun, people, item: str, state: str):
    """Those of these people who are in a state of an item of their run."""
    here = Participation.objects.filter(cohort=run.key, item=item)
    if state == State.NOT_STARTED:
        return people.exclude(seat__in=here.exclude(state=state).values("seat"))
    if state == State.COMPLETED:
        return people.filter(seat__in=here.filter(completed_at__isnull=False).values("seat"))
    return people.filter(
        seat__in=here.filter(state=state, completed_at__isnull=True).values("seat")
    )


def found(run: CourseRun, wanted: Wanted, now=None):
    """The enrolments that fit. Who has withdrawn is found by that state only."""
    now = now or timezone.now()
    people = Enrolment.objects.filter(run=run)
    if wanted.state:
        people = people.filter(state=wanted.state)
    else:
        people = people.exclude(state=Enrolment.State.WITHDRAWN)
    for word in wanted.q.split()[:3]:
        people = people.filter(
            Q(user__first_name__icontains=word)
            | Q(user__last_name__icontains=word)
            | Q(user__email__icontains=word)
        )
    if wanted.group is not None:
        people = people.filter(group=wanted.group or None)
    if wanted.unseen_days is not None:
        before = now - timedelta(days=wanted.unseen_days)
        people = people.filter(
            Q(last_seen_at__lt=before) | Q(last_seen_at__isnull=True, enrolled_at__lt=before)
        )
    if wanted.undone:
        done = Participation.objects.filter(
            Q(completed_at__isnull=False) | Q(state="excused"), cohort=run.key, item=wanted.undone
        )
        people = people.exclude(seat__in=done.values("seat"))
    if wanted.agency is not None:
        people = people.filter(user__in=rules.people_of_agency(wanted.agency))
    if wanted.item_state:
        people = in_state(run, people, wanted.item, wanted.item_state)
    if wanted.below is not None:
        people = people.filter(grade__value__lt=wanted.below)
    return people.order_by(*ORDERS[wanted.order])


def chosen(run: CourseRun, keys: list[int]) -> list[Enrolment]:
    """The people of the run whom somebody ticked. Raises `Refused` for none or too many."""
    message = ""
    if not keys:
        message = _("Choose at least one person.")
    elif len(keys) > MOST_AT_ONCE:
        message = _("You can change %(most)d people at once. Choose fewer.") % {
            "most": MOST_AT_ONCE
        }
    if message:
        raise Refused(message, code="choose", fields={"people": message})
    return list(Enrolment.objects.filter(run=run, pk__in=keys).select_related("run", "user"))


@transaction.atomic
def move(run: CourseRun, keys: list[int], group: RunGroup | None, by) -> int:
    """Put people into a group of the run, or into none; all or nobody."""
    staff.check(by, run)
    people = chosen(run, keys)
    for enrolment in people:
        staff.assign(enrolment, group, by)
    return len(people)


@holding.once_more
@transaction.atomic
def decide(run: CourseRun, keys: list[int], outline: dict, data, by) -> int:
    """Give more time in an item, or excuse from it, with a reason that each reads; all or nobody.

    People who have withdrawn or erased the account are left out. Raises `Refused`."""
    staff.check(by, run)
    there = holding.hold(row.user_id for row in chosen(run, keys))
    people = [row for row in chosen(run, keys) if row.state != Enrolment.State.WITHDRAWN]
    people = [row for row in people if row.user_id in there]
    item, reason = data.get("item", ""), data.get("why", "")
    if item not in {entry["key"] for entry in outline["items"]}:
        message = _("Choose the item first.")
        raise Refused(message, code="no_item", fields={"item": message})
    until = until_of(data.get("until", "")) if data.get("action") == "extend" else None
    try:
        for enrolment in people:
            participation = participation_in(enrolment, outline, item)
            if until is not None:
                decisions.extend(participation, until, reason, by)
            else:
                decisions.excuse(participation, reason, by)
    except Refused as refusal:
        fields = {"why" if name == "reason" else name: m for name, m in refusal.fields.items()}
        raise Refused(
            refusal.message, code=refusal.code, status=refusal.status, fields=fields
        ) from refusal
    return len(people)


@holding.once_more
@transaction.atomic
def remove(run: CourseRun, keys: list[int], reason: str, by) -> int:
    """End the enrolments of those who still learn, with a reason that each reads; returns how many."""
    staff.check(by, run)
    staff.reason_of(reason)
    holding.hold(row.user_id for row in chosen(run, keys))
    people = [row for row in chosen(run, keys) if row.state == Enrolment.State.ACTIVE]
    for enrolment in people:
        staff.remove(enrolment, by, reason)
    return len(people)

"""Who has not begun, who is reminded, and everything of a run as a table."""

from django.core.paginator import Paginator
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, override

from activities.core.contract import Download, Outcome, Screen
from activities.core.errors import Refused
from activities.core.models import Event, Participation, PhaseDates
from activities.core.notices import notify, of_item
from activities.core.tables import table

from . import desk as desks
from . import grades, grading, standing
from .enums import Stage
from .notices import NUDGE
from .refusals import unknown_action

STEP = "absent"
TABLE_STEP = "table"
MOST_REMINDED = 2_000

# Whom an instructor may remind, and of what. `None`: those who have not even looked in.
GROUPS = {
    "absent": (None, gettext_lazy("begin your work")),
    "writing": (
        (Stage.NOT_STARTED, Stage.DRAFTING),
        gettext_lazy("finish your work and send it"),
    ),
    "practising": ((Stage.CALIBRATING,), gettext_lazy("practise with the example")),
    "reviewing": ((Stage.REVIEWING,), gettext_lazy("review the work of your peers")),
    "reading": (
        (Stage.RESULTS, Stage.REVISING),
        gettext_lazy("read your results and say what you will change"),
    ),
}
LABELS = {
    "absent": gettext_lazy("have not begun"),
    "writing": gettext_lazy("are writing"),
    "practising": gettext_lazy("are practising"),
    "reviewing": gettext_lazy("owe reviews"),
    "reading": gettext_lazy("have not finished reading their results"),
}


def not_begun(desk):
    """The people of the run who have never opened the item; None where the run is not known."""
    if desk.learners is None:
        return None
    begun = desks.people(desk).values("user")
    return desk.learners.exclude(pk__in=begun)


def of_group(desk, name: str):
    """The ids of the people whom a reminder of that name is for."""
    stages, _what = GROUPS[name]
    if stages is None:
        absent = not_begun(desk)
        return [] if absent is None else absent.order_by("pk").values_list("pk", flat=True)
    return (
        desks.people(desk)
        .filter(data__stage__in=[str(stage) for stage in stages])
        .order_by("pk")
        .values_list("user_id", flat=True)
    )


def counts(desk, stages: dict[str, int]) -> list[dict]:
    """How many each reminder would reach; `stages` are the counts that are known already."""
    found = []
    for name, (wanted, _what) in GROUPS.items():
        if wanted is None:
            absent = not_begun(desk)
            n = 0 if absent is None else absent.count()
        else:
            n = sum(stages.get(str(stage), 0) for stage in wanted)
        if n:
            found.append({"name": name, "label": LABELS[name], "count": n})
    return found


def setup(desk) -> list[dict]:
    """What to look at before a workshop begins: {ready, text}. Two queries."""
    rules = desk.rules
    dated = set(
        PhaseDates.objects.filter(cohort=desk.cohort, item=desk.version.item).values_list(
            "phase", flat=True
        )
    )
    rows = [
        (
            "submission" in dated,
            _("There is a date for sending.")
            if "submission" in dated
            else _("No date for sending: everybody works at their own pace, and nothing is late."),
        )
    ]
    if desk.learners is not None:
        people = desk.learners.count()
        enough = people > rules.reviews_per_learner
        rows.append(
            (
                enough,
                ngettext(
                    "%(count)d person takes part; each reviews %(reviews)d works.",
                    "%(count)d people take part; each reviews %(reviews)d works.",
                    people,
                )
                % {"count": people, "reviews": rules.reviews_per_learner}
                + (
                    ""
                    if enough
                    else " " + _("That is too few: add people, or ask for fewer reviews.")
                ),
            )
        )
    rows.append(
        (bool(rules.examples), _("There is an example to practise with."))
        if rules.examples
        else (False, _("No example to practise with: reviewers begin without having compared."))
    )
    rows.append(
        (True, _("There are sample works for whoever comes first."))
        if rules.seeds
        else (False, _("No sample works: whoever comes first waits for others."))
    )
    return [{"ready": ready, "text": text} for ready, text in rows]


def screen(desk) -> Screen:
    """Those who have not opened the item, by name."""
    absent = not_begun(desk)
    page_obj = None
    if absent is not None:
        query = absent.order_by("last_name", "first_name", "pk").only(
            "first_name", "last_name", "email"
        )
        page_obj = Paginator(query, desks.PER_PAGE).get_page(desk.page)
    context = {
        **desks.base(desk, STEP),
        "page_obj": page_obj,
        "known": absent is not None,
        "rows": [{"name": desks.name_of(user)} for user in page_obj or []],
        "count": page_obj.paginator.count if page_obj else 0,
        "action_url": desk.url(),
    }
    return Screen(f"{desks.TEMPLATES}desk_absent.html", context)


def nudge(desk, data) -> Outcome:
    """Remind a group, each person at most once a day. Raises `Refused` for an unknown one."""
    group = str(data.get("group", ""))
    if group not in GROUPS:
        raise unknown_action()
    people = list(of_group(desk, group)[:MOST_REMINDED])
    if not people:
        raise Refused(_("Nobody is left to be reminded of this."), code="nobody", status=409)
    what = {}
    for language in desk.version.languages:
        with override(language):
            what[language] = str(GROUPS[group][1])
    told = of_item(Participation(item=desk.version.item, version=desk.version))
    told["params"]["what"] = what
    today = timezone.localtime(desk.now).date()
    reached = notify(
        people,
        NUDGE.name,
        key=f"workshop-nudge-{desk.cohort}-{group}-{str(desk.version.item)[:8]}-{today:%Y%m%d}",
        **told,
    )
    Event.objects.create(
        cohort=desk.cohort,
        item=desk.version.item,
        actor=desk.user,
        kind="workshop_desk_nudge",
        payload={"group": group, "people": len(reached)},
    )
    if not reached:
        return Outcome(message=_("Everybody has been reminded today already."))
    return Outcome(
        message=ngettext(
            "%(count)d person was reminded.", "%(count)d people were reminded.", len(reached)
        )
        % {"count": len(reached)}
    )


def export(desk) -> Download:
    """A row for everybody who has begun, read piece by piece."""
    header = [
        *(_("Name"), _("E-mail"), _("Where they are"), _("Sent on"), _("Minutes late")),
        *(_("Reviews received"), _("Reviews given"), _("Reviews to give"), _("Grade of the work")),
        *(_("Set by hand"), _("Grade as a reviewer"), _("Score"), _("Results open since")),
        _("What they will change"),
    ]
    return table(f"workshop-{desk.version.item}", header, export_rows(desk, desk.language))


def export_rows(desk, language: str):
    query = (
        desks.people(desk)
        .select_related("user", "workshop_submission")
        .defer("workshop_submission__values", "workshop_submission__sketch")
        .order_by("user__last_name", "user__first_name", "pk")
    )
    for one in query.iterator(chunk_size=500):
        work = getattr(one, "workshop_submission", None)
        with override(language):
            stage = str(standing.stage_of(one).label)
        yield [
            one.user.get_full_name(),
            one.user.email,
            stage,
            stamp(work.submitted_at if work else None),
            work.late_minutes if work else "",
            work.received if work else 0,
            one.data.get("done", 0),
            one.data.get("required", desk.rules.reviews_per_learner),
            figure(work.grade if work else None),
            figure(work.override if work else None),
            figure(work.reviewer_grade if work else None),
            figure(final(work, desk.rules) if work and work.opened_at else None),
            stamp(work.opened_at if work else None),
            work.plan if work else "",
        ]


def final(work, rules):
    return grading.rounded(
        grading.final(work.grade, work.reviewer_grade, rules.max_submission, rules.max_assessment)
    )


def stamp(at) -> str:
    return timezone.localtime(at).isoformat(timespec="minutes") if at else ""


def figure(value) -> str:
    return "" if value is None else str(value)


def voiceless(data: dict) -> bool:
    return grades.voice(data) == 0

"""What an instructor sees of a workshop in a run, and does there. Instructors see names."""

import re
import uuid
from collections import defaultdict
from decimal import Decimal, InvalidOperation

from django.core.paginator import Paginator
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    Value,
    When,
)
from django.utils.translation import gettext as _

from activities.core import holding, substance
from activities.core.attachments import store
from activities.core.contract import Download, Outcome, Screen
from activities.core.errors import Refused
from activities.core.models import Attachment, Event, Participation
from activities.core.moments import day, moment

from . import acts, allocation, files, forms, grades, notices, similar, standing
from .enums import (
    Anonymity,
    CannotReview,
    LeaseState,
    OpenedBy,
    Reaction,
    ReviewKind,
    Stage,
    SubmissionState,
)
from .models import Review, ReviewLease, SimilarWorks, Submission
from .needs import wide_spread
from .refusals import not_found, unknown_action
from .shown import Shown

PER_PAGE = 50
LEAST_REASON_CHARS = 10
STEP = re.compile(r"work-(\d{1,18})")
FILE = re.compile(r"file-([0-9a-f-]{36})")
TEMPLATES = "activities/workshop/"


def screen(desk, step: str, submitted=None) -> Screen | Download:
    """The instructor's screen of a step, or a file. Raises `Refused` 404 for no such step."""
    match = STEP.fullmatch(step)
    if match is not None:
        return work_screen(desk, match[1], submitted)
    if step == "":
        return overview(desk, submitted)
    if step == "attention":
        return attention(desk, submitted)
    if step == "gallery":
        return gallery_screen(desk)
    if match := FILE.fullmatch(step):
        return file(desk, match[1])
    raise not_found()


def file(desk, key: str) -> Download:
    """A file of somebody of this run, by its author's own name. Raises `Refused` 404."""
    try:
        found = uuid.UUID(key)
    except ValueError:
        raise not_found() from None
    attachment = (
        Attachment.objects.filter(
            key=found, owner__cohort=desk.cohort, owner__item=desk.version.item
        )
        .select_related("stored")
        .first()
    )
    if attachment is None:
        raise not_found()
    return store.deliver(attachment)


def file_rows(desk, held: dict) -> dict:
    return {
        key: [files.row(one, desk.url(f"file-{one.key}")) for one in listed]
        for key, listed in files.of_work(held).items()
    }


def gallery_screen(desk) -> Screen:
    """Works whose authors agreed, those that are shown first."""
    page_obj = Paginator(
        works(desk)
        .filter(shared_at__isnull=False)
        .exclude(state=SubmissionState.WITHDRAWN)
        .select_related("participation__user")
        .order_by(F("featured_at").asc(nulls_last=True), F("grade").desc(nulls_last=True), "pk"),
        PER_PAGE,
    ).get_page(desk.page)
    context = {
        **base(desk, "gallery"),
        "page_obj": page_obj,
        "rows": [
            {
                "name": name_of(work.participation.user),
                "url": desk.url(f"work-{work.participation_id}"),
                "grade": work.grade,
                "featured": work.featured_at is not None,
                "form_url": desk.url(f"work-{work.participation_id}"),
            }
            for work in page_obj
        ],
    }
    return Screen(f"{TEMPLATES}desk_gallery.html", context)


def people(desk):
    return Participation.objects.filter(cohort=desk.cohort, item=desk.version.item)


def name_of(user) -> str:
    return user.get_full_name() or user.get_username()


def works(desk):
    return Submission.objects.filter(cohort=desk.cohort, item=desk.version.item)


def reviews(desk):
    return Review.objects.filter(submission__cohort=desk.cohort, submission__item=desk.version.item)


# -- what needs an instructor -------------------------------------------------------------------


def tasks(desk) -> dict[int, list[str]]:
    """Why each work (by its participation) needs somebody to look at it: three queries."""
    found = defaultdict(list)
    for participation, by in (
        works(desk).filter(needs_instructor=True).values_list("participation_id", "opened_by")
    ):
        found[participation].append(
            _("No peer has reviewed this work.")
            if by == OpenedBy.NO_REVIEW
            else _("Too few peers have reviewed this work.")
        )
    for author, disputed, reaction in (
        reviews(desk)
        .filter(excluded_at__isnull=True)
        .filter(
            Q(disputed_at__isnull=False, dispute_decided_at__isnull=True)
            | Q(reaction__reaction=Reaction.IMPROPER, dispute_decided_at__isnull=True)
        )
        .values_list("author_id", "disputed_at", "reaction__reaction")
    ):
        if disputed:
            found[author].append(_("The author asks you to look at a review again."))
        if reaction == Reaction.IMPROPER:
            found[author].append(_("The author finds a review improper."))
    for author, reason in (
        ReviewLease.objects.filter(
            state=LeaseState.DECLINED,
            decided_at__isnull=True,
            submission__cohort=desk.cohort,
            submission__item=desk.version.item,
        )
        .exclude(submission__reviews__kind=ReviewKind.INSTRUCTOR)
        .values_list("author_id", "reason")
    ):
        label = CannotReview(reason).label if reason in CannotReview.values else reason
        found[author].append(_("A reviewer could not review it: %(reason)s") % {"reason": label})
    for author in (
        similar.waiting(desk.cohort, desk.version.item)
        .values_list("submission__participation_id", flat=True)
        .distinct()
    ):
        found[author].append(_("It has much in common with another work of this run."))
    return found


# -- overview -----------------------------------------------------------------------------------


def overview(desk, submitted=None) -> Screen:
    """Everybody who has begun, those who sent something first. Seven queries."""
    rules = desk.rules
    query = (
        people(desk)
        .select_related("user", "workshop_submission")
        .only(
            "data", "state", "score", "user__first_name", "user__last_name", "user__email",
            "workshop_submission__state", "workshop_submission__submitted_at",
            "workshop_submission__received", "workshop_submission__grade",
            "workshop_submission__needs_instructor", "workshop_submission__override",
        )
        .order_by(
            Case(
                When(workshop_submission__submitted_at__isnull=True, then=Value(1)),
                default=Value(0),
                output_field=IntegerField(),
            ),
            "workshop_submission__submitted_at",
            "pk",
        )
    )  # fmt: skip
    from . import desk_people

    counts = stage_counts(desk)
    page = Paginator(query, PER_PAGE)
    page.count = sum(counts.values())
    page_obj = page.get_page(desk.page)
    rows = list(page_obj.object_list)
    ids = [row.pk for row in rows]
    spread = dict(
        wide_spread(Submission.objects.filter(participation__in=ids)).values_list(
            "participation_id", "spread"
        )
    )
    leases = dict(
        ReviewLease.objects.filter(allocation.live(desk.now), author__in=ids)
        .order_by()
        .values_list("author_id")
        .annotate(n=Count("pk"))
    )
    context = {
        **base(desk, ""),
        "page_obj": page_obj,
        "needed": rules.min_reviews,
        "counts": [
            {"label": Stage(stage).label, "count": count}
            for stage, count in sorted(counts.items(), key=lambda pair: Stage.values.index(pair[0]))
        ],
        "rows": [overview_row(desk, row, spread, leases) for row in rows],
        "required": rules.reviews_per_learner,
        "reminders": desk_people.counts(desk, counts),
        "table_url": desk.url(desk_people.TABLE_STEP),
        "absent_url": desk.url(desk_people.STEP),
        "action_url": desk.url(),
        "setup": [] if begun(counts) else desk_people.setup(desk),
        "few": rules.anonymity != Anonymity.NAMED and 0 < page.count < acts.FEW_PEOPLE,
    }
    if submitted is not None:
        context["error"] = submitted.error
    return Screen(f"{TEMPLATES}desk_overview.html", context)


def begun(counts: dict[str, int]) -> bool:
    """Whether somebody has sent something: then it is too late for the checklist."""
    return bool(counts.keys() - {str(Stage.NOT_STARTED), str(Stage.DRAFTING)})


def stage_counts(desk) -> dict[str, int]:
    found = defaultdict(int)
    for stage, count in people(desk).order_by().values_list("data__stage").annotate(n=Count("pk")):
        found[stage if stage in Stage.values else Stage.NOT_STARTED.value] += count
    return found


def overview_row(desk, participation, spread: dict, leases: dict) -> dict:
    work = getattr(participation, "workshop_submission", None)
    sent = work is not None and work.sent
    apart = spread.get(participation.pk)
    stage = standing.stage_of(participation)
    return {
        "name": name_of(participation.user),
        "url": desk.url(f"work-{participation.pk}") if sent else "",
        "stage": stage.label,
        "waiting": stage == Stage.WAITING,
        "sent": day(work.submitted_at, desk.language) if sent else "",
        "received": work.received if sent else None,
        "done": participation.data.get("done", 0),
        "required": participation.data.get("required", desk.rules.reviews_per_learner),
        "grade": work.grade if sent else None,
        "override": sent and work.override is not None,
        "apart": apart is not None and apart > grades.SPREAD_ALERT,
        "leases": leases.get(participation.pk, 0),
        "needs": sent and work.needs_instructor,
    }


def base(desk, here: str) -> dict:
    """The tabs. One query."""
    alike = similar.waiting(desk.cohort, desk.version.item).filter(submission=OuterRef("pk"))
    needs = works(desk).filter(Q(needs_instructor=True) | Exists(alike)).count()
    more = [("missing", _("Missing reviews"))]
    if desk.rules.examples:
        more.append(("practice", _("Practice")))
    more.append(("gallery", _("Good work")))
    return {
        "shown": Shown(desk),
        "tabs": [
            {"label": _("All works"), "url": desk.url(), "current": here == "", "count": None},
            {
                "label": _("Needs you"),
                "url": desk.url("attention"),
                "current": here == "attention",
                "count": needs or None,
            },
            {
                "label": _("Who reviews whom"),
                "url": desk.url("reviews"),
                "current": here == "reviews",
                "count": None,
            },
            *(
                {"label": label, "url": desk.url(step), "current": here == step, "count": None}
                for step, label in more
            ),
        ],
    }


def attention(desk, submitted=None) -> Screen:
    """Works that wait for the instructor, and why."""
    found = tasks(desk)
    for participation in (
        wide_spread(works(desk))
        .filter(spread__gt=grades.SPREAD_ALERT, override__isnull=True)
        .exclude(reviews__kind=ReviewKind.INSTRUCTOR)
        .values_list("participation_id", flat=True)
    ):
        found[participation].append(_("The reviewers see this work very differently."))
    page_obj = Paginator(
        people(desk)
        .filter(pk__in=list(found))
        .select_related("user", "workshop_submission")
        .order_by("workshop_submission__submitted_at", "pk"),
        PER_PAGE,
    ).get_page(desk.page)
    context = {
        **base(desk, "attention"),
        "page_obj": page_obj,
        "rows": [
            {
                "name": name_of(row.user),
                "url": desk.url(f"work-{row.pk}"),
                "reasons": list(dict.fromkeys(found[row.pk])),
                "sent": day(row.workshop_submission.submitted_at, desk.language),
            }
            for row in page_obj
        ],
        "error": submitted.error if submitted is not None else None,
    }
    return Screen(f"{TEMPLATES}desk_attention.html", context)


# -- one work -----------------------------------------------------------------------------------


def find(desk, participation_id, *, lock: bool = False) -> tuple[Participation, Submission]:
    """A learner of this run and their work. Raises `Refused` 404; with `lock` 409 for an account that
    was erased."""
    query = people(desk).select_related("user", "version").filter(pk=int(participation_id))
    if lock:
        author = list(query.values_list("user", flat=True))
        if author and not holding.hold(author):
            raise holding.erased()
        query = query.select_for_update(of=("self",))
    participation = query.first()
    work = None
    if participation is not None:
        found = Submission.objects.select_for_update() if lock else Submission.objects
        work = found.filter(participation=participation).first()
    if participation is None or work is None or not work.sent:
        raise not_found()
    return participation, work


def declined_rows(work) -> list[dict]:
    """What those said who could not review the work, until somebody has looked at it: [{name, reason,
    text}]. One query."""
    leases = work.leases.filter(state=LeaseState.DECLINED, decided_at__isnull=True)
    return [
        {
            "name": name_of(lease.reviewer.user),
            "reason": lease.get_reason_display(),
            "text": lease.detail,
        }
        for lease in leases.select_related("reviewer__user").order_by("pk")
    ]


def work_screen(desk, participation_id, submitted=None) -> Screen:
    participation, work = find(desk, participation_id)
    rules = desk.rules
    context = base(desk, "work")
    shown = context["shown"]
    peers, mine, instructor = [], None, None
    for review in work.reviews.select_related("reaction", "reviewer__user"):
        if review.kind == ReviewKind.SELF:
            mine = review
        elif review.kind == ReviewKind.INSTRUCTOR:
            instructor = review
        else:
            peers.append(review)
    stored = {}
    if instructor is not None:
        stored = {f"points-{k}": v["points"] for k, v in instructor.scores.items()}
        stored |= {f"comment-{k}": v["comment"] for k, v in instructor.scores.items()}
        stored["overall"] = instructor.overall
    values, errors = stored, {}
    if submitted is not None:
        errors = submitted.error.fields
        if submitted.action == "review":
            values = {name: submitted.data.get(name, "") for name in submitted.data}
    sent = submitted.data if submitted is not None else {}
    standing_grades = [r.grade for r in peers if r.excluded_at is None and r.grade is not None]
    context |= {
        "name": name_of(participation.user),
        "stage": standing.stage_of(participation).label,
        "sent": moment(work.submitted_at, desk.language),
        "version": work.version,
        "work": shown.work(work.values, file_rows(desk, work.files)),
        "late": work.late_minutes,
        "points_off": grades.points_off(rules, work.late_minutes),
        "shared": work.shared_at is not None,
        "featured": work.featured_at is not None,
        "similar": similar_rows(desk, work),
        "plan": work.plan,
        "grade": work.grade,
        "reviewer_grade": work.reviewer_grade,
        "final": standing.final_score(work, rules),
        "received": work.received,
        "needed": rules.min_reviews,
        "opened": work.opened_at is not None,
        "opened_by": work.get_opened_by_display() if work.opened_at else "",
        "opened_on": day(work.opened_at, desk.language) if work.opened_at else "",
        "reasons": tasks_of(desk, participation.pk),
        "declined": declined_rows(work),
        "can_unlock": work.state == SubmissionState.LOCKED
        and work.opened_at is None
        and not peers
        and instructor is None,
        "apart": bool(standing_grades)
        and max(standing_grades) - min(standing_grades) > grades.SPREAD_ALERT,
        "reviews": [
            {
                "id": review.pk,
                "name": name_of(review.reviewer.user)
                if review.reviewer
                else _("A learner whose account was deleted"),
                "at": moment(review.submitted_at, desk.language),
                "grade": review.grade,
                "weight": review.weight,
                "rows": shown.assessment(review.scores),
                "overall": review.overall,
                "excluded": review.excluded_at is not None,
                "excluded_reason": review.excluded_reason,
                "disputed": review.disputed_at is not None,
                "decided": review.dispute_decided_at is not None,
                "dispute_reason": review.dispute_reason,
                "dispute_answer": review.dispute_answer,
                "answer": sent.get("reason", "") if f"reason-{review.pk}" in errors else "",
                "reaction": review.reaction.get_reaction_display()
                if hasattr(review, "reaction")
                else "",
                "reaction_text": review.reaction.text if hasattr(review, "reaction") else "",
                "error": errors.get(f"reason-{review.pk}", ""),
            }
            for review in peers
        ],
        "self_rows": shown.assessment(mine.scores) if mine else [],
        "self_overall": mine.overall if mine else "",
        "reviewed": instructor is not None,
        "rubric": shown.rubric(values, errors),
        "overall": {
            "text": values.get("overall", ""),
            "least": 0,
            "most": forms.MOST_CHARS,
            "count": substance.length(str(values.get("overall", ""))),
            "error": errors.get("overall", ""),
        },
        "override": work.override,
        "override_reason": work.override_reason,
        "override_form": {
            "score": sent.get("score", "") or ("" if work.override is None else work.override),
            "reason": sent.get("reason", "") or work.override_reason,
            "score_error": errors.get("score", ""),
            "reason_error": errors.get("reason", ""),
        },
        "form_url": desk.url(f"work-{participation.pk}"),
        "error": submitted.error if submitted is not None else None,
    }
    return Screen(f"{TEMPLATES}desk_work.html", context)


def similar_rows(desk, work) -> list[dict]:
    """The works that have much in common with this one, either way."""
    rows = []
    for pair in (
        SimilarWorks.objects.filter(Q(submission=work) | Q(other=work))
        .select_related("submission__participation__user", "other__participation__user")
        .order_by("-share", "pk")
    ):
        other = pair.other if pair.submission_id == work.pk else pair.submission
        rows.append(
            {
                "id": pair.pk,
                "name": name_of(other.participation.user),
                "url": desk.url(f"work-{other.participation_id}"),
                "share": pair.share,
                "later": pair.submission_id == work.pk,
                "same_file": pair.same_file,
                "decided": pair.decided_at is not None,
                "note": pair.note,
            }
        )
    return rows


def tasks_of(desk, participation_id: int) -> list[str]:
    return list(dict.fromkeys(tasks(desk).get(participation_id, [])))


# -- what an instructor does --------------------------------------------------------------------


def handle(desk, step: str, action: str, data) -> Outcome:
    """Raises `Refused`. Every act is logged with who did it."""
    match = STEP.fullmatch(step)
    if match is None or action not in ACTIONS:
        raise unknown_action()
    participation, work = find(desk, match[1], lock=True)
    message, payload, open_by = ACTIONS[action](desk, participation, work, data)
    Event.objects.create(
        cohort=desk.cohort,
        item=desk.version.item,
        actor=desk.user,
        kind=f"workshop_desk_{action}",
        payload={"work": work.pk, **payload},
    )
    standing.settle(
        participation, participation.version.rules, desk.now, open_by=open_by, visit=False
    )
    return Outcome(step=step, message=message)


def reason_of(data, name: str = "reason") -> str:
    """The reason that every interference needs. Raises `Refused`."""
    reason = forms.clean(data.get("reason"))[:2000]
    if substance.length(reason) < LEAST_REASON_CHARS:
        message = _("Give a reason of at least %(least)d characters: the learner may read it.") % {
            "least": LEAST_REASON_CHARS
        }
        raise Refused(message, code="no_reason", fields={name: message})
    return reason


def review(desk, participation, work, data):
    """Assess a work with the same criteria; this goes before the peers' reviews."""
    rules = participation.version.rules
    scores, overall = forms.review_of(data, desk.content, rules, reasons=False, least=0)
    Review.objects.update_or_create(
        submission=work,
        kind=ReviewKind.INSTRUCTOR,
        defaults={
            "author": participation,
            "version": work.version,
            "by": desk.user,
            "scores": scores,
            "overall": overall,
            "grade": grades.grade_of_scores(scores, rules),
            "submitted_at": desk.now,
        },
    )
    opens = OpenedBy.INSTRUCTOR if standing.stage_of(participation) == Stage.WAITING else ""
    return _("Your review is saved. It goes before those of peers."), {}, opens


def override(desk, participation, work, data):
    reason = reason_of(data)
    sent = forms.clean(data.get("score")).replace(",", ".")
    try:
        score = Decimal(sent)
    except InvalidOperation:
        score = Decimal(-1)
    if not score.is_finite() or not 0 <= score <= 100:
        message = _("The score must be between 0 and 100.")
        raise Refused(message, code="out_of_range", fields={"score": message})
    old = work.override if work.override is not None else work.grade
    work.override, work.override_reason, work.override_by = score, reason, desk.user
    work.save(update_fields=["override", "override_reason", "override_by"])
    notices.score_set(work, participation, desk.now)
    payload = {"old": None if old is None else str(old), "new": str(score), "reason": reason}
    return _("The score is set, with your reason."), payload, ""


def clear_override(desk, participation, work, data):
    old = work.override
    work.override, work.override_reason, work.override_by = None, "", None
    work.save(update_fields=["override", "override_reason", "override_by"])
    payload = {"old": None if old is None else str(old)}
    return _("The score is computed from the reviews again."), payload, ""


def own_review(work, data) -> Review:
    id = str(data.get("review", ""))
    found = work.reviews.filter(
        pk=int(id) if id.isdigit() and len(id) < 19 else None, kind=ReviewKind.PEER
    ).first()
    if found is None:
        raise not_found()
    return found


def exclude(desk, participation, work, data):
    """Leave a review out; the grade is computed anew. The author still sees that there was one."""
    found = own_review(work, data)
    reason = reason_of(data, f"reason-{found.pk}")
    if found.excluded_at is not None:
        raise decided_already()
    found.excluded_at, found.excluded_reason = desk.now, reason
    found.dispute_decided_at = desk.now
    found.save(update_fields=["excluded_at", "excluded_reason", "dispute_decided_at"])
    notices.dispute_decided(found, participation)
    payload = {"review": found.pk, "reason": reason}
    return _("The review no longer counts. The grade is computed anew."), payload, ""


def stand(desk, participation, work, data):
    """Let a review stand: one that was disputed, or one that was left out. The author of the work
    reads why."""
    found = own_review(work, data)
    if found.excluded_at is None and found.dispute_decided_at is not None:
        raise decided_already()
    asked = found.disputed_at is not None and found.dispute_decided_at is None
    answer = (
        reason_of(data, f"reason-{found.pk}") if asked else forms.clean(data.get("reason"))[:2000]
    )
    found.excluded_at, found.excluded_reason = None, ""
    found.dispute_decided_at, found.dispute_answer = desk.now, answer
    found.save(
        update_fields=["excluded_at", "excluded_reason", "dispute_decided_at", "dispute_answer"]
    )
    notices.dispute_decided(found, participation)
    return _("The review stands."), {"review": found.pk}, ""


def decided_already() -> Refused:
    return Refused(
        _("This has been decided already, perhaps by a colleague. The page is up to date now."),
        code="decided",
        status=409,
    )


def looked_similar(desk, participation, work, data):
    """Done with two works that have much in common, with a note for colleagues."""
    id = str(data.get("pair", ""))
    pair = (
        SimilarWorks.objects.select_for_update(of=("self",))
        .filter(Q(submission=work) | Q(other=work))
        .filter(pk=int(id) if id.isascii() and id.isdigit() and len(id) < 19 else None)
        .first()
    )
    if pair is None:
        raise not_found()
    if pair.decided_at is not None:
        raise decided_already()
    pair.decided_at, pair.decided_by = desk.now, desk.user
    pair.note = forms.clean(data.get("note"))[:2000]
    pair.save(update_fields=["decided_at", "decided_by", "note"])
    return _("Noted."), {"pair": pair.pk, "note": pair.note}, ""


def feature(desk, participation, work, data):
    """Show a work to others, if its author agreed."""
    if work.shared_at is None:
        raise Refused(
            _("Its author has not agreed that others may see this work."),
            code="no_consent",
            status=409,
        )
    work.featured_at = work.featured_at or desk.now
    work.save(update_fields=["featured_at"])
    return _("The work is shown to those who have read their results, without a name."), {}, ""


def unfeature(desk, participation, work, data):
    work.featured_at = None
    work.save(update_fields=["featured_at"])
    return _("The work is shown no longer."), {}, ""


def release(desk, participation, work, data):
    """Open the results now, whatever has come."""
    if work.opened_at is not None:
        raise Refused(_("The results are open already."), code="open", status=409)
    return _("The results are open."), {}, OpenedBy.INSTRUCTOR


def unlock(desk, participation, work, data):
    """Let the author change the work again, while nobody has reviewed it."""
    taken = work.reviews.filter(kind__in=[ReviewKind.PEER, ReviewKind.INSTRUCTOR]).exists()
    if taken or work.opened_at is not None:
        raise Refused(
            _("This work has been reviewed, so it stays as it is."), code="reviewed", status=409
        )
    work.leases.filter(state=LeaseState.HELD).update(state=LeaseState.RELEASED)
    work.state = SubmissionState.SUBMITTED
    work.save(update_fields=["state"])
    return _("The author may change this work again."), {}, ""


def looked_at(desk, participation, work, data):
    """Done with what reviewers said who could not review this work."""
    work.leases.filter(state=LeaseState.DECLINED, decided_at__isnull=True).update(
        decided_at=desk.now
    )
    return _("Noted."), {}, ""


ACTIONS = {
    "review": review,
    "override": override,
    "clear_override": clear_override,
    "exclude": exclude,
    "stand": stand,
    "release": release,
    "unlock": unlock,
    "looked_at": looked_at,
    "looked_similar": looked_similar,
    "feature": feature,
    "unfeature": unfeature,
}

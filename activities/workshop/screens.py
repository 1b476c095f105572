"""What a learner sees. Of others' work only what was given to this learner, and in blind modes
never a name."""

import uuid

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from activities.core.contract import Download, Screen
from activities.core.models import Draft, Participation
from activities.core.moments import day, moment
from activities.core.record import draft_of
from activities.core.substance import length

from . import (
    acts,
    allocation,
    files,
    forms,
    gallery,
    grades,
    grading,
    news,
    publishing,
    schedule,
    standing,
    uploads,
)
from .enums import (
    Anonymity,
    CannotReview,
    LatePolicy,
    LeaseState,
    OpenedBy,
    Reaction,
    ReviewKind,
    Stage,
    SubmissionState,
)
from .models import Review, ReviewLease
from .refusals import not_found
from .shown import Shown

TEMPLATES = "activities/workshop/"
STEPS = ("", "work", "check", "practice", "review", "self", "waiting", "results", "revise")
# Which of the five steps of the stepper a stage belongs to.
STEP_OF = {
    Stage.NOT_STARTED: 1,
    Stage.DRAFTING: 1,
    Stage.SUBMITTED: 1,
    Stage.CALIBRATING: 2,
    Stage.REVIEWING: 3,
    Stage.WAITING: 4,
    Stage.RESULTS: 4,
    Stage.REVISING: 5,
    Stage.DONE: 6,
}


def screen(visit, step: str, submitted=None) -> Screen | Download:
    """The screen of a step, or a file. Raises `Refused` 404 for a step that is not there.

    A step that comes later, or is over, shows where the learner is now: an old link is no error.
    """
    match = acts.REVIEW_STEP.fullmatch(step)
    if match is None and step not in STEPS:
        found = file_at(visit, step)
        if found is not None:
            return found
    if match is not None:
        chosen = review_screen(visit, match[1], submitted)
    elif uploads.STEP.fullmatch(step):
        here = standing.stage_of(visit.participation)
        chosen = uploads.upload_screen(
            visit, step, submitted, base(visit, here, opened=here == Stage.REVISING)
        )
    elif step in STEPS or gallery.STEP.fullmatch(step):
        chosen = choose(visit, step, submitted)
    else:
        raise not_found()
    if submitted is not None:
        chosen.context["error"] = submitted.error
    return chosen


def file_at(visit, step: str) -> Download | None:
    """The file behind a step, if it names one: only what this learner may read."""
    if step == schedule.STEP:
        return schedule.calendar(visit)
    if match := uploads.OWN_FILE.fullmatch(step):
        return uploads.own_file(visit, match[1])
    if match := uploads.LEASED_FILE.fullmatch(step):
        return uploads.leased_file(visit, match[1], match[2])
    if match := gallery.FILE.fullmatch(step):
        return gallery.file(visit, match[1], match[2])
    return None


def choose(visit, step: str, submitted) -> Screen:
    asking = news.opening(visit)
    found = standing.read(visit.participation, visit.rules, visit.now)
    here = found.stage
    if gallery.STEP.fullmatch(step) and found.opened:
        return gallery.screen(visit, step, base(visit, here, opened=True, sent=True))
    if not found.sent:
        if early(visit, "submission") and submitted is None:
            return scheduled_screen(visit, found)
        ready = found.submission is not None and found.submission.state == SubmissionState.DRAFT
        if step == "check" and ready:
            return check_screen(visit, found, submitted)
        return work_screen(visit, found, submitted)
    if step == "work":
        return own_work_screen(visit, found)
    if step == "practice" and found.submission is not None and visit.rules.examples:
        return practice_screen(visit, found, submitted)
    if found.opened and step in ("results", "revise"):
        if step == "revise" and here == Stage.REVISING:
            return revise_screen(visit, found, submitted)
        return results_screen(visit, found, submitted, asking)
    if here == Stage.CALIBRATING:
        return practice_screen(visit, found, submitted)
    if here == Stage.REVIEWING:
        if found.done >= found.required:
            return self_screen(visit, found, submitted)
        return lobby_screen(visit, found)
    if step == "review" and here == Stage.WAITING:
        return lobby_screen(visit, found)
    if here == Stage.WAITING:
        return waiting_screen(visit, found, asking)
    if here == Stage.REVISING:
        return revise_screen(visit, found, submitted)
    return results_screen(visit, found, submitted, asking)


# -- parts --------------------------------------------------------------------------------------


def base(visit, here: Stage, *, opened: bool = False, sent: bool = False) -> dict:
    """What every screen of a workshop holds."""
    rules = visit.rules
    return {
        "shown": Shown(visit),
        "workshop": rules,
        "stage": str(here),
        "stepper": stepper(visit, here, opened),
        "home_url": visit.url(),
        "work_url": visit.url("work") if sent else "",
        "results_url": visit.url("results") if opened else "",
    }


def stepper(visit, here: Stage, opened: bool = False) -> list[dict]:
    rules = visit.rules
    at = STEP_OF[here]
    steps = [
        (1, _("Do the work"), "work", True),
        (2, _("Practise assessing"), "practice", bool(rules.examples)),
        (3, _("Review peers"), "", bool(rules.reviews_per_learner or rules.self_assessment)),
        (4, _("Read the results"), "results" if opened else "", True),
        (5, _("Improve the work"), "", rules.revise_enabled),
    ]
    shown = [one for one in steps if one[3]]
    return [
        {
            "n": n,
            "label": label,
            "done": number < at,
            "current": number == at,
            "url": visit.url(step) if step and (number < at or number == 4) else "",
        }
        for n, (number, label, step, _wanted) in enumerate(shown, start=1)
    ]


def errors_of(submitted, action: str) -> dict:
    return submitted.error.fields if submitted is not None and submitted.action == action else {}


def typed(visit, form: str, action: str, submitted, stored: dict | None = None) -> dict:
    """What a form holds: what was just refused, else the draft, else what is stored."""
    if submitted is not None and submitted.action in (action, "save_draft"):
        return {name: submitted.data.get(name, "") for name in submitted.data}
    if visit.is_preview:
        return stored or {}
    return draft_of(visit.participation, form) or stored or {}


def new_key(submitted, action: str) -> str:
    """A refused form keeps its id: what is sent next is still the same sending."""
    if submitted is not None and submitted.action == action and submitted.error.status == 422:
        return str(forms.key_of(submitted.data))
    return str(uuid.uuid4())


def worksheet_values(source: dict, rules) -> dict:
    return {field.key: source.get(f"field-{field.key}", "") for field in rules.text_fields}


def overall_field(values: dict, errors: dict, least: int) -> dict:
    text = values.get("overall", "")
    return {
        "text": text,
        "least": least,
        "most": forms.MOST_CHARS,
        "count": length(text),
        "error": errors.get("overall", ""),
    }


# -- the own work -------------------------------------------------------------------------------


def work_screen(visit, found, submitted) -> Screen:
    rules, work = visit.rules, found.submission
    stored = {f"field-{key}": text for key, text in (work.values if work else {}).items()}
    values = typed(visit, "worksheet", "check", submitted, stored)
    errors = errors_of(submitted, "check")
    context = base(visit, found.stage)
    held = files.own_rows(visit, files.by_field(visit))
    context |= {
        "fields": context["shown"].worksheet(worksheet_values(values, rules), errors, held),
        "late": late_words(visit),
        "criteria": context["shown"].criteria(),
        "withdrawn": work is not None and work.state == SubmissionState.WITHDRAWN,
        "named": rules.anonymity == Anonymity.NAMED,
        "problems": publishing.problems(visit.content) if visit.is_preview else [],
        "asked": asked(rules),
        "form_url": visit.url("work"),
    }
    return Screen(f"{TEMPLATES}work.html", context)


def asked(rules) -> list[str]:
    """What is asked of a learner from beginning to end."""
    found = [_("Fill in the worksheet from your own work and send it.")]
    if rules.examples:
        found.append(_("Practise assessing with an example."))
    if rules.reviews_per_learner:
        found.append(
            ngettext(
                "Give feedback on the work of %(count)d peer.",
                "Give feedback on the work of %(count)d peers.",
                rules.reviews_per_learner,
            )
            % {"count": rules.reviews_per_learner}
        )
    if rules.self_assessment:
        found.append(_("Assess your own work with the same criteria."))
    found.append(_("Read what others say about your work."))
    if rules.revise_enabled:
        found.append(_("Write what you will change."))
    return found


def late_words(visit) -> str:
    """What being late means now, in words; "" in time."""
    rules, minutes = visit.rules, acts.late_minutes(visit)
    if not minutes:
        return ""
    if rules.late_policy == LatePolicy.REFUSE:
        return _("The date for sending is over. Ask your instructor for more time.")
    if rules.late_policy == LatePolicy.PENALTY:
        return _("Work sent now is late: %(points)d points are taken off its grade.") % {
            "points": grades.points_off(rules, minutes)
        }
    return _("Work sent now is marked as late; its grade stays as it is.")


def early(visit, phase: str) -> bool:
    window = visit.windows.get(phase)
    return window is not None and window.early(visit.now)


def scheduled_screen(visit, found) -> Screen:
    """Before the beginning: what it is about, by which criteria, when, and a calendar to take along."""
    context = base(visit, found.stage)
    context |= {
        "criteria": context["shown"].criteria(),
        "asked": asked(visit.rules),
        "worksheet": context["shown"].worksheet({}, {}),
        "opens": moment(visit.windows["submission"].opens_at, visit.language),
        "rows": schedule.rows(visit),
        "calendar_url": visit.url(schedule.STEP),
    }
    return Screen(f"{TEMPLATES}scheduled.html", context)


def few_people(visit) -> bool:
    """Whether authors may be guessed although nobody names them. One query."""
    if visit.rules.anonymity == Anonymity.NAMED or visit.participation.pk is None:
        return False
    here = Participation.objects.filter(
        cohort=visit.participation.cohort, item=visit.participation.item
    )
    return here[: acts.FEW_PEOPLE].count() < acts.FEW_PEOPLE


def check_screen(visit, found, submitted=None) -> Screen:
    """The work once more, before it is sent."""
    context = base(visit, found.stage)
    work = found.submission
    shown = context["shown"]
    held = files.own_rows(visit, files.by_field(visit))
    context |= {
        "work": shown.work(work.values, held),
        "key": new_key(submitted, "send"),
        "told": [
            {"field": shown.label(key), "word": word} for key, word in acts.names_in(visit, work)
        ],
        "personal": [shown.label(key) for key in acts.personal_in(visit, work)],
        "few": few_people(visit),
        "late": late_words(visit),
        "stays_error": errors_of(submitted, "send").get("stays", ""),
        "form_url": visit.url("check"),
        "edit_url": visit.url("work"),
        "named": visit.rules.anonymity == Anonymity.NAMED,
    }
    return Screen(f"{TEMPLATES}check.html", context)


def own_work_screen(visit, found) -> Screen:
    work = found.submission
    context = base(visit, found.stage, opened=found.opened, sent=True)
    revisions = list(work.revisions.all())
    held, *earlier = files.of_works([work.files, *(one.files for one in revisions)])
    reviewed = found.received or found.instructor_reviewed
    context |= {
        "work": context["shown"].work(work.values, files.own_rows(visit, held)),
        "late": work.late_minutes,
        "version": work.version,
        "sent_on": day(work.submitted_at, visit.language),
        "can_change": work.state == SubmissionState.SUBMITTED and not found.opened,
        "can_withdraw": not reviewed and not found.opened,
        "revisions": [
            {
                "version": revision.version,
                "improved": revision.improved,
                "work": context["shown"].work(revision.values, files.own_rows(visit, attached)),
            }
            for revision, attached in zip(revisions, earlier, strict=True)
        ],
        "form_url": visit.url("work"),
    }
    return Screen(f"{TEMPLATES}own_work.html", context)


# -- practising ---------------------------------------------------------------------------------


def practice_screen(visit, found, submitted) -> Screen:
    """An example beside the criteria; once practised, beside the author's own levels and why."""
    rules = visit.rules
    practice = visit.participation.data.get("practice") or {}
    example = next(
        (e for e in rules.examples if not standing.practice_done(practice.get(e.key, []))), None
    )
    context = base(visit, found.stage, opened=found.opened, sent=True)
    shown = context["shown"]
    last = last_practice(visit)
    if last is not None:
        tried = rules.example(last.seed_key)
        tries = practice.get(last.seed_key, [])
        context["outcome"] = {
            "accuracy": last.accuracy,
            "passed": last.accuracy is not None and last.accuracy >= standing.PASSED_PRACTICE,
            "over": standing.practice_done(tries),
            "rows": shown.compared(last.scores, tried),
            "differ": [
                row["name"] for row in shown.compared(last.scores, tried) if not row["same"]
            ],
            "overall": (visit.content.example(last.seed_key) or tried).overall or tried.overall,
        }
        if standing.practice_done(tries):
            told = visit.content.example(last.seed_key) or tried
            context["outcome"]["work"] = shown.work(told.values or tried.values)
    if example is not None:
        told = visit.content.example(example.key) or example
        values = typed(visit, f"practice-{example.key}", "practise", submitted)
        errors = errors_of(submitted, "practise")
        context |= {
            "example": example,
            "second": bool(practice.get(example.key)),
            "work": shown.work(told.values or example.values),
            "rubric": shown.rubric(values, errors, reasons=False),
            "key": new_key(submitted, "practise"),
            "draft_form": f"practice-{example.key}",
        }
    context["form_url"] = visit.url("practice")
    context["next_url"] = visit.url() if example is None else ""
    return Screen(f"{TEMPLATES}practice.html", context)


def last_practice(visit) -> Review | None:
    return (
        Review.objects.filter(reviewer=visit.participation, kind=ReviewKind.EXAMPLE)
        .order_by("-pk")
        .first()
    )


# -- reviewing ----------------------------------------------------------------------------------


def lobby_screen(visit, found) -> Screen:
    """Between two reviews: take the next one, or go on with the one in hand."""
    lease = allocation.live_lease(visit.participation, visit.now)
    context = base(visit, found.stage, opened=found.opened, sent=True)
    context |= {
        "opens": moment(visit.windows["review"].opens_at, visit.language)
        if early(visit, "review")
        else "",
        "done": found.done,
        "required": found.required,
        "n": found.done + 1,
        "lease_url": visit.url(f"review-{lease.pk}") if lease else "",
        "form_url": visit.url("review"),
        "voluntary": found.stage == Stage.WAITING,
    }
    return Screen(f"{TEMPLATES}lobby.html", context)


def review_screen(visit, lease_id: str, submitted) -> Screen:
    """The work of a peer, or a sample, beside the criteria. Raises `Refused` 404 for a work that
    was not given to this learner."""
    if visit.participation.pk is None:
        raise not_found()
    rules, participation = visit.rules, visit.participation
    lease = (
        ReviewLease.objects.filter(pk=int(lease_id), reviewer=participation)
        .select_related("submission", "author__user")
        .first()
    )
    if lease is None:
        raise not_found()
    form = acts.draft_form(lease)
    draft = Draft.objects.filter(
        seat=participation.seat, item=participation.item, form=form
    ).first()
    live = acts.is_live(lease, visit.now, draft.saved_at if draft else None)
    if live and lease.submission is not None and not lease.submission.sent:
        live = False
    here = standing.stage_of(participation)
    data = participation.data
    context = base(visit, here, sent=True)
    shown = context["shown"]
    required = data.get("required", rules.reviews_per_learner)
    context |= {
        "n": min(data.get("done", 0) + 1, max(1, required)),
        "required": required,
        "extra": data.get("done", 0) >= required,
        "live": live,
        "reviewed": lease.state == LeaseState.DONE,
        "form_url": visit.url(f"review-{lease.pk}"),
        "lobby_url": visit.url("review"),
    }
    if not live and submitted is None:
        return Screen(f"{TEMPLATES}review_over.html", context)
    values = (
        {name: submitted.data.get(name, "") for name in submitted.data}
        if submitted is not None and submitted.action in ("review", "save_draft")
        else draft.data
        if draft
        else {}
    )
    errors = errors_of(submitted, "review")
    seed = rules.seed(lease.seed_key) if lease.submission is None else None
    told = (visit.content.seed(lease.seed_key) or seed) if seed else None
    if not live:
        work = []
    elif seed:
        work = shown.work(told.values or seed.values)
    else:
        held = files.others_rows(
            rules,
            files.of_work(lease.submission.files),
            lambda n: visit.url(f"leased-{lease.pk}-{n}"),
            own_names=files.named(rules),
        )
        work = shown.work(lease.submission.values, held)
    context |= {
        "sample": told.author if seed else "",
        "author": author_name(lease, rules),
        "work": work,
        "rubric": shown.rubric(values, errors),
        "overall": overall_field(values, errors, rules.min_chars_comment),
        "key": new_key(submitted, "review"),
        "draft_form": form,
        "can_decline": seed is None,
        "reasons": CannotReview.choices,
        "reason_error": errors_of(submitted, "cannot").get("reason", ""),
        "expires_on": "" if seed else day(lease.expires_at, visit.language),
        "draft_at": draft.saved_at if draft else None,
    }
    return Screen(f"{TEMPLATES}review.html", context)


def author_name(lease: ReviewLease, rules) -> str:
    """What the reviewer calls the author."""
    if lease.submission is None:
        return ""
    if rules.anonymity in (Anonymity.NAMED, Anonymity.SINGLE_BLIND):
        return lease.author.user.get_full_name() or _("A peer")
    return _("Peer number %(number)d") % {"number": lease.number}


def self_screen(visit, found, submitted) -> Screen:
    context = base(visit, found.stage, opened=found.opened, sent=True)
    shown = context["shown"]
    values = typed(visit, "self", "assess_self", submitted)
    errors = errors_of(submitted, "assess_self")
    context |= {
        "work": shown.work(
            found.submission.values, files.own_rows(visit, files.of_work(found.submission.files))
        ),
        "rubric": shown.rubric(values, errors, reasons=False),
        "key": new_key(submitted, "assess_self"),
        "form_url": visit.url("self"),
        "samples": samples(visit, shown),
    }
    return Screen(f"{TEMPLATES}self.html", context)


def samples(visit, shown: Shown) -> list[dict]:
    """The samples that this learner has reviewed, beside what the author of the course says."""
    rows = []
    for review in Review.objects.filter(
        reviewer=visit.participation, kind=ReviewKind.PEER, submission__isnull=True
    ):
        seed = visit.rules.seed(review.seed_key)
        if seed is None:
            continue
        told = visit.content.seed(seed.key) or seed
        rows.append(
            {
                "author": told.author,
                "accuracy": review.accuracy,
                "rows": shown.compared(review.scores, seed),
                "comment": told.comment or seed.comment,
                "own": review.overall,
            }
        )
    return rows


# -- waiting and results ------------------------------------------------------------------------


def waiting_screen(visit, found, asking=None) -> Screen:
    first, last = standing.dates(found.submission, visit.rules)
    context = base(visit, found.stage, sent=True)
    until = first if found.received else last
    context |= {
        "received": found.received,
        "needed": visit.rules.min_reviews,
        "until": day(until, visit.language),
        "first": day(first, visit.language),
        "short_work": found.done < visit.rules.reviews_per_learner,
        "help_url": visit.url("review") if more_to_review(visit) else "",
        "samples": samples(visit, context["shown"]),
        "live": news.bar(visit, asking, "waiting"),
    }
    return Screen(f"{TEMPLATES}waiting.html", context)


def more_to_review(visit) -> bool:
    """Whether a peer's work is still short of reviews, so that one may help."""
    if allocation.live_lease(visit.participation, visit.now) is not None:
        return True
    return (
        allocation.candidates(visit.participation, visit.now)
        .filter(load__lt=visit.rules.min_reviews, opened_at__isnull=True)
        .exists()
    )


def results_screen(visit, found, submitted, asking=None) -> Screen:
    rules, work = visit.rules, found.submission
    context = base(visit, found.stage, opened=True, sent=True)
    shown = context["shown"]
    peers, mine, instructor = [], None, None
    for review in (
        Review.objects.filter(submission=work)
        .select_related("reaction", "reviewer__user")
        .order_by("submitted_at", "pk")
    ):
        if review.kind == ReviewKind.SELF:
            mine = review
        elif review.kind == ReviewKind.INSTRUCTOR:
            instructor = review
        else:
            peers.append(review)
    counted = [review for review in peers if review.excluded_at is None]
    final = standing.final_score(work, rules)
    context |= {
        "received": len(counted),
        "grade": work.grade,
        "reviewer_grade": work.reviewer_grade,
        "final": final,
        "opened_by": work.opened_by,
        "alone": not counted and instructor is None,
        "no_review": work.opened_by == OpenedBy.NO_REVIEW,
        "override": work.override is not None,
        "override_reason": work.override_reason,
        "summary": summary(shown, counted, mine, instructor),
        "self_overall": mine.overall if mine else "",
        "instructor": review_row(shown, instructor, 0, rules) if instructor else None,
        "reviews": [
            review_row(shown, review, n, rules, submitted)
            for n, review in enumerate(peers, start=1)
        ],
        "can_dispute": not any(review.disputed_at for review in peers),
        "samples": samples(visit, shown),
        "reactions": Reaction.choices,
        "own_work": shown.work(work.values, files.own_rows(visit, files.of_work(work.files))),
        "late": grades.points_off(rules, work.late_minutes)
        if rules.late_policy == LatePolicy.PENALTY and work.override is None
        else 0,
        "shared": work.shared_at is not None,
        "featured": work.featured_at is not None,
        "gallery_url": visit.url("gallery") if gallery.has_works(visit) else "",
        "acknowledged": work.acknowledged_at is not None,
        "can_acknowledge": found.stage == Stage.RESULTS,
        "owes": not found.duty_done or not found.practised,
        "done": found.stage == Stage.DONE,
        "form_url": visit.url("results"),
        "plan": work.plan,
        "versions": versions(visit, shown, work) if work.planned_at else None,
        "revise_asked": rules.revise_enabled,
        "live": news.bar(visit, asking, "results", results=True)
        if expects(peers, instructor, final)
        else {},
    }
    return Screen(f"{TEMPLATES}results.html", context)


def expects(peers: list[Review], instructor: Review | None, final) -> bool:
    """Whether the results still wait for somebody: a first assessment, a score, an answer."""
    counted = any(review.excluded_at is None for review in peers)
    asked = any(review.disputed_at and not review.dispute_decided_at for review in peers)
    return asked or final is None or not (counted or instructor)


def review_row(shown: Shown, review: Review, n: int, rules, submitted=None) -> dict:
    name = _("Reviewer %(n)d") % {"n": n} if n else _("Your instructor")
    if n and rules.anonymity == Anonymity.NAMED and review.reviewer is not None:
        name = review.reviewer.user.get_full_name() or name
    reaction = getattr(review, "reaction", None)
    fields = submitted.error.fields if submitted is not None else {}
    return {
        "id": review.pk,
        "name": name,
        "grade": review.grade,
        "rows": shown.assessment(review.scores),
        "overall": review.overall,
        "excluded": review.excluded_at is not None,
        "answer": review.dispute_answer or review.excluded_reason,
        "reaction": reaction.reaction if reaction else "",
        "reaction_label": reaction.get_reaction_display() if reaction else "",
        "disputed": review.disputed_at is not None,
        "decided": review.dispute_decided_at is not None,
        "voiceless": review.weight == 0,
        "error": fields.get(f"review-{review.pk}", ""),
        "dispute_error": fields.get(f"dispute-{review.pk}", ""),
        "dispute_text": submitted.data.get("dispute", "")
        if f"dispute-{review.pk}" in fields
        else "",
    }


def summary(shown: Shown, peers: list[Review], mine, instructor) -> list[dict]:
    """Each criterion: the peers' median, the own assessment, the instructor's."""
    rows = []
    for row in shown.criteria():
        key = row["key"]
        given = [
            review.scores[key]["points"]
            for review in peers
            if review.weight and key in review.scores
        ]
        own = mine.scores.get(key, {}).get("points") if mine else None
        middle = grading.median(given)
        rows.append(
            {
                "name": row["title"],
                "most": row["most"],
                "peers": None if middle is None else grading.rounded(middle).normalize(),
                "self": own,
                "self_level": shown.level(key, own),
                "instructor": instructor.scores.get(key, {}).get("points") if instructor else None,
                "gap": compare(own, middle),
            }
        )
    return rows


def compare(own, middle) -> str:
    """The own assessment beside the peers', in words."""
    if own is None or middle is None:
        return ""
    if own == middle:
        return _("the same as your peers")
    return _("higher than your peers") if own > middle else _("lower than your peers")


def versions(visit, shown: Shown, work) -> dict | None:
    """The work before and after, field by field."""
    improved = work.revisions.filter(improved=True).last()
    if improved is None:
        return None
    return {
        "rows": [
            {"label": before["label"], "before": before, "after": after}
            for before, after in zip(
                *(
                    shown.work(one.values, files.own_rows(visit, files.of_work(one.files)))
                    for one in (work, improved)
                ),
                strict=True,
            )
        ]
    }


def revise_screen(visit, found, submitted) -> Screen:
    rules, work = visit.rules, found.submission
    context = base(visit, found.stage, opened=True, sent=True)
    stored = {f"field-{key}": text for key, text in work.values.items()}
    values = typed(visit, "plan", "plan", submitted) or stored
    errors = errors_of(submitted, "plan")
    filled = {**stored, **{k: v for k, v in values.items() if k.startswith("field-")}}
    text = values.get("plan", "")
    held = files.own_rows(visit, files.by_field(visit, improved=True))
    context |= {
        "plan": {
            "text": text,
            "least": acts.LEAST_PLAN_CHARS,
            "most": forms.MOST_CHARS,
            "count": length(text),
            "error": errors.get("plan", ""),
        },
        "fields": context["shown"].worksheet(worksheet_values(filled, rules), errors, held),
        "open_fields": filled != stored or any(held.values()),
        "share": values.get("share", ""),
        "key": new_key(submitted, "plan"),
        "form_url": visit.url("revise"),
        "feedback": [
            review.overall
            for review in Review.objects.filter(
                submission=work,
                kind__in=[ReviewKind.PEER, ReviewKind.INSTRUCTOR],
                excluded_at__isnull=True,
            )
            if review.overall
        ],
    }
    return Screen(f"{TEMPLATES}revise.html", context)

"""What learners do in a workshop, and what follows from it.

Each function gets the visit (its participation is locked) and the form; it raises `Refused` for what
cannot be accepted. A form that is sent twice, with the same key, has its effect once.
"""

import re

from django.db import transaction
from django.utils.translation import gettext as _

from activities.core import identity, personal, substance
from activities.core.attachments import store
from activities.core.contract import Outcome
from activities.core.enums import State
from activities.core.errors import Refused
from activities.core.models import Draft, Event
from activities.core.moments import moment
from activities.core.record import drop_draft, note, record, save_draft

from . import allocation, files, forms, grades, similar, standing
from .enums import (
    Anonymity,
    CannotReview,
    LatePolicy,
    LeaseState,
    Reaction,
    ReviewKind,
    Stage,
    SubmissionState,
)
from .models import Review, ReviewLease, ReviewReaction, Submission, SubmissionRevision
from .refusals import conflict, not_found, sent_already, unknown_action
from .tasks import look_for_similar

# With fewer people in a run, authors can be guessed although nobody names them.
FEW_PEOPLE = 5
MOST_DECLINED = 3
LEAST_PLAN_CHARS = 80
LEAST_DISPUTE_CHARS = 20
REVIEW_STEP = re.compile(r"review-(\d{1,18})")


def repeated(visit, key) -> bool:
    """Whether this very form has had its effect already."""
    return Event.objects.filter(
        key=key, actor=visit.user, cohort=visit.participation.cohort, item=visit.participation.item
    ).exists()


def settle(visit) -> standing.Standing:
    return standing.settle(visit.participation, visit.rules, visit.now)


def locked_work(visit) -> Submission | None:
    return Submission.objects.select_for_update().filter(participation=visit.participation).first()


# -- the own work -------------------------------------------------------------------------------


def check(visit, step, data) -> Outcome:
    """Keep the worksheet and show it once more before it is sent."""
    participation, rules = visit.participation, visit.rules
    work = locked_work(visit)
    if work is not None and work.sent:
        raise sent_already()
    values = forms.worksheet_of(data, rules)
    attached = files.by_field(visit)
    forms.check_worksheet(values, visit.content, rules, files.check(attached, visit.content, rules))
    if work is None:
        work = Submission(
            participation=participation, cohort=participation.cohort, item=participation.item
        )
    work.values, work.files = values, files.ids(attached)
    work.state = SubmissionState.DRAFT
    work.save()
    drop_draft(participation, "worksheet")
    settle(visit)
    return Outcome(step="check")


def keep(visit, step, data) -> Outcome:
    """Save a half-filled form, for browsers that do not do it by themselves."""
    form = str(data.get("draft_form", ""))[:60]
    if not form:
        raise unknown_action()
    fields = {
        name: data.get(name)
        for name in data
        if name.startswith(("field-", "points-", "comment-")) or name in ("overall", "plan")
    }
    save_draft(visit.participation, form, fields)
    match = REVIEW_STEP.fullmatch(step)
    if match is not None:
        renew(held_lease(visit, match[1]), visit)
    started(visit)
    return Outcome(step=step, message=_("Your draft is saved."))


def started(visit) -> None:
    if stage(visit) == Stage.NOT_STARTED:
        visit.participation.data = {**visit.participation.data, "stage": str(Stage.DRAFTING)}
        record(visit.participation, state=State.IN_PROGRESS, progress=5, now=visit.now)


def send(visit, step, data) -> Outcome:
    """Hand the work in: from now on others may be given it."""
    key = forms.key_of(data)
    done = Outcome(
        message=_(
            "Your work has been sent. Until somebody has begun to review it, you may still change it."
        )
    )
    if repeated(visit, key):
        return done
    work = locked_work(visit)
    if work is not None and work.sent:
        raise sent_already()
    if work is None or work.state != SubmissionState.DRAFT:
        raise conflict(_("Fill in the worksheet and check it before you send it."), "not_checked")
    attached = files.by_field(visit)
    forms.check_worksheet(
        work.values, visit.content, visit.rules, files.check(attached, visit.content, visit.rules)
    )
    check_names(visit, work, data)
    late = late_minutes(visit)
    if late and visit.rules.late_policy == LatePolicy.REFUSE:
        raise conflict(
            _("The date for sending was %(when)s. What you wrote is kept; ask for more time.")
            % {"when": moment(visit.windows["submission"].due_at, visit.language)},
            "too_late",
        )
    work.state = SubmissionState.SUBMITTED
    work.version += 1
    work.submitted_at, work.late_minutes = visit.now, late
    work.files = files.ids(attached)
    work.sketch = similar.sketch(work.values, visit.rules)
    work.save()
    note(visit.participation, "workshop_sent", {"version": work.version}, key=key)
    settle(visit)
    id, now = work.pk, visit.now
    transaction.on_commit(lambda: look_for_similar.delay(id), robust=True)
    transaction.on_commit(lambda: standing.after_sending(id, now), robust=True)
    return done


def late_minutes(visit) -> int:
    """How many minutes after its date work is sent now, begun minutes counting; 0 in time. At the
    date itself one is late already: an instant belongs to the later phase."""
    window = visit.windows.get("submission")
    if window is None or not window.late(visit.now):
        return 0
    return max(1, -(-int((visit.now - window.due_at).total_seconds()) // 60))


def names_in(visit, work: Submission) -> list[tuple[str, str]]:
    """(field's key, word) where a work that is read without names tells who its author is."""
    if visit.rules.anonymity != Anonymity.DOUBLE_BLIND:
        return []
    return identity.told_by(work.values, visit.user)


def personal_in(visit, work: Submission) -> list[str]:
    """The keys of the fields that seem to hold an identification or telephone number."""
    return [key for key, text in work.values.items() if personal.seems_personal(text)]


def check_names(visit, work: Submission, data) -> None:
    """Ask to take the own name or agency out, unless the author says that it has to stay."""
    found = names_in(visit, work)
    if not found or data.get("stays"):
        return
    message = _(
        "“%(word)s” in “%(field)s” tells reviewers who you are. Take it out, or confirm below that "
        "it has to stay."
    ) % {
        "word": found[0][1],
        "field": (visit.content.field(found[0][0]) or visit.rules.field(found[0][0])).label,
    }
    raise Refused(message, code="names_found", fields={"stays": message})


def take_back(visit, step, data) -> Outcome:
    """Change the work once more, while nobody has begun to review it."""
    work = locked_work(visit)
    if work is None or work.state != SubmissionState.SUBMITTED or work.opened_at is not None:
        raise conflict(
            _("Somebody has begun to review your work, so it can no longer be changed."), "leased"
        )
    archive(work, visit.now)
    work.state = SubmissionState.DRAFT
    work.save()
    note(visit.participation, "workshop_taken_back", {"version": work.version})
    settle(visit)
    return Outcome(step="work", message=_("Change what you like, then send your work again."))


def withdraw(visit, step, data) -> Outcome:
    """Take the work away from everybody, while nobody has reviewed it. Leases are given back."""
    work = locked_work(visit)
    if work is None or not work.sent or work.opened_at is not None:
        raise conflict(_("There is no work of yours that could be withdrawn."), "nothing_sent")
    if work.reviews.filter(kind__in=[ReviewKind.PEER, ReviewKind.INSTRUCTOR]).exists():
        raise conflict(
            _("Your work has been reviewed already, so it can no longer be withdrawn."), "reviewed"
        )
    archive(work, visit.now)
    work.leases.filter(state=LeaseState.HELD).update(state=LeaseState.RELEASED)
    work.state = SubmissionState.WITHDRAWN
    work.save()
    note(visit.participation, "workshop_withdrawn", {"version": work.version})
    settle(visit)
    return Outcome(
        step="work", message=_("Your work is withdrawn. Send it again when it is ready.")
    )


def archive(work: Submission, now) -> None:
    SubmissionRevision.objects.update_or_create(
        submission=work,
        version=work.version,
        defaults={"values": work.values, "files": work.files, "created_at": now},
    )


# -- practising ---------------------------------------------------------------------------------


def practise(visit, step, data) -> Outcome:
    """Assess an example; the answer is the author's own assessment and how close one came."""
    rules, participation = visit.rules, visit.participation
    key = forms.key_of(data)
    if repeated(visit, key):
        return Outcome(step="practice")
    example = rules.example(str(data.get("example", "")))
    if example is None:
        raise not_found()
    practice = dict(participation.data.get("practice") or {})
    tries = list(practice.get(example.key, []))
    if stage(visit) != Stage.CALIBRATING or standing.practice_done(tries):
        raise conflict(_("You have practised with this example already."), "practised")
    scores, overall = forms.review_of(data, visit.content, rules, reasons=False, least=0)
    accuracy = grades.accuracy_against(scores, example.reference, rules)
    Review.objects.create(
        key=key,
        kind=ReviewKind.EXAMPLE,
        seed_key=example.key,
        reviewer=participation,
        scores=scores,
        overall=overall,
        grade=grades.grade_of_scores(scores, rules),
        accuracy=accuracy,
        submitted_at=visit.now,
    )
    tries.append(str(accuracy if accuracy is not None else 100))
    practice[example.key] = tries
    participation.data = {**participation.data, "practice": practice}
    participation.save(update_fields=["data"])
    note(participation, "workshop_practised", {"example": example.key}, key=key)
    drop_draft(participation, f"practice-{example.key}")
    settle(visit)
    return Outcome(step="practice", anchor="outcome")


# -- reviewing others ---------------------------------------------------------------------------


def stage(visit) -> Stage:
    return standing.stage_of(visit.participation)


def take(visit, step, data) -> Outcome:
    """Take the next work to review."""
    here = stage(visit)
    if here not in (Stage.REVIEWING, Stage.WAITING, Stage.RESULTS, Stage.REVISING, Stage.DONE):
        raise conflict(
            _("Send your own work and practise first, then review others'."), "too_early"
        )
    found = standing.read(visit.participation, visit.rules, visit.now)
    voluntary = here != Stage.REVIEWING or found.done >= found.required
    lease = allocation.take(visit.participation, visit.rules, visit.now, voluntary=voluntary)
    if lease is None:
        settle(visit)
        return Outcome(message=_("There is no work to review at the moment."))
    note(visit.participation, "workshop_leased", {"lease": lease.pk})
    return Outcome(step=f"review-{lease.pk}")


def held_lease(visit, lease_id) -> ReviewLease:
    """A lease of this learner. Raises `Refused`: 404 for somebody else's."""
    lease = (
        ReviewLease.objects.select_for_update(of=("self",))
        .select_related("submission")
        .filter(pk=int(lease_id), reviewer=visit.participation)
        .first()
    )
    if lease is None:
        raise not_found()
    return lease


def lease_of(visit, lease_id) -> ReviewLease:
    """The same to be read, without holding it. Raises `Refused` 404."""
    lease = (
        ReviewLease.objects.select_related("submission", "author__user")
        .filter(pk=int(lease_id), reviewer=visit.participation)
        .first()
        if visit.participation.pk is not None
        else None
    )
    if lease is None:
        raise not_found()
    return lease


def readable(visit, lease: ReviewLease) -> bool:
    """Whether the learner may read the work now: while it is theirs to review."""
    return is_live(lease, visit.now, drafted_at(visit, lease)) and (
        lease.submission is None or lease.submission.sent
    )


def draft_form(lease: ReviewLease) -> str:
    """The draft belongs to the lease, which is the same when its work is taken once more. Nothing
    in it tells two reviewers that they have the same work."""
    return f"review-{lease.pk}"


def is_live(lease: ReviewLease, now, drafted_at=None) -> bool:
    """Whether the work is still this learner's to review. Typing keeps it: a draft that was saved
    in time is worth another day. Samples wait for ever."""
    if lease.state != LeaseState.HELD:
        return False
    if lease.submission_id is None or lease.expires_at > now:
        return True
    return drafted_at is not None and (
        lease.leased_at <= drafted_at <= lease.expires_at and drafted_at + allocation.LEASE > now
    )


def drafted_at(visit, lease: ReviewLease):
    return (
        Draft.objects.filter(
            seat=visit.participation.seat, item=visit.participation.item, form=draft_form(lease)
        )
        .values_list("saved_at", flat=True)
        .first()
    )


def renew(lease: ReviewLease, visit) -> None:
    """A day from now for whoever is at work, or longer where the instructor gave longer."""
    if lease.state == LeaseState.HELD and lease.expires_at > visit.now:
        lease.expires_at = max(lease.expires_at, visit.now + allocation.LEASE)
        lease.save(update_fields=["expires_at"])


def handed_over() -> Refused:
    return conflict(
        _("This work has been passed on to somebody else. Your draft is kept."), "lease_over"
    )


def review(visit, step, data) -> Outcome:
    """Send the review of a work that this learner has in hand."""
    match = REVIEW_STEP.fullmatch(step)
    if match is None:
        raise not_found()
    rules, participation = visit.rules, visit.participation
    lease = held_lease(visit, match[1])
    key = forms.key_of(data)
    if repeated(visit, key):
        return reviewed(visit)
    if lease.state == LeaseState.DONE:
        raise conflict(_("You have sent your review of this work already."), "reviewed")
    work = lease.submission
    if work is not None and work.participation_id == participation.pk:
        raise handed_over()
    if work is not None and not work.sent:
        raise conflict(
            _("The author has withdrawn this work. Your draft is kept; take another one."),
            "withdrawn",
        )
    if not is_live(lease, visit.now, drafted_at(visit, lease)):
        raise handed_over()
    seed = rules.seed(lease.seed_key) if work is None else None
    values = work.values if work is not None else seed.values if seed else {}
    scores, overall = forms.review_of(
        data, visit.content, rules, [*own_feedback(participation), *values.values()]
    )
    with_reference = seed is not None and bool(seed.reference)
    Review.objects.create(
        key=key,
        kind=ReviewKind.PEER,
        submission=work,
        author_id=work.participation_id if work is not None else None,
        seed_key=lease.seed_key,
        version=work.version if work is not None else 0,
        reviewer=participation,
        scores=scores,
        overall=overall,
        weight=grades.voice(participation.data),
        grade=grades.grade_of_scores(scores, rules),
        accuracy=grades.accuracy_against(scores, seed.reference, rules) if with_reference else None,
        submitted_at=visit.now,
    )
    lease.state = LeaseState.DONE
    lease.save(update_fields=["state"])
    note(participation, "workshop_reviewed", {"lease": lease.pk}, key=key)
    drop_draft(participation, draft_form(lease))
    settle(visit)
    if work is not None:
        id, now = work.pk, visit.now
        transaction.on_commit(lambda: standing.after_review(id, now), robust=True)
    return reviewed(visit)


def reviewed(visit) -> Outcome:
    data = visit.participation.data
    left = max(0, data.get("required", 0) - data.get("done", 0))
    if left:
        return Outcome(
            step="review",
            message=_("Thank you. %(done)d of %(required)d reviews are done.")
            % {"done": data["done"], "required": data["required"]},
        )
    return Outcome(message=_("Thank you. You have given all the reviews that are asked for."))


def own_feedback(participation) -> list[str]:
    return list(
        Review.objects.filter(reviewer=participation, kind=ReviewKind.PEER).values_list(
            "overall", flat=True
        )
    )


def cannot(visit, step, data) -> Outcome:
    """Say that a work cannot be reviewed: the duty moves to another one."""
    match = REVIEW_STEP.fullmatch(step)
    if match is None:
        raise not_found()
    lease = held_lease(visit, match[1])
    if lease.state == LeaseState.DECLINED:
        return Outcome(step="review")
    if not is_live(lease, visit.now, drafted_at(visit, lease)):
        raise handed_over()
    if lease.submission_id is None:
        raise Refused(
            _("A sample can always be reviewed. Ask your instructor if you cannot."), code="sample"
        )
    reason = data.get("reason", "")
    if reason not in CannotReview.values:
        message = _("Choose why you cannot review this work.")
        raise Refused(message, code="no_reason", fields={"reason": message})
    declined = ReviewLease.objects.filter(
        reviewer=visit.participation, state=LeaseState.DECLINED
    ).count()
    if declined >= MOST_DECLINED:
        raise conflict(
            _("You have passed on several works already. Please ask your instructor for help."),
            "declined_often",
        )
    lease.state, lease.reason = LeaseState.DECLINED, reason
    lease.detail = forms.clean(data.get("detail"))[:2000]
    lease.save(update_fields=["state", "reason", "detail"])
    note(visit.participation, "workshop_declined", {"lease": lease.pk, "reason": reason})
    settle(visit)
    return Outcome(
        step="review",
        message=_("Thank you for telling us. The instructor will look at this work; take another."),
    )


def assess_self(visit, step, data) -> Outcome:
    """Assess the own work with the criteria that others use."""
    key = forms.key_of(data)
    done = Outcome(message=_("Your self-assessment is saved."))
    if repeated(visit, key):
        return done
    work = locked_work(visit)
    if work is None or not work.sent or not visit.rules.self_assessment:
        raise conflict(_("Send your own work first."), "too_early")
    if work.reviews.filter(kind=ReviewKind.SELF).exists():
        raise conflict(_("You have assessed your own work already."), "assessed")
    scores, overall = forms.review_of(data, visit.content, visit.rules, reasons=False, least=0)
    Review.objects.create(
        key=key,
        kind=ReviewKind.SELF,
        submission=work,
        author=visit.participation,
        reviewer=visit.participation,
        version=work.version,
        scores=scores,
        overall=overall,
        grade=grades.grade_of_scores(scores, visit.rules),
        submitted_at=visit.now,
    )
    note(visit.participation, "workshop_self_assessed", key=key)
    drop_draft(visit.participation, "self")
    settle(visit)
    return done


# -- results ------------------------------------------------------------------------------------


def opened_work(visit) -> Submission:
    work = locked_work(visit)
    if work is None or work.opened_at is None:
        raise conflict(_("Your results are not open yet."), "not_open")
    return work


def own_review(work: Submission, data) -> Review:
    """A review of this work, by the id in the form. Raises `Refused` 404."""
    id = str(data.get("review", ""))
    found = work.reviews.filter(
        pk=int(id) if id.isdigit() and len(id) < 19 else None,
        kind__in=[ReviewKind.PEER, ReviewKind.INSTRUCTOR],
    ).first()
    if found is None:
        raise not_found()
    return found


def react(visit, step, data) -> Outcome:
    review = own_review(opened_work(visit), data)
    reaction = data.get("reaction", "")
    if reaction not in Reaction.values:
        message = _("Choose what you think of this review.")
        raise Refused(message, code="no_reaction", fields={f"review-{review.pk}": message})
    ReviewReaction.objects.update_or_create(
        review=review,
        defaults={
            "reaction": reaction,
            "text": forms.clean(data.get("text"))[:2000],
            "created_at": visit.now,
        },
    )
    return Outcome(
        step="results", anchor=f"review-{review.pk}", message=_("Thank you for your answer.")
    )


def dispute(visit, step, data) -> Outcome:
    """Ask the instructor to look at one review again."""
    work = opened_work(visit)
    review = own_review(work, data)
    if review.kind == ReviewKind.INSTRUCTOR:
        raise conflict(_("This is your instructor's review. Please talk to them."), "instructor")
    other = work.reviews.filter(disputed_at__isnull=False).first()
    if other is not None:
        if other == review:
            return Outcome(step="results", anchor=f"review-{review.pk}")
        raise conflict(_("You have asked about another review already."), "disputed")
    reason = forms.clean(data.get("dispute"))[:2000]
    if substance.length(reason) < LEAST_DISPUTE_CHARS:
        message = _("Say what is wrong with this review: at least %(least)d characters.") % {
            "least": LEAST_DISPUTE_CHARS
        }
        raise Refused(message, code="no_reason", fields={f"dispute-{review.pk}": message})
    review.disputed_at, review.dispute_reason = visit.now, reason
    review.save(update_fields=["disputed_at", "dispute_reason"])
    note(visit.participation, "workshop_disputed", {"review": review.pk})
    return Outcome(
        step="results",
        anchor=f"review-{review.pk}",
        message=_("The instructor will look at this review."),
    )


def acknowledge(visit, step, data) -> Outcome:
    work = opened_work(visit)
    if work.acknowledged_at is None:
        if stage(visit) != Stage.RESULTS:
            raise conflict(
                _("First give the reviews that you still owe. Your results stay here."), "duty"
            )
        work.acknowledged_at = visit.now
        work.save(update_fields=["acknowledged_at"])
        note(visit.participation, "workshop_results_read")
        settle(visit)
    if stage(visit) == Stage.REVISING:
        return Outcome(step="revise")
    return Outcome(message=_("You have completed the workshop."))


def plan(visit, step, data) -> Outcome:
    """Say what to improve, and if one likes improve it: the new version stands beside the old."""
    key = forms.key_of(data)
    done = Outcome(message=_("You have completed the workshop."))
    if repeated(visit, key):
        return done
    work = opened_work(visit)
    if stage(visit) != Stage.REVISING:
        raise conflict(_("Read your results first."), "too_early")
    text = forms.clean(data.get("plan"))
    now = substance.length(text)
    wrong = {}
    if now < LEAST_PLAN_CHARS:
        wrong["plan"] = _(
            "Write at least %(least)d characters about what you will change (now %(now)d)."
        ) % {"least": LEAST_PLAN_CHARS, "now": now}
    elif len(text) > forms.MOST_CHARS:
        wrong["plan"] = forms.too_long(text)
    values = forms.worksheet_of(data, visit.rules)
    attached = files.by_field(visit, improved=True)
    improved = any(values.values()) and values != work.values
    if improved:
        try:
            forms.check_worksheet(values, visit.content, visit.rules)
        except Refused as error:
            wrong |= error.fields
    for name, listed in attached.items():
        if lacking := store.lacking(listed):
            wrong[f"field-{name}"] = store.undescribed(lacking[0])
    if wrong:
        raise forms.refuse(wrong, "plan")
    if improved or any(attached.values()):
        improved = True
        SubmissionRevision.objects.create(
            submission=work,
            version=work.version + 1,
            values=values if any(values.values()) else work.values,
            files={**work.files, **files.ids(attached)},
            improved=True,
            created_at=visit.now,
        )
    work.plan, work.planned_at = text, visit.now
    work.shared_at = visit.now if data.get("share") else work.shared_at
    work.save(update_fields=["plan", "planned_at", "shared_at"])
    note(visit.participation, "workshop_planned", {"improved": improved}, key=key)
    drop_draft(visit.participation, "plan")
    settle(visit)
    return done


def share(visit, step, data) -> Outcome:
    """Agree that others may see the work without a name, or take that back: it is gone at once."""
    work = opened_work(visit)
    if data.get("share"):
        work.shared_at = work.shared_at or visit.now
        message = _("Thank you. Your instructor may show your work to others, without your name.")
    else:
        work.shared_at = work.featured_at = None
        message = _("Your work is shown to nobody.")
    work.save(update_fields=["shared_at", "featured_at"])
    note(visit.participation, "workshop_shared", {"shared": work.shared_at is not None})
    return Outcome(step="results", anchor="sharing", message=message)


ACTIONS = {
    "check": check,
    "save_draft": keep,
    "send": send,
    "take_back": take_back,
    "withdraw": withdraw,
    "practise": practise,
    "take": take,
    "review": review,
    "cannot": cannot,
    "assess_self": assess_self,
    "react": react,
    "dispute": dispute,
    "acknowledge": acknowledge,
    "plan": plan,
    "share": share,
}

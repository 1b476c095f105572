"""A workshop as the author of a work and as a reviewer meet it. Everything here is undone."""

from django.utils.translation import gettext as _

from activities.core.attachments import store
from activities.core.errors import Refused
from activities.core.rehearsal import stand_in_text

from . import acts, allocation, grades, screens
from .enums import ReviewKind
from .models import Review, Submission


def modes(content) -> list[tuple[str, str]]:
    found = [("send", _("Author: check before sending"))]
    if content.examples:
        found.append(("practice", _("Reviewer: practise with an example")))
    if content.reviews_per_learner:
        found.append(("review", _("Reviewer: assess a work")))
    if content.self_assessment:
        found.append(("self", _("Author: assess one's own work")))
    if content.reviews_per_learner:
        found.append(("waiting", _("Author: waiting for reviews")))
    found.append(("results", _("Author: the results")))
    if content.revise_enabled:
        found.append(("improve", _("Author: improve the work")))
    return found


def screen(visit, mode: str, step: str):
    rules = visit.rules
    if not rules.fields:
        raise Refused(_("Add a field to the worksheet first."), code="no_fields")
    fill_in(visit)
    if mode == "send":
        return screens.screen(visit, step or "check")
    acts.send(visit, "", {})
    if mode == "practice":
        return screens.screen(visit, step or "practice")
    practise(visit)
    others = [visit.beside(_("Colleague %(n)d") % {"n": n}) for n in range(1, 1 + peers(rules))]
    for other in others:
        fill_in(other)
        acts.send(other, "", {})
    if mode == "review":
        if not step or acts.REVIEW_STEP.fullmatch(step):
            # Made anew for every look, so the number of a link is not this one's.
            lease = allocation.take(visit.participation, rules, visit.now)
            step = f"review-{lease.pk}" if lease else ""
        return screens.screen(visit, step)
    for other in others[: rules.reviews_per_learner]:
        give_review(visit, other)
    acts.settle(visit)
    if mode == "self":
        return screens.screen(visit, step or "self")
    if rules.self_assessment:
        acts.assess_self(visit, "", points(rules))
    if mode == "waiting":
        return screens.screen(visit, step or "waiting")
    for other in others[: rules.min_reviews]:
        give_review(other, visit)
    acts.settle(visit)
    if mode == "improve":
        acts.acknowledge(visit, "", {})
        return screens.screen(visit, step or "revise")
    return screens.screen(visit, step or "results")


def peers(rules) -> int:
    return max(rules.reviews_per_learner, rules.min_reviews)


def fill_in(visit) -> None:
    values = {
        f"field-{field.key}": stand_in_text(visit.language, field.min_chars)
        for field in visit.rules.text_fields
    }
    for field in visit.rules.file_fields:
        store.stand_in(visit.participation, field.purpose)
    acts.check(visit, "", values)


def practise(visit) -> None:
    for example in visit.rules.examples:
        levels = {f"points-{key}": str(n) for key, n in example.reference.items()}
        acts.practise(visit, "", {"example": example.key, **levels})


def points(rules) -> dict:
    return {f"points-{criterion.key}": str(criterion.most) for criterion in rules.criteria}


def give_review(reviewer, author) -> None:
    """A review by one stand-in of another's work, with the highest levels."""
    rules = author.rules
    work = Submission.objects.get(participation=author.participation)
    comment = stand_in_text(author.language, rules.min_chars_comment)
    scores = {c.key: {"points": c.most, "comment": comment} for c in rules.criteria}
    Review.objects.create(
        kind=ReviewKind.PEER,
        submission=work,
        author=author.participation,
        version=work.version,
        reviewer=reviewer.participation,
        scores=scores,
        overall=comment,
        grade=grades.grade_of_scores(scores, rules),
        submitted_at=author.now,
    )

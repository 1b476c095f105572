"""What a workshop knows about a person, and how it forgets."""

from .enums import IN_POOL, LeaseState, SubmissionState
from .models import (
    Review,
    ReviewLease,
    ReviewReaction,
    SimilarWorks,
    Submission,
    SubmissionRevision,
)


def handed_in(cohort, seats) -> set:
    """{(seat, item)} of the works of these learners that were sent."""
    works = Submission.objects.filter(
        participation__seat__in=seats, cohort=cohort, state__in=IN_POOL
    )
    return set(works.values_list("participation__seat", "item"))


def personal_data(user) -> dict:
    """Everything a person wrote, and what was written about their work, as JSON-able data. Reviews and
    grades come with the results, not before: until then they are not final, and not the person's to see."""
    works = []
    for work in Submission.objects.filter(participation__user=user).prefetch_related("revisions"):
        opened = work.opened_at is not None
        works.append(
            {
                "item": str(work.item),
                "texts": work.values,
                "sent_at": stamp(work.submitted_at),
                "minutes_late": work.late_minutes,
                "plan": work.plan,
                "shown_to_others_since": stamp(work.featured_at),
                "agreed_to_be_shown_at": stamp(work.shared_at),
                "grade": figure(work.grade if opened else None),
                "reviewer_grade": figure(work.reviewer_grade if opened else None),
                "score_set_by_instructor": figure(work.override if opened else None),
                "other_versions": [
                    {"version": one.version, "texts": one.values} for one in work.revisions.all()
                ],
            }
        )
    given = [
        {
            "kind": review.kind,
            "scores": review.scores,
            "feedback": review.overall,
            "sent_at": stamp(review.submitted_at),
            "reason_for_dispute": "",
        }
        for review in Review.objects.filter(reviewer__user=user)
    ]
    # Who wrote a review stays between the reviewer and the instructor.
    received = [
        {
            "kind": review.kind,
            "scores": review.scores,
            "feedback": review.overall,
            "sent_at": stamp(review.submitted_at),
            "reason_for_dispute": review.dispute_reason,
            "answer_to_dispute": review.dispute_answer,
        }
        for review in Review.objects.filter(
            submission__participation__user=user, submission__opened_at__isnull=False
        ).exclude(reviewer__user=user)
    ]
    return {
        "works": works,
        "reviews_given": given,
        "reviews_received": received,
        "works_passed_on": ReviewLease.objects.filter(
            reviewer__user=user, state=LeaseState.DECLINED
        ).count(),
    }


def stamp(at) -> str | None:
    return at.isoformat() if at else None


def figure(value) -> str | None:
    return None if value is None else str(value)


def erase(user) -> None:
    """Forget a person's texts. Grades stay; the feedback they gave stays with those who got it,
    without a way back to them; their own work is no longer given to anybody."""
    works = Submission.objects.filter(participation__user=user)
    SubmissionRevision.objects.filter(submission__in=works).delete()
    SimilarWorks.objects.filter(submission__in=works).delete()
    SimilarWorks.objects.filter(other__in=works).delete()
    SimilarWorks.objects.filter(decided_by=user).update(decided_by=None)
    ReviewLease.objects.filter(assigned_by=user).update(assigned_by=None)
    ReviewReaction.objects.filter(review__submission__in=works).update(text="")
    Review.objects.filter(submission__in=works).update(dispute_reason="", dispute_answer="")
    ReviewLease.objects.filter(submission__in=works, state=LeaseState.HELD).update(
        state=LeaseState.RELEASED
    )
    ReviewLease.objects.filter(reviewer__user=user, state=LeaseState.HELD).update(
        state=LeaseState.RELEASED
    )
    ReviewLease.objects.filter(reviewer__user=user).update(detail="")
    Submission.objects.filter(override_by=user).update(override_by=None)
    Review.objects.filter(by=user).update(by=None)
    Review.objects.filter(reviewer__user=user, submission__isnull=True).delete()
    Review.objects.filter(reviewer__user=user).exclude(author__user=user).update(reviewer=None)
    works.update(
        values={},
        files={},
        sketch=[],
        plan="",
        shared_at=None,
        featured_at=None,
        state=SubmissionState.WITHDRAWN,
    )

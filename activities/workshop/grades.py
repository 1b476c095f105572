"""From the reviews in the database to grades: of one work, of one reviewer, of a whole cohort."""

from collections import defaultdict
from decimal import Decimal
from fractions import Fraction

from django.db import connection
from django.db.models import Count

from activities.core.models import ItemVersion, Participation

from . import best, grading
from .enums import IN_POOL, Aggregator, LatePolicy, ReviewerMethod, ReviewKind
from .models import Review, Submission

# Below so much accuracy in practice, after the second try, reviews are feedback without a grade.
LEAST_ACCURACY_FOR_A_VOICE = 50
# Instructors are told when the reviews of a work are further apart.
SPREAD_ALERT = 40


def shares_of(scores: dict, rules) -> dict[str, Fraction]:
    """What the points of a review are worth, 0 to 1, by criterion; unknown points are left out."""
    return {
        key: table[scores[key]["points"]]
        for key, table in rules.shares.items()
        if key in scores and scores[key].get("points") in table
    }


def grade_of_scores(scores: dict, rules) -> Decimal | None:
    """What one review gives the work."""
    shares = shares_of(scores, rules)
    return grading.rounded(
        grading.weighted([(shares.get(key), weight) for key, weight in rules.weights.items()])
    )


def accuracy_against(scores: dict, reference, rules) -> Decimal | None:
    """How close a review came to the author's own levels."""
    return grading.rounded(
        grading.calibration(
            [
                (scores[c.key]["points"], reference[c.key], c.least, c.most)
                for c in rules.criteria
                if c.key in scores and c.key in reference
            ]
        )
    )


def aggregate(reviews: list[tuple[int, dict]], rules) -> Decimal | None:
    """The grade of a work from its peers' (weight, scores); None when none has a weight."""
    counted = [(weight, scores) for weight, scores in reviews if weight]
    if not counted:
        return None
    if rules.aggregator == Aggregator.MEDIAN:
        return grading.rounded(
            grading.median_per_criterion(
                [shares_of(scores, rules) for _weight, scores in counted], rules.weights
            )
        )
    weigh = rules.aggregator == Aggregator.MEAN_WEIGHTED
    return grading.rounded(
        grading.weighted_mean(
            [(weight if weigh else 1, grade_of_scores(scores, rules)) for weight, scores in counted]
        )
    )


def work_grade(
    peers: list[tuple[int, dict]],
    instructor: dict | None,
    override,
    opened: bool,
    rules,
    late_minutes: int = 0,
) -> Decimal | None:
    """The grade of a work: an override, else the instructor's review, else the peers' if there are
    as many as asked for or the results are open; less the points for being late."""
    if override is not None:
        return override
    found = None
    if instructor is not None:
        found = grade_of_scores(instructor, rules)
    elif peers and (opened or len(peers) >= rules.min_reviews):
        found = aggregate(peers, rules)
    return after_lateness(found, rules, late_minutes)


def after_lateness(grade: Decimal | None, rules, late_minutes: int) -> Decimal | None:
    if grade is None or not late_minutes or rules.late_policy != LatePolicy.PENALTY:
        return grade
    return grading.rounded(grading.late(grade, rules.late_points, late_minutes, rules.late_most))


def points_off(rules, late_minutes: int) -> int:
    """How many points a work loses at most for being late."""
    return int(100 - after_lateness(Decimal(100), rules, late_minutes))


def accuracies(reviews: list[tuple[int, int, dict]], rules) -> dict[int, Decimal | None]:
    """Accuracy of the (id, weight, scores) of one work's peer reviews."""
    dimensions = {
        c.key: best.Dimension(Decimal(c.least), Decimal(c.most), Decimal(c.weight))
        for c in rules.criteria
    }
    whole = [
        best.Assessment(id, weight, {key: scores[key]["points"] for key in dimensions})
        for id, weight, scores in reviews
        if all(key in scores for key in dimensions)
    ]
    return best.accuracies(dimensions, whole, rules.comparison)


def practice_accuracy(data: dict) -> Decimal | None:
    """The score of practising, from the data of a participation."""
    tries = [tries[-1] for tries in (data.get("practice") or {}).values() if tries]
    return grading.rounded(grading.mean_accuracy([Decimal(value) for value in tries]))


def voice(data: dict) -> int:
    """The weight of somebody's reviews: 0 when practising did not succeed."""
    accuracy = practice_accuracy(data)
    return 0 if accuracy is not None and accuracy < LEAST_ACCURACY_FOR_A_VOICE else 1


def reviewer_grade(done: int, required: int, known: list, practice, rules) -> Decimal:
    """The grade for reviewing. `known` are the accuracies that can be told, `practice` stands in."""
    accuracy = grading.mean_accuracy(known)
    if rules.reviewer_method == ReviewerMethod.COMPLETION:
        accuracy = None
    elif rules.reviewer_method == ReviewerMethod.BEST:
        if accuracy is not None:
            return grading.rounded(accuracy)
    elif accuracy is None:
        accuracy = practice
    return grading.rounded(grading.reviewer_grade(done, required, accuracy))


# -- reading ------------------------------------------------------------------------------------


def received(submission) -> tuple[list[tuple[int, dict]], dict | None]:
    """What was written about a work and stands: peers' (weight, scores), the instructor's scores."""
    peers, instructor = [], None
    for kind, weight, scores in Review.objects.filter(
        submission=submission,
        kind__in=[ReviewKind.PEER, ReviewKind.INSTRUCTOR],
        excluded_at__isnull=True,
    ).values_list("kind", "weight", "scores"):
        if kind == ReviewKind.PEER:
            peers.append((weight, scores))
        else:
            instructor = scores
    return peers, instructor


def known_accuracies(participation, rules) -> list[Decimal]:
    """How accurate a learner's reviews were, where there are enough others to tell. One query."""
    if rules.reviewer_method == ReviewerMethod.COMPLETION:
        return []
    mine = Review.objects.filter(
        reviewer=participation, kind=ReviewKind.PEER, submission__isnull=False
    ).values("submission")
    works = defaultdict(list)
    own = {}
    for id, submission, reviewer, weight, scores in Review.objects.filter(
        submission__in=mine, kind=ReviewKind.PEER, excluded_at__isnull=True
    ).values_list("pk", "submission_id", "reviewer_id", "weight", "scores"):
        works[submission].append((id, weight, scores))
        if reviewer == participation.pk:
            own[submission] = id
    found = [accuracies(works[submission], rules).get(id) for submission, id in own.items()]
    return [accuracy for accuracy in found if accuracy is not None]


# -- a whole cohort -----------------------------------------------------------------------------


def aggregate_all(cohort, item) -> int:
    """Compute the grades of all works of a cohort and of their authors as reviewers.

    Six queries whatever the size. Only the works' own figures are written; a learner's score
    follows when the learner is looked at next. Returns how many works changed.
    """
    works = list(
        Submission.objects.filter(cohort=cohort, item=item, state__in=IN_POOL).values_list(
            "pk",
            "participation_id",
            "participation__version_id",
            "opened_at",
            "override",
            "received",
            "grade",
            "reviewer_grade",
            "late_minutes",
        )
    )
    versions = {
        version.pk: version.rules
        for version in ItemVersion.objects.filter(pk__in={work[2] for work in works})
    }
    peers, instructors, done = defaultdict(list), {}, defaultdict(int)
    for id, kind, submission, reviewer, weight, scores, excluded in Review.objects.filter(
        submission__cohort=cohort,
        submission__item=item,
        kind__in=[ReviewKind.PEER, ReviewKind.INSTRUCTOR],
    ).values_list("pk", "kind", "submission_id", "reviewer_id", "weight", "scores", "excluded_at"):
        if kind == ReviewKind.INSTRUCTOR:
            instructors[submission] = scores
            continue
        done[reviewer] += 1
        if excluded is None:
            peers[submission].append((id, reviewer, weight, scores))
    for reviewer, samples in (
        Review.objects.filter(
            kind=ReviewKind.PEER,
            submission__isnull=True,
            reviewer__cohort=cohort,
            reviewer__item=item,
        )
        .order_by()
        .values_list("reviewer")
        .annotate(n=Count("pk"))
    ):
        done[reviewer] += samples
    data = dict(Participation.objects.filter(cohort=cohort, item=item).values_list("pk", "data"))
    known = defaultdict(list)
    for submission, _author, version, *_rest in works:
        rules = versions[version]
        told = {}
        if rules.reviewer_method != ReviewerMethod.COMPLETION:
            told = accuracies(
                [(id, weight, scores) for id, _who, weight, scores in peers[submission]], rules
            )
        for id, reviewer, _weight, _scores in peers[submission]:
            if told.get(id) is not None:
                known[reviewer].append(told[id])
    changed = []
    for submission, author, version, opened, override, count, grade, own, late in works:
        rules = versions[version]
        standing = [(weight, scores) for _id, _who, weight, scores in peers[submission]]
        new_grade = work_grade(
            standing, instructors.get(submission), override, opened is not None, rules, late
        )
        required = (data.get(author) or {}).get("required", rules.reviews_per_learner)
        new_own = reviewer_grade(
            done[author], required, known[author], practice_accuracy(data.get(author) or {}), rules
        )
        if (len(standing), new_grade, new_own) != (count, grade, own):
            changed.append((len(standing), new_grade, new_own, submission))
    write(changed)
    return len(changed)


def write(rows) -> None:
    """Store (received, grade, reviewer_grade, id) in one statement."""
    fields = {f.name: f for f in Submission._meta.concrete_fields}
    quote = connection.ops.quote_name
    grade, own = fields["grade"], fields["reviewer_grade"]
    values = [
        (
            received,
            grade.get_db_prep_save(work, connection),
            own.get_db_prep_save(reviewer, connection),
            id,
        )
        for received, work, reviewer, id in rows
    ]
    if not values:
        return
    columns = ", ".join(
        f"{quote(fields[name].column)} = %s" for name in ("received", "grade", "reviewer_grade")
    )
    table, key = quote(Submission._meta.db_table), quote(Submission._meta.pk.column)
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {table} SET {columns} WHERE {key} = %s", values)  # noqa: S608 - names of our own columns

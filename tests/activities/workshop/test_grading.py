"""Grades against the vectors: Moodle's own fixtures, and ours where Moodle says nothing."""

import json
from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from activities.workshop import best, grading
from activities.workshop.allocation import Candidate, Pool, choose
from activities.workshop.evidence import ceiling, split

HERE = Path(__file__).parent
VECTORS = json.loads((HERE / "vectors.json").read_text(), parse_float=Decimal)
GOLDEN = json.loads((HERE / "golden.json").read_text())
CLOSE = Decimal("0.0001")


def cases(name):
    return pytest.mark.parametrize("case", VECTORS[name], ids=range(len(VECTORS[name])))


def expected(value):
    return None if value is None else Decimal(value)


@cases("rubric")
def test_rubric(case):
    assert grading.rounded(grading.rubric(case["levels"], case["chosen"])) == expected(
        case["expected"]
    )


@cases("accumulative")
def test_accumulative(case):
    def compute():
        return grading.weighted(
            [
                (
                    grading.of_scale(d["item"], d["scale"])
                    if "scale" in d
                    else grading.of_maximum(d["grade"], d["max"]),
                    d["weight"],
                )
                for d in case["dims"]
            ]
        )

    if case["expected"] == "error":
        with pytest.raises(grading.OutOfScale):
            compute()
    else:
        assert grading.rounded(compute()) == expected(case["expected"])


@cases("number_of_errors")
def test_number_of_errors(case):
    table = {int(count): value for count, value in case["map"].items()}
    assert grading.number_of_errors(case["weights"], case["passed"], table) == case["expected"]


@cases("submission_aggregate_weighted_mean")
def test_weighted_mean_of_reviews(case):
    assert grading.rounded(
        grading.weighted_mean([(weight, grade) for weight, grade in case["assessments"]])
    ) == expected(case["expected"])


@cases("reviewer_aggregate_mean")
def test_mean_of_a_reviewers_grades(case):
    grades = [grade[1] if isinstance(grade, list) else grade for grade in case["grades"]]
    assert grading.rounded(grading.mean_accuracy(grades)) == expected(case["expected"])


@cases("median_per_criterion")
def test_median_per_criterion(case):
    most = case["levels_max"]
    reviews = [
        {str(n): Fraction(points, most) for n, points in enumerate(review)}
        for review in case["reviews"]
    ]
    weights = dict.fromkeys(reviews[0], 1)
    assert grading.rounded(grading.median_per_criterion(reviews, weights)) == expected(
        case["expected_median"]
    )
    single = [(1, grading.weighted([(r[k], 1) for k in r])) for r in reviews]
    assert grading.rounded(grading.weighted_mean(single)) == expected(case["expected_mean"])


@cases("reviewer_grade")
def test_reviewer_grade(case):
    found = grading.reviewer_grade(case["done"], case["required_effective"], case["accuracy"])
    assert found == case["expected"]


@cases("calibration")
def test_practice(case):
    pairs = zip(case["learner"], case["reference"], strict=True)
    found = grading.calibration([(mine, theirs, 0, case["level_max"]) for mine, theirs in pairs])
    assert grading.rounded(found) == expected(case["expected"])


@cases("late_penalty")
def test_late_penalty(case):
    found = grading.late(
        case["grade"], case["percent_points_per_started_day"], case["late_minutes"], case["cap"]
    )
    assert found == case["expected"]


@cases("workshop_final")
def test_final(case):
    found = grading.final(
        case["submission"], case["reviewer"], case["max_submission"], case["max_assessment"]
    )
    assert grading.rounded(found) == expected(case["expected"])


def test_halves_are_rounded_up():
    assert grading.rounded(Decimal("1.000005")) == Decimal("1.00001")
    assert grading.rounded(Fraction(1, 200000)) == Decimal("0.00001")
    assert grading.rounded(Decimal("-1.000005")) == Decimal("-1.00001")


# -- the best review ----------------------------------------------------------------------------


def parts(case):
    dimensions = {
        key: best.Dimension(Decimal(d["min"]), Decimal(d["max"]), Decimal(d["weight"]))
        for key, d in case["dims"].items()
    }
    assessments = [best.Assessment(a["id"], a["weight"], a["grades"]) for a in case["assessments"]]
    return dimensions, assessments, case["comparison"]


@pytest.mark.parametrize(
    "case",
    [c for c in VECTORS["best_grading_evaluation"] if "assessments" in c],
    ids=lambda c: c["name"][:12],
)
def test_best_as_moodle(case):
    found = best.as_moodle(*parts(case))
    for id, grade in case["expected_grading_grades"].items():
        if grade is None:
            assert found[int(id)] is None
        else:
            assert abs(found[int(id)] - Decimal(grade)) <= Decimal("0.0001")


def test_two_reviewers_are_never_told_apart():
    """Moodle's rounding makes one of two equally distant reviews the best: 17 against 100."""
    case = VECTORS["best_two_reviewer_rounding_defect_DO_NOT_COPY"]["input"]
    moodle = VECTORS["best_two_reviewer_rounding_defect_DO_NOT_COPY"]["moodle_output"]
    copied = best.as_moodle(*parts(case))
    assert {str(id): grade for id, grade in copied.items()} == {
        id: Decimal(grade) for id, grade in moodle.items()
    }
    assert best.accuracies(*parts(case)) == {1: None, 2: None}


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda c: f"comparison{c['comparison']}")
def test_grades_agree_with_a_running_moodle(case):
    """100 submissions with three reviews each: every review's grade and accuracy, every work's
    grade and every reviewer's, as Moodle 4.5 computed them."""
    dimensions = {
        n: best.Dimension(Decimal(0), Decimal(most), Decimal(weight))
        for n, (most, weight) in enumerate(GOLDEN["dimensions"])
    }
    by_reviewer = defaultdict(list)
    for submission in case["submissions"]:
        found = best.as_moodle(
            dimensions,
            [
                best.Assessment(reviewer, weight, dict(enumerate(points)))
                for reviewer, weight, points, _grade, _accuracy in submission["reviews"]
            ],
            case["comparison"],
        )
        grades = []
        for reviewer, weight, points, grade, accuracy in submission["reviews"]:
            own = grading.weighted(
                [
                    (grading.of_maximum(p, d.most), Fraction(d.weight))
                    for p, d in zip(points, dimensions.values(), strict=True)
                ]
            )
            grades.append((weight, own))
            assert grading.rounded(own) == Decimal(grade)
            assert abs(found[reviewer] - Decimal(accuracy)) <= CLOSE, submission
            by_reviewer[str(reviewer)].append(found[reviewer])
        work = grading.weighted_mean(grades)
        assert abs(grading.rounded(work) - Decimal(submission["grade"])) <= CLOSE
    assert sum(len(told) for told in by_reviewer.values()) == 300
    assert by_reviewer.keys() == case["reviewers"].keys()
    for reviewer, told in by_reviewer.items():
        mine = grading.rounded(grading.mean_accuracy(told))
        assert abs(mine - Decimal(case["reviewers"][reviewer])) <= CLOSE


# -- evidence -----------------------------------------------------------------------------------


@cases("explain_segments")
def test_what_is_explained_is_a_lecture(case):
    found = split(case["declared"], case["explain_minutes"], case["ceiling"])
    assert found._asdict() == {
        "lecture": case["expected"]["lecture_minutes"],
        "active": case["expected"]["active_credited"],
        "over_ceiling": case["expected"]["publish_error"],
    }


def test_ceilings_of_the_demo_courses():
    assert (
        ceiling(
            [150, 150, 150, 200, 120, 130],
            reviews=2,
            criteria=4,
            min_chars_comment=150,
            examples=1,
            self_assessment=True,
        )
        == 76
    )
    assert (
        ceiling(
            [100, 300, 200, 300, 150, 100],
            session_minutes=90,
            reviews=2,
            criteria=4,
            min_chars_comment=150,
        )
        == 155
    )
    assert ceiling([200, 150, 150, 100], reviews=1, criteria=3, min_chars_comment=150) == 31
    assert ceiling([], reviews=5, criteria=4, min_chars_comment=3000, examples=3) == 0


# -- allocation ---------------------------------------------------------------------------------


def simulated(n, k, order):
    """Reviews given out in the order in which people start, each done at once."""
    pairs = []
    for reviewer in order:
        done = [b for a, b in pairs if a == reviewer]
        if len(done) >= min(k, n - 1):
            continue
        chosen = choose(
            Candidate(
                id=work,
                load=sum(b == work for _a, b in pairs),
                reciprocal=(work, reviewer) in pairs,
                author_done=sum(a == work for a, _b in pairs),
                submitted_at=work,
            )
            for work in range(1, n + 1)
            if work != reviewer and work not in done
        )
        if chosen:
            pairs.append((reviewer, chosen.id))
    return pairs


@cases("jit_allocation")
def test_allocation_just_in_time(case):
    pairs = simulated(case["n"], case["k"], case["start_order"])
    assert pairs == [tuple(pair) for pair in case["expected_pairs"]]
    received = {str(n): sum(b == n for _a, b in pairs) for n in range(1, case["n"] + 1)}
    assert received == case["expected_received"]


@pytest.mark.parametrize(
    ("n", "k", "seed"), [(n, k, s) for n in (2, 3, 7, 24) for k in (1, 3) for s in range(4)]
)
def test_the_pool_in_memory_chooses_the_same(n, k, seed):
    import random

    draw = random.Random(seed)
    order = [r for _ in range(k) for r in draw.sample(range(1, n + 1), n)]
    pool = Pool([(work, work, work) for work in range(1, n + 1)])
    fast = [(r, pool.take(r)) for r in order if len(pool.reviewed(r)) < min(k, n - 1)]
    fast = [pair for pair in fast if pair[1] is not None]
    assert fast == simulated(n, k, order)

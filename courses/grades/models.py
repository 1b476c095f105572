"""What counts, what came of it, and what people decided about it."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from courses.enrolment.models import CourseRun, Enrolment

from .scheme import DEFAULT, Scheme, from_json


class GradeRules(models.Model):
    """One state of the rules of a course, or of one run of it. A change is another row.

    `rules` is `scheme.to_json()`. `kept` says that nobody chose these for the run: the course's rules
    changed after people had begun, so the run goes on under what they began with.
    """

    course = models.UUIDField(db_index=True)
    run = models.ForeignKey(
        CourseRun, on_delete=models.CASCADE, null=True, blank=True, related_name="grade_rules"
    )
    number = models.PositiveIntegerField()
    rules = models.JSONField()
    kept = models.BooleanField(default=False)
    reason = models.TextField(blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("grade rules")
        verbose_name_plural = _("grade rules")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["course", "number"],
                condition=models.Q(run__isnull=True),
                name="a_courses_grade_rules_are_numbered",
            ),
            models.UniqueConstraint(
                fields=["run", "number"], name="a_runs_grade_rules_are_numbered"
            ),
            models.CheckConstraint(
                condition=models.Q(run__isnull=True) | models.Q(kept=True) | ~models.Q(reason=""),
                name="changed_rules_of_a_run_have_a_reason",
            ),
        ]

    def __str__(self):
        return f"{self.course} #{self.number}"

    @property
    def scheme(self) -> Scheme:
        return from_json(self.rules)


class Grade(models.Model):
    """Somebody's grade in a course, with a copy of the scores it comes from.

    `scores` is {item: {"s": "85.5" | null, "x": excused, "h": set by hand}}, taken from the
    participations under the enrolment's lock, so that a gradebook of a hundred people is one query.
    `computed` follows the rules; `value` is what counts: the standing override, else `computed`.
    """

    class Remark(models.TextChoices):
        NONE = "", ""
        BELOW = "below", _("Completed before the rules changed; would not be complete today.")

    enrolment = models.OneToOneField(Enrolment, on_delete=models.CASCADE, related_name="grade")
    scores = models.JSONField(default=dict, blank=True)
    computed = models.DecimalField(max_digits=8, decimal_places=5, null=True, blank=True)
    value = models.DecimalField(max_digits=8, decimal_places=5, null=True, blank=True)
    is_set = models.BooleanField(default=False)
    pending = models.PositiveSmallIntegerField(default=0)
    remark = models.CharField(max_length=8, choices=Remark, blank=True, default="")
    told = models.DecimalField(max_digits=8, decimal_places=5, null=True, blank=True)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("grade")
        verbose_name_plural = _("grades")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(value__isnull=True) | models.Q(value__gte=0, value__lte=100),
                name="a_grade_is_0_to_100_or_unknown",
            ),
            models.CheckConstraint(
                condition=models.Q(is_set=False) | models.Q(value__isnull=False),
                name="a_set_grade_has_a_value",
            ),
        ]

    def __str__(self):
        return f"{self.enrolment_id}: {self.value}"


class GradeOverride(models.Model):
    """A course's grade set by hand, and why. Never deleted; the one not taken back stands."""

    enrolment = models.ForeignKey(
        Enrolment, on_delete=models.CASCADE, related_name="grade_overrides"
    )
    value = models.DecimalField(max_digits=8, decimal_places=5)
    before = models.DecimalField(max_digits=8, decimal_places=5, null=True, blank=True)
    reason = models.TextField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    taken_back_at = models.DateTimeField(null=True, blank=True)
    taken_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment"],
                condition=models.Q(taken_back_at__isnull=True),
                name="one_standing_grade_set_by_hand",
            ),
            models.CheckConstraint(
                condition=models.Q(value__gte=0, value__lte=100),
                name="a_grade_set_by_hand_is_0_to_100",
            ),
            models.CheckConstraint(
                condition=~models.Q(reason=""), name="a_grade_set_by_hand_has_a_reason"
            ),
        ]

    def __str__(self):
        return f"{self.value} for {self.enrolment_id}"


class Recalculation(models.Model):
    """Grades of a run reckoned anew: how far it is, and what it changed.

    `before` and `after` are {graded, passed, completed}; `changes` are the first hundred people whose
    grade or completion changed: [{enrolment, before, after, completed}].
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Under way")
        DONE = "done", _("Done")
        FAILED = "failed", _("Went wrong")

    run = models.ForeignKey(CourseRun, on_delete=models.CASCADE, related_name="recalculations")
    reason = models.TextField(blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    last = models.PositiveBigIntegerField(default=0)
    before = models.JSONField(default=dict, blank=True)
    after = models.JSONField(default=dict, blank=True)
    changed = models.PositiveIntegerField(default=0)
    completed = models.PositiveIntegerField(default=0)
    kept = models.PositiveIntegerField(default=0)
    changes = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("recalculation of grades")
        verbose_name_plural = _("recalculations of grades")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="done") | models.Q(finished_at__isnull=False),
                name="a_finished_recalculation_has_a_date",
            )
        ]

    def __str__(self):
        return f"{self.run_id}: {self.state}"

    @property
    def percent(self) -> int:
        return 100 if self.state == self.State.DONE else self.done * 100 // (self.total or 1)


def rules_of(run: CourseRun) -> GradeRules | None:
    """The rules that hold for a run: its own, else the course's, else None (the default)."""
    return (
        GradeRules.objects.filter(models.Q(run=run) | models.Q(run__isnull=True), course=run.course)
        .order_by(models.F("run").asc(nulls_last=True), "-number")
        .first()
    )


def scheme_of(run: CourseRun) -> Scheme:
    found = rules_of(run)
    return found.scheme if found else DEFAULT

"""A facilitator grades by the criteria: keeps a judgement, releases it."""

from django.utils.translation import gettext as _

from activities.core import personal
from activities.core.errors import Refused
from activities.core.models import Participation

from . import notices, talks
from .checkpoints import rubric_score
from .models import Grade
from .standing import settle

MOST_COMMENT_CHARS = 5_000


def levels_of(rubric, data) -> dict[str, int]:
    """{criterion: points} as they were chosen. Raises `Refused` for points that there are not."""
    levels, errors = {}, {}
    for criterion in rubric:
        raw = personal.arabic_digits(str(data.get(f"level-{criterion.key}", ""))).strip()
        if not raw:
            continue
        allowed = sorted({level.points for level in criterion.levels})
        if not (raw.isascii() and raw.isdigit() and int(raw) in allowed):
            errors[f"level-{criterion.key}"] = _(
                "The score must be between %(least)d and %(most)d."
            ) % {"least": allowed[0], "most": allowed[-1]}
            continue
        levels[criterion.key] = int(raw)
    if errors:
        raise Refused(next(iter(errors.values())), code="out_of_range", fields=errors)
    return levels


def grade(desk, participation: Participation, data, *, release: bool) -> Grade:
    """Keep a judgement; with `release`, show it to the learner. Raises `Refused` 409 when somebody
    else has graded meanwhile (`version` is that of the page)."""
    rules = participation.version.rules
    if not rules.graded_by_hand:
        raise Refused(_("Nothing is graded by hand here."), code="not_graded", status=409)
    participation = (
        Participation.objects.select_for_update(of=("self",))
        .select_related("version")
        .get(pk=participation.pk)
    )
    stored = Grade.objects.filter(participation=participation).first()
    if str(data.get("version", "")) != str(stored.version if stored else 0):
        raise Refused(
            _("Somebody else has graded this meanwhile. Your choices are still below; send again."),
            code="stale",
            status=409,
        )
    levels = levels_of(rules.rubric, data)
    score = rubric_score(rules.rubric, levels)
    if release and score is None:
        missing = [c.key for c in rules.rubric if c.weight and c.key not in levels]
        message = _("Choose a level for every criterion before you release the grade.")
        raise Refused(
            message, code="incomplete", fields={f"level-{missing[0]}": message} if missing else {}
        )
    made = stored or Grade(participation=participation, version=0)
    made.levels, made.score = levels, score
    made.comment = str(data.get("comment", "")).replace("\r\n", "\n").strip()[:MOST_COMMENT_CHARS]
    made.by, made.graded_at, made.version = desk.user, desk.now, made.version + 1
    if score is None:
        made.released_at = None
    elif release:
        made.released_at = desk.now
    made.save()
    if made.released_at is not None:
        settle(participation, rules, desk.now)
        notices.graded(participation, made)
    talks.log(
        talks.find(participation),
        "desk_released" if release else "desk_graded",
        desk.user,
        {"seat": str(participation.seat), "score": None if score is None else str(score)},
    )
    return made


def release_all(desk) -> int:
    """Show every finished grade of the run to its learner. How many were new."""
    count = 0
    waiting = Grade.objects.select_for_update(of=("self",)).filter(
        participation__cohort=desk.cohort,
        participation__item=desk.version.item,
        score__isnull=False,
        released_at__isnull=True,
    )
    for one in waiting.select_related("participation__version"):
        participation = Participation.objects.select_for_update(of=("self",)).get(
            pk=one.participation_id
        )
        one.released_at, one.version = desk.now, one.version + 1
        one.save(update_fields=["released_at", "version"])
        settle(participation, participation.version.rules, desk.now)
        notices.graded(participation, one)
        count += 1
    if count:
        talk = talks.of_desk(desk).talk
        talks.log(talk, "desk_released", desk.user, {"grades": count})
    return count

"""Loading the competency framework from its file into editable snippets.

What the sources do not publish is `null` in the file and empty here. On a later load an empty
value of the file never erases what the agency has filled in.
"""

import json
from collections import Counter
from pathlib import Path

from django.db import transaction

from .framework import (
    FrameworkVersion,
    LearningTheme,
    ResponsibleBody,
    Role,
    Skill,
    SkillGroup,
    Stage,
    TargetGroup,
)

FILE = Path(__file__).parent / "data" / "framework.json"


def load_framework(data: dict | None = None, *, dry_run: bool = False) -> Counter:
    """Create or update both editions by (framework, key).

    Returns counts under "created" and "changed"; with `dry_run` nothing stays. Raises `KeyError`
    for data that is not in the shape of `data/framework.json`.
    """
    if data is None:
        data = json.loads(FILE.read_text(encoding="utf-8"))
    counts: Counter = Counter(created=0, changed=0)
    with transaction.atomic():
        load_edition(data, counts)
        load_successor(data["successor"], data["target_groups"], counts)
        if dry_run:
            transaction.set_rollback(True)
    return counts


def load_edition(data: dict, counts: Counter) -> None:
    edition = put_edition(data["framework_version"], data["title_th"], "", False, counts)
    groups = put_named(TargetGroup, edition, data["target_groups"], counts)
    stages = {
        row["id"]: put(Stage, edition, row["id"], counts, **names(row), years=row["years"])
        for row in data["stages"]
    }
    for order, row in enumerate(data["roles"], start=1):
        put(
            Role,
            edition,
            row["id"],
            counts,
            **{**names(row), "order": order},
            target_group=groups[row["target_group"]],
            stage=stages[row["stage"]],
            expected_behaviour_th=row["expected_behaviour_th"],
        )
    skill_groups = put_named(SkillGroup, edition, data["skill_groups"], counts)
    for order, row in enumerate(data["skills"], start=1):
        skill = put(
            Skill,
            edition,
            row["code"],
            counts,
            **{**names(row), "order": order},
            skill_group=skill_groups[row["skill_group"]] if row["skill_group"] else None,
            unit_set=row["unit_set"],
            description_th=row["desc_th"],
        )
        wanted = {groups[key].pk for key in row["target_groups"]}
        if set(skill.target_groups.values_list("pk", flat=True)) != wanted:
            skill.target_groups.set(wanted)
    put_named(LearningTheme, edition, data["themes"], counts)
    for row in data["responsibilities"]:
        put(
            ResponsibleBody,
            edition,
            f"body-{row['order']}",
            counts,
            order=row["order"],
            name_th=row["who_th"],
            name_en=row["who_en"],
            duty_th=row["th"],
            duty_en=row["en"],
        )


def load_successor(data: dict, target_groups: list[dict], counts: Counter) -> None:
    """The edition in use: its own areas of skill, and the target groups, which it took over."""
    edition = put_edition(data["framework_version"], data["th"], data["en"], True, counts)
    put_named(SkillGroup, edition, data["areas"], counts)
    put_named(TargetGroup, edition, target_groups, counts)


def names(row: dict) -> dict:
    return {"order": row.get("order", 0), "name_th": row["th"], "name_en": row["en"]}


def put_edition(
    version: str, title_th: str, title_en: str, is_current: bool, counts: Counter
) -> FrameworkVersion:
    """The edition's row. Which editions are in use is the agency's choice after the first load."""
    edition, created = FrameworkVersion.objects.get_or_create(
        version=version,
        defaults={"title_th": title_th, "title_en": title_en, "is_current": is_current},
    )
    if created:
        counts["created"] += 1
    else:
        update(edition, {"title_th": title_th, "title_en": title_en}, counts)
    return edition


def put_named(model, edition: FrameworkVersion, rows: list[dict], counts: Counter) -> dict:
    return {row["id"]: put(model, edition, row["id"], counts, **names(row)) for row in rows}


def put(model, edition: FrameworkVersion, key: str, counts: Counter, **values):
    """The term under (edition, key) with the values of the file."""
    term = model.objects.filter(framework=edition, key=key).first()
    if term is None:
        present = {name: value for name, value in values.items() if value is not None}
        counts["created"] += 1
        return model.objects.create(framework=edition, key=key, **present)
    update(term, values, counts)
    return term


def update(row, values: dict, counts: Counter) -> None:
    differing = {
        name: value
        for name, value in values.items()
        if value not in (None, "") and getattr(row, name) != value
    }
    if differing:
        for name, value in differing.items():
            setattr(row, name, value)
        row.save()
        counts["changed"] += 1

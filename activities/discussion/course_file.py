"""Reading a discussion from a course file."""

import uuid

from django.utils.translation import gettext as _

from activities.core.course_export import bare, fields_of
from activities.core.course_file import (
    mistake,
    one_of,
    required,
    text,
    whole_number,
)

from .enums import Anonymity, Format, Grading
from .publishing import not_supported

BLOCKS = uuid.UUID("0d6c5d0e-9a54-4b1c-8a8e-3f0a7d3f7b52")


def from_course_file(item: dict, language: str) -> dict:
    """The values of a `DiscussionPage`'s fields in one language.

    StreamFields come as lists of raw blocks, whose ids depend on their place only: reading the same
    file twice gives the same page. Raises `CourseFileError` for what is missing or wrong.
    """
    synthesis = bool(item.get("synthesis", False))
    points = points_of(item, synthesis)
    return {
        "format": one_of(item, "format", Format.values, [], default=Format.POST_FIRST),
        "prompts": prompts_of(item, language),
        "min_chars_initial": whole_number(
            item, "min_chars_initial", [], default=600, least=300, most=3000
        ),
        "required_replies": whole_number(item, "required_replies", [], default=2, least=0, most=5),
        "distinct_authors": whole_number(
            item, "distinct_authors", [], default=item.get("required_replies", 2), least=0, most=5
        ),
        "min_chars_reply": whole_number(
            item, "min_chars_reply", [], default=200, least=50, most=3000
        ),
        "peers_to_read": whole_number(item, "peers_to_read", [], default=4, least=0, most=50),
        "synthesis": synthesis,
        "min_chars_synthesis": whole_number(
            item, "min_chars_synthesis", [], default=200, least=50, most=3000
        ),
        "synthesis_prompt": text(item, "synthesis_prompt", language, []) if synthesis else "",
        "reply_frames": [
            block(
                item,
                "frame",
                index,
                text({"frame": frame}, "frame", language, ["reply_frames", index]),
            )
            for index, frame in enumerate(entries(item, "reply_frames"))
        ],
        "seed_voices": seed_voices_of(item, language),
        "rubric": rubric_of(item, language),
        "points_initial": points[0],
        "points_replies": points[1],
        "points_synthesis": points[2],
        "grading": one_of(item, "grading", Grading.values, [], default=Grading.CHECKPOINTS),
        "rubric_percent": whole_number(item, "rubric_percent", [], default=50, least=1, most=99),
        "late_initial_percent": whole_number(
            item, "late_initial_percent", [], default=100, least=0, most=100
        ),
        "late_replies_percent": whole_number(
            item, "late_replies_percent", [], default=100, least=0, most=100
        ),
        "anonymity": one_of(item, "anonymity", Anonymity.values, [], default=Anonymity.NAMED),
        "reuse_archive": bool(item.get("reuse_archive", False)),
        "edit_window_minutes": whole_number(
            item, "edit_window_minutes", [], default=30, least=0, most=1440
        ),
        "target_group_size": whole_number(
            item, "target_group_size", [], default=6, least=2, most=100
        ),
    }


def supported(item: dict) -> str | None:
    """Why a discussion of this format cannot be read yet; None when it can."""
    return not_supported(item.get("format", Format.POST_FIRST))


def entries(mapping: dict, key: str, path: list | None = None) -> list:
    value = mapping.get(key) or []
    if not isinstance(value, list):
        return mistake([*(path or []), key], _("expected a list"), [])
    return value


def block(item: dict, kind: str, index: int, value, *parts) -> dict:
    name = "/".join(str(part) for part in (item.get("key", ""), kind, index, *parts))
    return {"type": kind, "value": value, "id": str(uuid.uuid5(BLOCKS, name))}


def prompts_of(item: dict, language: str) -> list[dict]:
    required(item, "prompts", [])
    blocks = []
    for index, prompt in enumerate(entries(item, "prompts")):
        path = ["prompts", index]
        value = {
            "key": str(required(prompt, "key", path)),
            "text": text(prompt, "text", language, path),
            "sources": [
                block(
                    item,
                    "item",
                    n,
                    {
                        "title": text(source, "title", language, [*path, "sources", n]),
                        "url": source.get("url", ""),
                    },
                    "source",
                    index,
                )
                for n, source in enumerate(entries(prompt, "sources", path))
            ],
        }
        blocks.append(block(item, "prompt", index, value))
    return blocks


def seed_voices_of(item: dict, language: str) -> list[dict]:
    blocks = []
    for index, voice in enumerate(entries(item, "seed_voices")):
        path = ["seed_voices", index]
        value = {
            "author": text(voice, "author", language, path),
            "text": text(voice, "text", language, path),
            "key": str(voice.get("key") or f"voice-{index + 1}"),
        }
        blocks.append(block(item, "voice", index, value))
    return blocks


def rubric_of(item: dict, language: str) -> list[dict]:
    blocks = []
    for index, criterion in enumerate(entries(item, "rubric")):
        path = ["rubric", index]
        levels = []
        required(criterion, "levels", path)
        for n, level in enumerate(entries(criterion, "levels", path)):
            place = [*path, "levels", n]
            value = {
                "points": whole_number(level, "points", place),
                "text": text(level, "text", language, place),
            }
            levels.append(block(item, "item", n, value, "level", index))
        value = {
            "key": str(required(criterion, "key", path)),
            "name": text(criterion, "name", language, path),
            "weight": whole_number(criterion, "weight", path),
            "levels": levels,
        }
        blocks.append(block(item, "criterion", index, value))
    return blocks


def points_of(item: dict, synthesis: bool) -> list[int]:
    """Points for answer, replies and conclusion: as the file says, else 50, 30, 20."""
    points = item.get("points")
    if points is None:
        return [50, 30, 20] if synthesis else [60, 40, 0]
    if (
        not isinstance(points, list)
        or len(points) != 3
        or not all(isinstance(p, int) and not isinstance(p, bool) and p >= 0 for p in points)
        or sum(points) != 100
    ):
        mistake(["points"], _("expected three whole numbers that make 100 together"))
    return points


def to_course_file(pages: dict) -> dict:
    """The item of a course file for the pages {language: page}, the source language first."""
    item = fields_of(
        pages,
        [
            *("format", "prompts", "min_chars_initial", "required_replies", "distinct_authors"),
            *("min_chars_reply", "peers_to_read", "synthesis", "min_chars_synthesis"),
            *("synthesis_prompt", "reply_frames", "seed_voices", "rubric"),
            *("edit_window_minutes", "target_group_size"),
            *("grading", "rubric_percent", "late_initial_percent", "late_replies_percent"),
            *("anonymity", "reuse_archive"),
        ],
    )
    for name in ("prompts", "reply_frames", "seed_voices", "rubric"):
        item[name] = bare(item[name])
    source = next(iter(pages.values()))
    item["points"] = [source.points_initial, source.points_replies, source.points_synthesis]
    if not item["synthesis"]:
        item.pop("synthesis_prompt", None)
    return item

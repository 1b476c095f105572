"""Reading a discussion from a course file."""

import uuid

from activities.core.course_file import CourseFileError, required, text, whole_number

from .enums import Format
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
        "format": format_of(item),
        "prompts": prompts_of(item, language),
        "min_chars_initial": number(item, "min_chars_initial", 600, 300, 3000),
        "required_replies": number(item, "required_replies", 2, 0, 5),
        "distinct_authors": number(item, "distinct_authors", item.get("required_replies", 2), 0, 5),
        "min_chars_reply": number(item, "min_chars_reply", 200, 50, 3000),
        "peers_to_read": number(item, "peers_to_read", 4, 0, 50),
        "synthesis": synthesis,
        "min_chars_synthesis": number(item, "min_chars_synthesis", 200, 50, 3000),
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
        "edit_window_minutes": number(item, "edit_window_minutes", 30, 0, 1440),
        "target_group_size": number(item, "target_group_size", 6, 2, 100),
    }


def supported(item: dict) -> str | None:
    """Why a discussion of this format cannot be read yet; None when it can."""
    return not_supported(item.get("format", Format.POST_FIRST))


def format_of(item: dict) -> str:
    value = item.get("format", Format.POST_FIRST)
    if value not in Format.values:
        raise CourseFileError(["format"], f"expected one of {', '.join(Format.values)}")
    return str(value)


def number(item: dict, key: str, default: int, least: int, most: int) -> int:
    value = whole_number(item, key, [], default=default, least=least)
    if value > most:
        raise CourseFileError([key], f"expected at most {most}")
    return value


def entries(mapping: dict, key: str, path: list | None = None) -> list:
    value = mapping.get(key) or []
    if not isinstance(value, list):
        raise CourseFileError([*(path or []), key], "expected a list")
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
        raise CourseFileError(["points"], "expected three whole numbers that make 100 together")
    return points

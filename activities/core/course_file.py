"""What kinds share when a course file is read."""


class CourseFileError(ValueError):
    """Something in a course file is missing or wrong.

    `path` leads from the item to the place: keys and positions, e.g. `["prompts", 0, "text"]`.
    """

    code = "course_file"

    def __init__(self, path: list, message: str):
        super().__init__(message)
        self.path = list(path)
        self.message = message


def required(mapping: dict, key: str, path: list):
    """The value under `key`; refuses a mapping without it."""
    if not isinstance(mapping, dict):
        raise CourseFileError(path, "expected a mapping")
    if mapping.get(key) in (None, "", []):
        raise CourseFileError([*path, key], "is missing")
    return mapping[key]


def text(mapping: dict, key: str, language: str, path: list) -> str:
    """The text under `key` in a language. Both languages must be there."""
    value = required(mapping, key, path)
    if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
        raise CourseFileError([*path, key], "expected a text in each language: {th: …, en: …}")
    if not value.get(language):
        raise CourseFileError([*path, key, language], "is missing")
    return value[language]


def whole_number(
    mapping: dict, key: str, path: list, *, default: int | None = None, least: int = 0
) -> int:
    """A whole number of at least `least` under `key`."""
    value = mapping.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise CourseFileError([*path, key], f"expected a whole number of at least {least}")
    return value

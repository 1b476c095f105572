"""What each app knows about a person: for that person's export, and for erasing it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# Who is erased is called so, in every language: the record is kept in Thai.
ERASED_NAME = "ผู้เรียนที่ลบบัญชี"


@dataclass(frozen=True)
class PersonalRecords:
    """An app's part. `name` is its key in the export and `label` its heading there; `export` takes a
    person and gives JSON-able data, empty when there is nothing; `erase` forgets what may be
    forgotten and may be called again."""

    name: str
    label: Any
    export: Callable[[Any], Any]
    erase: Callable[[Any], None]


_records: dict[str, PersonalRecords] = {}


def register(records: PersonalRecords) -> None:
    """Called once by each app that keeps something about people, in `AppConfig.ready()`."""
    _records[records.name] = records


def all_records() -> list[PersonalRecords]:
    """Every app's part, in the order of its name."""
    return [_records[name] for name in sorted(_records)]

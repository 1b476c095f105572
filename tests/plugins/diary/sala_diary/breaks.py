"""Breaking on purpose, where the tests say so."""

import os


def breaks(where: str) -> bool:
    return where in os.environ.get("DIARY_BREAKS", "").split(",")


def break_at(where: str) -> None:
    if breaks(where):
        raise RuntimeError(f"broken on purpose in {where}")

"""The contract as tests. Whoever writes a kind extends `KindContract` and runs pytest:

    class TestDiary(KindContract):
        kind_name = "diary"

        def make_page(self, language):
            return DiaryPage(title="…", prompt="…", minutes=5)

        def walk(self):
            yield Action("write", {"body": "…"})

        def refused(self):
            yield Action("write", {"body": "too short"})

Needs pytest-django. docs/plugins/ explains each duty.
"""

from .contract import KindContract
from .people import Action

__all__ = ["Action", "KindContract"]

"""Time that passes in a moment.

The site's functions take the time from the clock of this machine. So that somebody's weeks can be
lived in seconds, what has happened until now is moved into the past, and the next thing happens now.
To the site that is the same as having waited: dates, terms and events keep their distances and
their order, and no clock is tampered with.
"""

import json
import re
from datetime import UTC, datetime, timedelta

from django.apps import apps
from django.db import connection
from django.db.models import AutoField, DateTimeField, F, JSONField, Max
from django.utils import timezone

ROOMS = ("activities", "courses", "lms")
# Where moments stand inside JSON: {label of the model: its field}.
IN_JSON = {"activities.Participation": "data", "activities.Attempt": "data"}
MOMENT = re.compile(r'"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:\+00:00|Z))"')


def tables() -> list:
    """The site's own models that hold moments, in rows numbered in the order of their making."""
    found = []
    for model in apps.get_models():
        meta = model._meta
        numbered = isinstance(meta.pk, AutoField) and meta.managed and not meta.proxy
        if meta.app_config.name.partition(".")[0] in ROOMS and numbered and fields_of(model):
            found.append(model)
    return found


def fields_of(model) -> list[str]:
    return [f.name for f in model._meta.local_concrete_fields if isinstance(f, DateTimeField)]


def newest() -> dict:
    """{model: the newest row's key}: what is there before somebody begins to live."""
    return {model: model.objects.aggregate(m=Max("pk"))["m"] or 0 for model in tables()}


class Clock:
    """Begins at `start`, in the past, and ends at the present. `before` is `newest()` of whatever
    keeps its time; every row made since moves with the clock."""

    def __init__(self, start: datetime, before: dict):
        self.behind = timezone.now() - start
        self.before = before
        self.columns = {model: fields_of(model) for model in before}
        self.empty = set(before)

    @property
    def now(self) -> datetime:
        """The moment that it is in the lives."""
        return timezone.now() - self.behind

    def later(self, moment: datetime) -> datetime:
        """How a moment of the lives, later than now, must be written now: it moves from then on."""
        return moment + self.behind

    def wait(self, time: timedelta) -> None:
        """Let that much time pass, or as much as there is."""
        time = min(time, self.behind)
        if time <= timedelta(0):
            return
        self.empty = self.still_empty()
        for model, columns in self.columns.items():
            if model in self.empty:
                continue
            rows = self.rows(model)
            rows.update(**{name: F(name) - time for name in columns})
            if name := IN_JSON.get(model._meta.label):
                move_json(model, rows, name, time)
        self.behind -= time

    def rows(self, model):
        return model._base_manager.filter(pk__gt=self.before[model])

    def still_empty(self) -> set:
        """The models without a row that moves, in one query however many they are."""
        looked_at = list(self.empty)
        if not looked_at:
            return set()
        quote = connection.ops.quote_name
        asked = ", ".join(
            f"EXISTS(SELECT 1 FROM {quote(model._meta.db_table)}"  # noqa: S608 - names of models
            f" WHERE {quote(model._meta.pk.column)} > %s)"
            for model in looked_at
        )
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {asked}", [self.before[model] for model in looked_at])
            filled = cursor.fetchone()
        return {model for model, found in zip(looked_at, filled, strict=True) if not found}

    def until(self, moment: datetime) -> None:
        """Wait for a moment of the lives. One that has passed is not waited for."""
        self.wait(moment - self.now)

    def finish(self) -> None:
        """Come back to the present."""
        self.wait(self.behind)


def move_json(model, rows, name: str, time: timedelta) -> None:
    assert isinstance(model._meta.get_field(name), JSONField)
    for pk, value in rows.values_list("pk", name):
        text = json.dumps(value)
        moved = MOMENT.sub(lambda found: f'"{earlier(found[1], time)}"', text)
        if moved != text:
            model._base_manager.filter(pk=pk).update(**{name: json.loads(moved)})


def earlier(text: str, time: timedelta) -> str:
    return (datetime.fromisoformat(text).astimezone(UTC) - time).isoformat()

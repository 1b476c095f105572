"""Who takes or has completed which course: told to whoever counts it, by whichever way it changes.

`standing_changed` is sent in the transaction of the change, with the keys of the people (a list). It
comes from one place for each way to write: saving and deleting a row (`receivers.py`), and here the
queries that write many rows and pass by the signals of a model. Raw SQL alone is not told.
"""

from django.db import models, transaction
from django.dispatch import Signal

standing_changed = Signal()  # users: list[int]

# What a report counts by. Progress is written with every step and is not among it.
FIELDS = frozenset({"state", "completed_at", "user", "user_id", "run", "run_id"})


def told(users) -> None:
    """Say that what these people take may have changed. Call it in the transaction of the change."""
    if users := [pk for pk in dict.fromkeys(users) if pk is not None]:
        standing_changed.send(sender=EnrolmentQuerySet, users=users)


class EnrolmentQuerySet(models.QuerySet):
    def update(self, **changes):
        """As always, and told when it is about who takes what. `bulk_update` comes here, too."""
        if not FIELDS & changes.keys():
            return super().update(**changes)
        with transaction.atomic(using=self.db, savepoint=False):
            # Before, because afterwards the rows may not fit the query any more.
            users = list(self.order_by().values_list("user_id", flat=True).distinct())
            changed = super().update(**changes)
            if users:
                new = changes.get("user", changes.get("user_id"))
                told([*users, getattr(new, "pk", new)])
        return changed

    update.alters_data = True

    def bulk_create(self, objs, *args, **kwargs):
        with transaction.atomic(using=self.db, savepoint=False):
            made = super().bulk_create(objs, *args, **kwargs)
            told(row.user_id for row in made)
        return made


class Standing(models.Model):
    """What an enrolment was when it was read, so that saving a step of learning tells nobody."""

    class Meta:
        abstract = True

    _stood: tuple | None = None

    @classmethod
    def from_db(cls, db, field_names, values):
        row = super().from_db(db, field_names, values)
        row._stood = row.standing()
        return row

    def refresh_from_db(self, *args, **kwargs):
        super().refresh_from_db(*args, **kwargs)
        self._stood = None

    def standing(self) -> tuple | None:
        """None while one of the fields has not been read."""
        held = self.__dict__
        names = ("user_id", "run_id", "state", "completed_at")
        return tuple(held[name] for name in names) if all(n in held for n in names) else None

    def has_moved(self, created: bool, update_fields) -> bool:
        """Whether what was just saved may be counted differently. A row that is written whole may
        have been read long ago, so it always may."""
        stands, stood = self.standing(), self._stood
        self._stood = stands
        if created or update_fields is None:
            return True
        if not FIELDS & set(update_fields):
            self._stood = stood
            return False
        return stood is None or stands != stood

"""The account, and the agencies that people belong to. Who somebody is in a course (learner,
instructor) is said where it applies."""

import uuid

from django.conf import settings
from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from treebeard.mp_tree import MP_Node, MP_NodeManager, MP_NodeQuerySet


class PeopleQuerySet(models.QuerySet):
    def for_actor(self, actor) -> "PeopleQuerySet":
        """The people whom somebody may know about: every page that lists or opens a person asks
        here. See `scope.visible_to`."""
        from .scope import visible_to

        return visible_to(actor, self)


class UserManager(BaseUserManager.from_queryset(PeopleQuerySet)):
    use_in_migrations = True

    def create_user(self, email: str, password: str | None = None, **fields) -> "User":
        """Make an account. The address is the name one signs in with; case does not count."""
        if not email:
            raise ValueError("An account needs an e-mail address.")
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, email: str) -> "User":
        return self.get(email__iexact=email)


class TextSize(models.TextChoices):
    SMALL = "s", _("Small")
    NORMAL = "m", _("Normal")
    LARGE = "l", _("Large")


class Theme(models.TextChoices):
    AUTO = "auto", _("As on my device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")
    CONTRAST = "contrast", _("High contrast")


class User(AbstractUser):
    """A person with an account; signs in with an e-mail address."""

    username = None
    email = models.EmailField(_("e-mail address"), unique=True)
    first_name_en = models.CharField(_("first name in English"), max_length=150, blank=True)
    last_name_en = models.CharField(_("last name in English"), max_length=150, blank=True)
    preferred_language = models.CharField(
        _("language"), max_length=5, choices=[("th", "ไทย"), ("en", "English")], default="th"
    )
    text_size = models.CharField(
        _("text size"), max_length=1, choices=TextSize, default=TextSize.NORMAL
    )
    theme = models.CharField(_("colours"), max_length=8, choices=Theme, default=Theme.AUTO)
    # A copy, so that the count in the header of every page costs nothing.
    unread_notices = models.PositiveIntegerField(default=0, editable=False)
    # Part of what a session must know: one more, and every session of the person is dead.
    session_epoch = models.PositiveIntegerField(default=0, editable=False)
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["first_name", "last_name"]

    objects = UserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        indexes = [
            models.Index(fields=["first_name", "last_name", "id"], name="people_by_name"),
        ]
        constraints = [
            models.UniqueConstraint(
                Lower("email"), name="one_account_per_address_whatever_its_case"
            ),
            models.CheckConstraint(
                condition=models.Q(erased_at__isnull=True)
                | models.Q(is_active=False, is_superuser=False),
                name="an_erased_account_is_closed",
            ),
        ]

    def __str__(self):
        return self.get_full_name() or self.email

    @property
    def english_name(self) -> str:
        return f"{self.first_name_en} {self.last_name_en}".strip()

    def get_session_auth_hash(self):
        return self._of_this_epoch(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self):
        for mark in super().get_session_auth_fallback_hash():
            yield self._of_this_epoch(mark)

    def _of_this_epoch(self, mark: str) -> str:
        return f"{mark}.{self.session_epoch}" if self.session_epoch else mark


class AgencyQuerySet(MP_NodeQuerySet):
    def below(self, paths) -> "AgencyQuerySet":
        """The agencies at these places of the tree and everything under them."""
        if not paths:
            return self.none()
        inside = models.Q()
        for path in paths:
            inside |= models.Q(path__startswith=path)
        return self.filter(inside)

    def update(self, **changes):
        if "is_active" not in changes:
            return super().update(**changes)
        from .sums import note_agencies

        with transaction.atomic(using=self.db, savepoint=False):
            keys = list(self.order_by().values_list("pk", flat=True))
            changed = super().update(**changes)
            note_agencies(keys)
        return changed

    update.alters_data = True


class AgencyManager(MP_NodeManager.from_queryset(AgencyQuerySet)):
    def get_queryset(self):
        return AgencyQuerySet(self.model, using=self._db).order_by("path")


class Agency(MP_Node):
    """A ministry, a department below it, a division below that. `key` is what other rooms know."""

    LEVELS = (_("Ministry"), _("Department"), _("Division"))

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name_th = models.CharField(_("name in Thai"), max_length=200)
    name_en = models.CharField(_("name in English"), max_length=200, blank=True)
    code = models.SlugField(
        _("code"), max_length=40, unique=True, help_text=_("Short and lasting, as used in files.")
    )
    is_active = models.BooleanField(
        _("active"),
        default=True,
        help_text=_("An agency that is not active stays on record and has no administrators."),
    )

    objects = AgencyManager()

    class Meta:
        verbose_name = _("agency")
        verbose_name_plural = _("agencies")

    def __str__(self):
        return self.name

    @property
    def name(self) -> str:
        """In the language of the reader, else in Thai."""
        english = (get_language() or "th")[:2] == "en"
        return (self.name_en if english else self.name_th) or self.name_th

    @property
    def level(self) -> str:
        """What it is by its place in the tree."""
        return str(self.LEVELS[min(self.depth, len(self.LEVELS)) - 1])

    @property
    def indented(self) -> str:
        return "— " * (self.depth - 1) + self.name

    def move(self, target, pos=None):
        """Take it, with everything below, to another place of the tree: its people count there."""
        from .sums import note_agencies

        with transaction.atomic():
            super().move(target, pos)
            note_agencies([self.pk])

    move.alters_data = True


class MembershipQuerySet(models.QuerySet):
    def current(self) -> "MembershipQuerySet":
        """Those that hold today, in agencies that are active."""
        today = timezone.localdate()
        return self.filter(
            models.Q(until__isnull=True) | models.Q(until__gte=today),
            since__lte=today,
            agency__is_active=True,
        )

    def update(self, **changes):
        """As always; agencies' sums are told, which the signals of a model would not."""
        from .sums import note

        with transaction.atomic(using=self.db, savepoint=False):
            # Before, because afterwards the rows may not fit the query any more.
            people = list(self.order_by().values_list("user_id", flat=True).distinct())
            changed = super().update(**changes)
            new = changes.get("user", changes.get("user_id"))
            note([*people, getattr(new, "pk", new)])
        return changed

    update.alters_data = True

    def bulk_create(self, objs, *args, **kwargs):
        from .sums import note

        with transaction.atomic(using=self.db, savepoint=False):
            made = super().bulk_create(objs, *args, **kwargs)
            note(row.user_id for row in made)
        return made


class Membership(models.Model):
    """Somebody's place in an agency. `target_group` is the key of a target group of the framework."""

    class Role(models.TextChoices):
        MEMBER = "member", _("Member")
        ADMINISTRATOR = "administrator", _("Agency administrator")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="memberships",
        verbose_name=_("person"),
    )
    agency = models.ForeignKey(
        Agency, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("agency")
    )
    position = models.CharField(_("position"), max_length=150, blank=True)
    target_group = models.CharField(_("target group"), max_length=80, blank=True)
    role = models.CharField(_("role"), max_length=13, choices=Role, default=Role.MEMBER)
    since = models.DateField(_("since"), default=timezone.localdate)
    until = models.DateField(_("until"), null=True, blank=True, help_text=_("The last day."))

    objects = models.Manager.from_queryset(MembershipQuerySet)()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["agency__path", "user__first_name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "agency"],
                name="one_membership_per_person_and_agency",
            ),
            models.CheckConstraint(
                condition=models.Q(until__isnull=True) | models.Q(until__gte=models.F("since")),
                name="a_membership_ends_after_it_began",
                violation_error_message=_("The last day is before the first."),
            ),
        ]
        indexes = [models.Index(fields=["agency", "role"], name="members_of_an_agency")]

    def __str__(self):
        return f"{self.user} · {self.agency}"


class RateCount(models.Model):
    """How often something was done from somewhere since `started_at`. See `limits`.

    In the database because that is what all processes share, with Redis or without.
    """

    key = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()
    ends_at = models.DateTimeField(db_index=True)

    def __str__(self):
        return f"{self.key[:8]}: {self.count}"


class PersonalExport(models.Model):
    """A copy of what the site knows about a person, for that person alone, for a few days.

    In the database and not among the files: nothing but its own page can hand it out.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Being made")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Went wrong")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="personal_exports"
    )
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    content = models.BinaryField(default=bytes)
    size = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(state="waiting"),
                name="one_copy_is_made_at_a_time",
            )
        ]

    def __str__(self):
        return f"{self.state} {self.created_at:%Y-%m-%d}"


from .sum_models import CountedPerson, CountState, LearningSum, ToCount  # noqa: E402,F401 - Django finds models here

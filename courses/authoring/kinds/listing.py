"""Which kinds of activity there are, where they come from, how they are, and who uses them."""

from dataclasses import dataclass
from datetime import datetime
from importlib import metadata

from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import Page

from activities.core import guard, health, plugins, registry
from activities.core.enums import Category
from activities.core.models import Attempt, ItemVersion, KindHealth, Participation
from courses.releases.models import CourseState, ReleaseItem

# Counting what people did reads a long table: once in a while is enough.
COUNT_EVERY_SECONDS = 600
WORKS, FAILING, OFF, QUARANTINE, GONE = "works", "failing", "off", "quarantine", "gone"


@dataclass
class Row:
    """A kind, or a package that should bring one. `state` is one of the words above."""

    name: str
    label: str
    state: str
    why: str = ""
    category: str = ""
    api: str = ""
    source: str = ""
    version: str = ""
    detail: str = ""
    failures: int = 0
    failed_at: datetime | None = None
    failed_in: str = ""
    pages: int = 0
    courses: int = 0
    people: int = 0
    attempts: int = 0
    model: type | None = None

    @property
    def words(self) -> str:
        return {
            WORKS: _("works"),
            FAILING: _("failed lately"),
            OFF: _("switched off"),
            QUARANTINE: _("in quarantine"),
            GONE: _("not installed"),
        }[self.state]

    @property
    def icon(self) -> str:
        return {WORKS: "check", FAILING: "warning", OFF: "lock"}.get(self.state, "cross")


def explain(plugin: plugins.Plugin) -> str:
    """Why a package is in quarantine, and what to do."""
    return {
        "disabled": _("Switched off by the operator (LMS_PLUGINS_DISABLED). Its content is kept."),
        "import": _("The package cannot be imported. Install a version that works, or remove it."),
        "models": _("Its models cannot be imported. Install a version that works, or remove it."),
        "ready": _("It failed when the site started. Install a version that works, or remove it."),
        "api": _("It is written for another version of Sala's contract. Install one that fits."),
        "shadow": _("It takes the place of a package of the site, which is not allowed."),
        "label": _("Another app has its label already. Its makers have to choose another."),
        "name": _("Its name is taken by another kind. Remove one of the two."),
        "category": _("It invents a category; the 60/40 rule knows only those that there are."),
        "contract": _("It does not keep to the contract of an activity. Tell its makers."),
        "no_kind": _("It does not register any kind of activity. Tell its makers."),
    }.get(plugin.code, "")


def counts() -> dict:
    """{"people": {kind: n}, "attempts": {kind: n}}, at most ten minutes old."""

    def count():
        begun = Participation.objects.values_list("version__kind").annotate(n=Count("pk"))
        tried = Attempt.objects.values_list("version__kind").annotate(n=Count("pk"))
        return {"people": dict(begun.order_by()), "attempts": dict(tried.order_by())}

    return cache.get_or_set("kinds-counts", count, COUNT_EVERY_SECONDS)


def items_on_offer():
    on_offer = CourseState.objects.filter(current__isnull=False)
    return ReleaseItem.objects.filter(release__in=on_offer.values("current"))


def rows() -> list[Row]:
    """The site's kinds first, then others', then what is missing; by name within each."""
    sick = {row.kind: row for row in KindHealth.objects.all()}
    courses = dict(
        items_on_offer()
        .values_list("version__kind")
        .annotate(n=Count("release", distinct=True))
        .order_by()
    )
    found = [row_of(kind) for kind in registry.all_kinds()]
    for name, module in registry.disabled_kinds().items():
        row = Row(name, name, OFF, why=_("Switched off by the operator (LMS_PLUGINS_DISABLED)."))
        row.source, row.version = source_of(module)
        found.append(row)
    known = {row.name for row in found}
    for plugin in plugins.all_plugins():
        if plugin.quarantined:
            found.append(row_of_plugin(plugin))
            known.add(plugin.name)
    used = set(ItemVersion.objects.order_by().values_list("kind", flat=True).distinct())
    for name in sorted(used - known):
        why = _("Its package is not installed any more. Install it again: nothing of it is lost.")
        found.append(Row(name, name, GONE, why=why))
    done, now = counts(), timezone.now()
    for row in found:
        row.courses = courses.get(row.name, 0)
        row.people = done["people"].get(row.name, 0)
        row.attempts = done["attempts"].get(row.name, 0)
        row.pages = row.model.objects.count() if row.model else pages_of_gone(row.name)
        if note := sick.get(row.name):
            row.failures, row.failed_at = note.failures, note.last_failed_at
            row.failed_in, row.detail = note.last_call, row.detail or note.last_error
            if row.state == WORKS and health.is_failing(note, now):
                row.state = FAILING
                row.why = _("Its places in courses say that they are temporarily unavailable.")
    return found


def row_of(kind) -> Row:
    bare = guard.bare(kind)
    row = Row(
        name=kind.name,
        label=str(kind.label),
        state=WORKS,
        category=str(Category(kind.category).label),
        api=str(kind.api),
        model=kind.page_model,
    )
    row.source, row.version = source_of(type(bare).__module__)
    return row


def row_of_plugin(plugin: plugins.Plugin) -> Row:
    return Row(
        name=plugin.name,
        label=plugin.name,
        state=OFF if plugin.code == "disabled" else QUARANTINE,
        why=explain(plugin),
        source=plugin.distribution or plugin.value,
        version=plugin.version,
        detail="" if plugin.code == "disabled" else plugin.detail,
    )


def source_of(module: str) -> tuple[str, str]:
    """(distribution, version) that a kind comes from; the site itself is Sala."""
    if plugin := plugins.owner(module):
        return plugin.distribution or plugin.package, plugin.version
    if module.startswith(registry.OWN_PACKAGES):
        try:
            return "Sala", metadata.version("sala")
        except metadata.PackageNotFoundError:  # run from a checkout
            return "Sala", ""
    return module.split(".")[0], ""


def pages_of_gone(name: str) -> int:
    """How many pages of a kind without a model there are: those that were ever released."""
    items = ItemVersion.objects.filter(kind=name)
    return Page.objects.filter(translation_key__in=items.values("item")).count()


def orphans() -> list[Page]:
    """Some pages whose kind's package is not installed, released or not."""
    gone = [
        kind.pk
        for kind in ContentType.objects.filter(
            pk__in=Page.objects.values("content_type").distinct()
        )
        if kind.model_class() is None
    ]
    return list(Page.objects.filter(content_type__in=gone).order_by("path")[:50]) if gone else []


def courses_with(name: str):
    """The courses on offer that have an item of a kind, each with how many."""
    states = CourseState.objects.filter(
        current__isnull=False, current__items__version__kind=name
    ).annotate(n=Count("current__items"))
    return states.select_related("current").defer("current__texts").order_by("slug")

"""A course's releases: what changed from one to the next, and bringing one back into the drafts."""

import json
from dataclasses import dataclass, field

from django.core.exceptions import FieldDoesNotExist
from django.db import transaction
from django.utils.html import strip_tags
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from wagtail.admin.compare import diff_text
from wagtail.models import Page

from activities.core import registry
from activities.core.models import ItemVersion
from courses.catalogue.models import CoursePage
from courses.releases.delivery import in_language
from courses.releases.models import CourseRelease, ReleaseItem

# What names a page or says nothing to a reader.
UNSAID = {
    "pk",
    "translation_key",
    "locale",
    "slug",
    "seo_title",
    "search_description",
    "id",
    "type",
}


def items_of(releases: list[CourseRelease]) -> dict[int, dict[str, int]]:
    """{release: {item: version}} in the order of each release. One query."""
    found: dict[int, dict[str, int]] = {release.pk: {} for release in releases}
    rows = ReleaseItem.objects.filter(release__in=releases).order_by("release", "position")
    for release, item, version in rows.values_list("release_id", "version__item", "version_id"):
        found[release][str(item)] = version
    return found


def titles_of(*releases: CourseRelease | None) -> dict[str, str]:
    language = (get_language() or "th")[:2]
    return {
        item["key"]: in_language(item["titles"], language)
        for release in releases
        if release is not None
        for item in release.outline["items"]
    }


def changes(old: CourseRelease | None, new: CourseRelease, items: dict) -> list[str]:
    """What a release changed, in sentences."""
    if old is None:
        return [_("The first release.")]
    before, after = items[old.pk], items[new.pk]
    names = titles_of(old, new)
    said = [_("new: %(title)s") % {"title": names[key]} for key in after if key not in before]
    said += [
        _("taken out: %(title)s") % {"title": names[key]} for key in before if key not in after
    ]
    minutes_before = {
        i["key"]: i["lecture"] + i["active"] + i["neutral"] for i in old.outline["items"]
    }
    for item in new.outline["items"]:
        key = item["key"]
        if key not in before or before[key] == after[key]:
            continue
        minutes = item["lecture"] + item["active"] + item["neutral"]
        if minutes != minutes_before.get(key, minutes):
            said.append(
                _("changed: %(title)s (%(before)s → %(after)s minutes)")
                % {"title": names[key], "before": minutes_before[key], "after": minutes}
            )
        else:
            said.append(_("changed: %(title)s") % {"title": names[key]})
    kept = [key for key in before if key in after]
    if kept != [key for key in after if key in before]:
        said.append(_("another order"))
    if old.texts != new.texts:
        said.append(_("the course page"))
    return said or [_("nothing that learners see")]


@dataclass
class Difference:
    """One item in two releases: the fields that differ, each {label, language, html}."""

    title: str
    state: str
    fields: list[dict] = field(default_factory=list)


def compare(old: CourseRelease, new: CourseRelease) -> list[Difference]:
    """Item by item what differs between two releases of a course."""
    items = items_of([old, new])
    before, after = items[old.pk], items[new.pk]
    names = titles_of(old, new)
    wanted = {
        version
        for key in {**before, **after}
        if before.get(key) != after.get(key)
        for version in (before.get(key), after.get(key))
        if version
    }
    versions = ItemVersion.objects.in_bulk(wanted)
    found = []
    if old.texts != new.texts:
        texts = differing(CoursePage, old.texts, new.texts)
        if texts:
            found.append(Difference(_("The course page"), _("changed"), texts))
    for key in [*after, *(key for key in before if key not in after)]:
        if before.get(key) == after.get(key):
            continue
        if key not in before:
            found.append(Difference(names[key], _("new")))
        elif key not in after:
            found.append(Difference(names[key], _("taken out")))
        else:
            one, two = versions[before[key]], versions[after[key]]
            try:
                model = registry.get(two.kind).page_model
            except registry.UnknownKind:
                model = None
            found.append(
                Difference(names[key], _("changed"), differing(model, one.texts, two.texts))
            )
    return found


def differing(model, old: dict, new: dict) -> list[dict]:
    rows = []
    for language in sorted({*old, *new}):
        one, two = old.get(language, {}), new.get(language, {})
        for name in two or one:
            if name in UNSAID or one.get(name) == two.get(name):
                continue
            rows.append(
                {
                    "label": label_of(model, name),
                    "language": language,
                    "html": diff_text(words(one.get(name)), words(two.get(name))).to_html(),
                }
            )
    return rows


def label_of(model, name: str) -> str:
    if model is None:
        return name
    try:
        return str(model._meta.get_field(name).verbose_name)
    except FieldDoesNotExist:
        return name


def words(value) -> str:
    """What a stored value says, line by line, without names of blocks and markup."""
    if isinstance(value, str) and value[:1] in "[{":
        try:
            value = json.loads(value)
        except ValueError:
            return strip_tags(value)
    lines: list[str] = []

    def visit(entry):
        if isinstance(entry, dict):
            for key, inner in entry.items():
                if key not in UNSAID:
                    visit(inner)
        elif isinstance(entry, list):
            for inner in entry:
                visit(inner)
        elif isinstance(entry, bool):
            lines.append(_("yes") if entry else _("no"))
        elif entry not in (None, ""):
            lines.append(strip_tags(str(entry)))

    if isinstance(value, bool):
        return _("yes") if value else _("no")
    visit(value)
    return "\n".join(lines)


@dataclass
class Restored:
    """What bringing a release back did: titles of pages; of those left also why."""

    drafts: list[str] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)
    moved: int = 0


@transaction.atomic
def restore(release: CourseRelease, user) -> Restored:
    """Make drafts of the pages as they were in a release. Nothing goes live; learners notice nothing.

    A page that is gone is made again as a draft below the course. What cannot be brought back (a
    kind that is not installed, a language without its course, a page that somebody else has locked
    or that is now in another course) is left and named, with the reason. The order is
    brought back separately (`order.restore_order`): it has no drafts.
    """
    done = Restored()
    courses = {
        page.locale.language_code: page
        for page in CoursePage.objects.filter(translation_key=release.course).select_related(
            "locale"
        )
    }
    for language, text in release.texts.items():
        course = courses.get(language)
        if course is None:
            done.left.append((text["title"], no_course(language)))
        elif why := why_not_draft(course, course, user):
            done.left.append((text["title"], why))
        else:
            draft_of(course, text, user)
            done.drafts.append(course.title)
    for entry in release.items.select_related("version"):
        version = entry.version
        try:
            model = registry.get(version.kind).page_model
        except registry.UnknownKind:
            done.left.append((version.title(), _("its kind is not installed")))
            continue
        for language, text in version.texts.items():
            course = courses.get(language)
            if course is None:
                done.left.append((text["title"], no_course(language)))
                continue
            page = model.objects.filter(translation_key=version.item, locale=course.locale).first()
            if page is None and course.permissions_for_user(user).can_add_subpage():
                made_again(model, version, text, course, user)
                done.made.append(text["title"])
            elif page is None:
                done.left.append((text["title"], _("you may not add pages to the course")))
            elif why := why_not_draft(page, course, user):
                done.left.append((text["title"], why))
            else:
                draft_of(page, text, user)
                done.drafts.append(text["title"])
    return done


def no_course(language: str) -> str:
    return _("the course has no page in this language any more (%(language)s)") % {
        "language": language
    }


def why_not_draft(page, course, user) -> str:
    """Why a page gets no draft: it is no longer in the course, not the person's to edit, or locked."""
    rights = page.permissions_for_user(user)
    if page.pk != course.pk and not page.is_descendant_of(course):
        return _("it is in another course now")
    if not rights.can_edit():
        return _("you may not edit it")
    if rights.page_locked():
        return _("somebody has locked it")
    return ""


def draft_of(page, text: dict, user) -> None:
    """A newer revision of a page with what a snapshot says; the page itself stays as it is."""
    draft = page.get_latest_revision_as_object()
    old = type(page).from_serializable_data(
        {**text, "pk": page.pk}, check_fks=False, strict_fks=False
    )
    for name in text:
        if name in ("pk", "translation_key", "locale", "slug"):
            continue
        model_field = page._meta.get_field(name)
        if model_field.many_to_many:
            setattr(draft, name, model_field.related_model.objects.filter(pk__in=text[name]))
        elif model_field.one_to_many:
            setattr(draft, name, [row for row in getattr(old, name).all() if points_somewhere(row)])
        else:
            setattr(draft, name, getattr(old, name))
    draft.save_revision(user=user, log_action=True, clean=False)


def points_somewhere(row) -> bool:
    """Whether what an inline row of a page refers to is still there."""
    keys = [field for field in row._meta.concrete_fields if field.many_to_one]
    return all(
        field.related_model.objects.filter(pk=getattr(row, field.attname)).exists()
        for field in keys
        if getattr(row, field.attname) is not None
    )


def made_again(model, version: ItemVersion, text: dict, course, user) -> None:
    page = model.from_serializable_data({**text, "pk": None}, check_fks=False, strict_fks=False)
    page.pk = page.id = None
    page.translation_key = version.item
    page.locale = course.locale
    page.live, page.has_unpublished_changes, page.owner = False, True, user
    taken = set(Page.objects.child_of(course).values_list("slug", flat=True))
    if page.slug in taken:
        page.slug = f"{page.slug}-{version.pk}"
    course.add_child(instance=page)
    page.save_revision(user=user, clean=False)

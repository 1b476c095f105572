"""From the live pages of a course to the contents of a release."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override
from wagtail.models import Locale, Page

from activities.core import registry
from activities.core.models import ItemPage, ItemVersion
from activities.core.placeholders import named, placeholders_in
from activities.core.snapshots import digest, snapshot
from courses.catalogue.models import CoursePage, SectionPage

from .messages import ceiling_message, in_all_languages, measured_message, placeholder_message
from .mix import Mix
from .models import MeasuredCap

SOURCE_LANGUAGE = "th"


def source_page(course: UUID) -> CoursePage | None:
    """The course's page in its source language: Thai if there is one, else the oldest."""
    pages = (
        CoursePage.objects.filter(translation_key=course).select_related("locale").order_by("pk")
    )
    pages = list(pages)
    for page in pages:
        if page.locale.language_code == SOURCE_LANGUAGE:
            return page
    return pages[0] if pages else None


@dataclass
class Item:
    """An item as it would be released."""

    page: ItemPage
    texts: dict
    section: int | None
    minutes: Mix
    version: ItemVersion
    cap: MeasuredCap | None = None


@dataclass
class Candidate:
    """What a release cut now would hold, and what stands against offering it.

    `problems` are dicts {code, th, en}: sentences in every language of the site. `missing` are live
    pages whose kind is not installed: they cannot be released anew, but nobody took them back.
    """

    page: CoursePage
    texts: dict
    sections: list[dict] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    problems: list[dict] = field(default_factory=list)
    missing: set[UUID] = field(default_factory=set)

    @property
    def mix(self) -> Mix:
        return sum((item.minutes for item in self.items), Mix())

    @property
    def measured(self) -> list[dict]:
        """What counts less than it declares because learners took far less: {code, th, en}."""
        return [
            {
                "code": "measured",
                **in_all_languages(partial(measured_message, item.page.title, item.cap)),
            }
            for item in self.items
            if item.cap is not None
        ]

    @property
    def passes(self) -> bool:
        return self.mix.passes and not self.problems


def texts_of(page, translations: list) -> dict:
    """{language: snapshot} of a page and of its published translations."""
    texts = {page.locale.language_code: snapshot(page)}
    for translation in translations:
        texts[translation.locale.language_code] = snapshot(translation)
    return texts


def said_in(text: dict) -> dict:
    """A snapshot without what names the page: the same content elsewhere has the same digest."""
    return {name: value for name, value in text.items() if name not in ("pk", "translation_key")}


def caps_of(keys: Iterable[UUID]) -> dict[UUID, MeasuredCap]:
    """{item: the limit that was measured} of those that have one."""
    return {cap.item: cap for cap in MeasuredCap.objects.filter(item__in=list(keys))}


def build_item(
    page: ItemPage, translations: list, section: int | None, cap: MeasuredCap | None = None
) -> Item:
    kind = page.kind
    counted = Mix(*kind.minutes(page))
    minutes = counted.limited(cap.minutes if cap else None)
    texts = texts_of(page, translations)
    content = {
        "kind": kind.name,
        "declared": page.minutes,
        "required": page.required,
        "minutes": [minutes.lecture, minutes.active, minutes.neutral],
        "source": page.locale.language_code,
        "texts": {lang: said_in(text) for lang, text in texts.items()},
    }
    version = ItemVersion(
        item=page.translation_key,
        kind=kind.name,
        category=kind.category,
        declared=page.minutes,
        required=page.required,
        lecture=minutes.lecture,
        active=minutes.active,
        neutral=minutes.neutral,
        source_language=page.locale.language_code,
        languages=sorted(texts),
        texts=texts,
        digest=digest(content),
    )
    return Item(
        page=page,
        texts=texts,
        section=section,
        minutes=minutes,
        version=version,
        cap=cap if minutes != counted else None,
    )


def problems_of(page: ItemPage) -> list[dict]:
    """What keeps one item from being offered."""
    kind = page.kind
    found = []
    ceiling = kind.ceiling(page) if page.required else None
    if ceiling is not None and page.minutes > ceiling:
        found.append(
            {
                "code": "over_ceiling",
                **in_all_languages(
                    lambda: ceiling_message(
                        page.title, page.minutes, ceiling, kind.ceiling_advice(page)
                    )
                ),
            }
        )
    per_language = in_all_languages(lambda: "\n".join(str(p) for p in kind.problems(page)))
    for th, en in zip(
        per_language["th"].splitlines(), per_language["en"].splitlines(), strict=True
    ):
        found.append({"code": "item", "th": f"“{page.title}”: {th}", "en": f"“{page.title}”: {en}"})
    return found


def placeholder_problems(texts: dict) -> list[dict]:
    """Texts of a template that still wait for their author's words, in any language."""
    found = []
    for text in texts.values():
        if places := placeholders_in(text):
            said = partial(placeholder_message, text["title"], named(places))
            found.append({"code": "placeholder", **in_all_languages(said)})
    return found


def with_locales(pages: Iterable[Page]) -> list[Page]:
    """The pages with their locales read at once: `specific()` forgets `select_related`."""
    locales = Locale.objects.in_bulk()
    found = list(pages)
    for page in found:
        page.locale = locales[page.locale_id]
    return found


def live_pages(course: CoursePage, *, opened: Iterable[str] = ()) -> list[Page]:
    """The live pages below a course in tree order; below a section that is not live, none.
    `opened` are paths of pages that count as live."""
    pages = with_locales(Page.objects.descendant_of(course).order_by("path").specific())
    hidden: list[str] = []
    shown = []
    for page in pages:
        if any(page.path.startswith(path) for path in hidden):
            continue
        if page.live or page.path in opened:
            shown.append(page)
        else:
            hidden.append(page.path)
    return shown


def candidate(
    course: CoursePage,
    *,
    replace: Page | Iterable[Page] | None = None,
    without: Iterable[Page] = (),
) -> Candidate:
    """What would be released now. With `replace`, as if those pages (unsaved changes and all) were
    published, with `without` as if those and all below them were not live: this is how a refusal
    can come before the fact."""
    replacing = [replace] if isinstance(replace, Page) else list(replace or ())
    course_page = next((page for page in replacing if isinstance(page, CoursePage)), course)
    replacing = {page.pk: page for page in replacing if not isinstance(page, CoursePage)}
    gone = tuple(page.path for page in without)
    pages = live_pages(course, opened=[page.path for page in replacing.values()])
    pages = [page for page in pages if page.pk not in replacing and not page.path.startswith(gone)]
    pages += replacing.values()
    pages.sort(key=lambda page: page.path)
    keys = [page.translation_key for page in pages] + [course.translation_key]
    caps = caps_of(keys)
    translations: dict[UUID, list] = {}
    for translated in with_locales(
        Page.objects.filter(translation_key__in=keys, live=True)
        .exclude(locale_id=course.locale_id)
        .specific()
    ):
        translations.setdefault(translated.translation_key, []).append(translated)

    result = Candidate(
        page=course_page, texts=texts_of(course_page, translations.get(course.translation_key, []))
    )
    result.problems += placeholder_problems(result.texts)
    section_index: dict[str, int] = {}
    seen: dict[str, str] = {}
    for page in pages:
        if isinstance(page, SectionPage):
            section_index[page.path] = len(result.sections)
            texts = texts_of(page, translations.get(page.translation_key, []))
            result.sections.append({lang: text["title"] for lang, text in texts.items()})
            continue
        if not isinstance(page, ItemPage):
            result.problems.append({"code": "kind_missing", **missing_kind(page)})
            result.missing.add(page.translation_key)
            continue
        section = next((n for path, n in section_index.items() if page.path.startswith(path)), None)
        try:
            key = page.translation_key
            item = build_item(page, translations.get(key, []), section, caps.get(key))
            problems, fingerprint = problems_of(page), page.kind.fingerprint(page)
        except registry.UnknownKind:  # not installed, or failed: its minutes are credited to nobody
            result.problems.append({"code": "kind_missing", **missing_kind(page)})
            result.missing.add(page.translation_key)
            continue
        result.items.append(item)
        result.problems += problems
        result.problems += placeholder_problems(item.texts)
        if fingerprint and fingerprint in seen:
            sentence = partial(duplicate, page.title, seen[fingerprint])
            result.problems.append({"code": "duplicate", **in_all_languages(sentence)})
        elif fingerprint:
            seen[fingerprint] = page.title
    return result


def missing_kind(page) -> dict[str, str]:
    if registry.find(getattr(page, "kind_name", "")) is not None:
        return in_all_languages(
            lambda: (
                _(
                    "“%(title)s” belongs to an activity kind that does not work at present, so its "
                    "minutes cannot be counted. Ask an administrator to repair or replace it, or "
                    "unpublish the page."
                )
                % {"title": page.title}
            )
        )
    if page.content_type.model_class() is None:
        return in_all_languages(
            lambda: (
                _(
                    "“%(title)s” belongs to an activity kind whose package is not installed. Changes "
                    "of the course wait until it is installed again; learners keep what they have."
                )
                % {"title": page.title}
            )
        )
    return in_all_languages(
        lambda: (
            _(
                "“%(title)s” belongs to an activity kind that is not installed. Install it again, or "
                "unpublish the page."
            )
            % {"title": page.title}
        )
    )


def duplicate(title: str, first: str) -> str:
    return _(
        "“%(title)s” asks the same as “%(first)s”. The same task counts once: change it or remove it."
    ) % {"title": title, "first": first}


def outline_of(result: Candidate) -> dict:
    """What lists, cards and the player's outline need, without touching a version.

    {code, level, pacing, target_groups, skill_groups, sections: [{lang: title}], items: [{key,
    slug, kind, category, icon, titles, summaries, expects, declared, lecture, active, neutral,
    required, section, cap}]}; texts are {language: text}. `cap` is there only where an activity counts
    less because learners took far less than it declares. Where courses are
    required before this one: prerequisites: [{course, titles}].
    """
    page = result.page
    items = []
    for item in result.items:
        kind = registry.get(item.version.kind)
        titles, summaries, expects = {}, {}, {}
        for language, text in item.texts.items():
            titles[language] = text["title"]
        contents = {language: content_of(item, language) for language in item.texts}
        fallback = contents[item.version.source_language]
        summaries = per_language(kind.summary, contents, fallback)
        expects = per_language(kind.expectations, contents, fallback)
        items.append(
            {
                "key": str(item.version.item),
                "slug": item.page.slug,
                "kind": kind.name,
                "category": str(item.version.category),
                "icon": kind.icon,
                "titles": titles,
                "summaries": summaries,
                "expects": expects,
                "declared": item.version.declared,
                "lecture": item.minutes.lecture,
                "active": item.minutes.active,
                "neutral": item.minutes.neutral,
                "required": item.version.required,
                "section": item.section,
                **({"cap": item.cap.minutes} if item.cap else {}),
            }
        )
    text = result.texts[page.locale.language_code]
    before = prerequisites_of(page, text)
    return {
        **({"prerequisites": before} if before else {}),
        "slug": page.slug,
        "code": page.code,
        "level": page.level,
        "pacing": page.pacing,
        "target_groups": text.get("target_groups", []),
        "skill_groups": text.get("skill_groups", []),
        "titles": {language: text["title"] for language, text in result.texts.items()},
        "summaries": {language: text["summary"] for language, text in result.texts.items()},
        "sections": result.sections,
        "items": items,
    }


def prerequisites_of(page: CoursePage, text: dict) -> list[dict]:
    """[{course, titles}] of the courses to complete before; a query more only where there are any."""
    wanted = [row["course"] for row in text.get("prerequisites", [])]
    if not wanted:
        return []
    keys = dict(CoursePage.objects.filter(pk__in=wanted).values_list("pk", "translation_key"))
    titles: dict[UUID, dict] = {}
    for key, language, title in CoursePage.objects.filter(
        translation_key__in=keys.values()
    ).values_list("translation_key", "locale__language_code", "title"):
        titles.setdefault(key, {})[language] = title
    return [
        {"course": str(keys[pk]), "titles": titles[keys[pk]]}
        for pk in wanted
        if pk in keys and keys[pk] != page.translation_key
    ]


def content_of(item: Item, language: str):
    return item.version.content(language)


def per_language(function, contents: dict, fallback) -> dict:
    """A kind's sentences in every language of the site, from the texts in that language."""
    result = {}
    for code, _name in settings.LANGUAGES:
        with override(code):
            value = function(contents.get(code, fallback))
            result[code] = [str(v) for v in value] if isinstance(value, list) else str(value)
    return result

"""Versions and visits of any kind, without a course around them."""

import uuid

from django.utils import timezone
from wagtail.models import Locale

from activities.core import registry
from activities.core.contract import Visit
from activities.core.models import ItemVersion, Participation
from activities.core.snapshots import digest, snapshot


def version_of(page, **translations) -> ItemVersion:
    """An ItemVersion of an unsaved or saved page; `en=page` adds a translation."""
    language = page.locale.language_code
    texts = {language: snapshot(page)}
    for code, translated in translations.items():
        texts[code] = snapshot(translated)
    kind = registry.get(page.kind_name)
    minutes = kind.minutes(page)
    return ItemVersion.objects.create(
        item=page.translation_key,
        kind=kind.name,
        category=kind.category,
        declared=page.minutes,
        required=page.required,
        lecture=minutes.lecture,
        active=minutes.active,
        neutral=minutes.neutral,
        source_language=language,
        texts=texts,
        digest=digest(texts),
    )


def locale(code: str = "th") -> Locale:
    return Locale.objects.get_or_create(language_code=code)[0]


def participation_of(version: ItemVersion, user, *, cohort=None) -> Participation:
    return Participation.objects.create(
        user=user,
        seat=uuid.uuid4(),
        cohort=cohort or uuid.uuid4(),
        item=version.item,
        version=version,
    )


def visit_of(participation: Participation, *, language="th", now=None) -> Visit:
    return Visit(
        participation=participation,
        version=participation.version,
        user=participation.user,
        language=language,
        base_url="/th/learn/course/item/",
        now=now or timezone.now(),
    )

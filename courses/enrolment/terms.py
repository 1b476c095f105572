"""Names of framework terms by key, for lists: two short tables that hardly ever change."""

from django.core.cache import cache

from courses.catalogue.models import SkillGroup, TargetGroup

SECONDS = 60


def terms(model) -> dict[int, dict]:
    """{primary key: {key, th, en, order}} of a framework list, kept for a minute."""
    name = f"terms:{model._meta.label}"
    found = cache.get(name)
    if found is None:
        found = {
            term.pk: {
                "key": term.key,
                "th": term.name_th or term.name_en or term.key,
                "en": term.name_en or term.name_th or term.key,
                "order": (term.framework.version, term.order),
                "framework": term.framework_id,
            }
            for term in model.objects.select_related("framework")
        }
        cache.set(name, found, SECONDS)
    return found


def target_groups() -> dict[int, dict]:
    return terms(TargetGroup)


def skill_groups() -> dict[int, dict]:
    return terms(SkillGroup)

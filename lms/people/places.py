"""Where people belong, in words."""

from django.utils.translation import get_language

from courses.catalogue.models import TargetGroup

from .models import Agency, Membership


def memberships_of(user) -> list[dict]:
    """Somebody's memberships that hold today, with what is above each agency, for a page."""
    rows = list(
        Membership.objects.current()
        .filter(user=user)
        .select_related("agency")
        .order_by("agency__path")
    )
    step = Agency.steplen
    above = {
        row.agency.path[:end] for row in rows for end in range(step, len(row.agency.path), step)
    }
    named = {a.path: a.name for a in Agency.objects.filter(path__in=above)} if above else {}
    groups = target_group_names() if any(row.target_group for row in rows) else {}
    return [
        {
            "agency": row.agency.name,
            "above": " › ".join(
                named[row.agency.path[:end]]
                for end in range(step, len(row.agency.path), step)
                if row.agency.path[:end] in named
            ),
            "position": row.position,
            "target_group": groups.get(row.target_group, ""),
            "administers": row.role == Membership.Role.ADMINISTRATOR,
        }
        for row in rows
    ]


def target_groups_of(user) -> frozenset[str]:
    """The keys of the target groups that somebody belongs to today."""
    return frozenset(
        Membership.objects.current()
        .filter(user=user)
        .exclude(target_group="")
        .values_list("target_group", flat=True)
    )


def target_group_names() -> dict[str, str]:
    """{key: name} of the framework that is current."""
    field = "name_en" if (get_language() or "th")[:2] == "en" else "name_th"
    groups = TargetGroup.objects.filter(framework__is_current=True)
    return dict(groups.values_list("key", field))

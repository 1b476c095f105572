"""What an operator should hear about kinds of activity before the site starts."""

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register

from . import plugins, registry

HINTS = {
    "disabled": "Take its name out of LMS_PLUGINS_DISABLED to switch it on again.",
    "import": "Install a version of the package that works, or remove the package.",
    "models": "Install a version of the package that works, or remove the package.",
    "ready": "Install a version of the package that works, or remove the package.",
    "api": f"Install a version of the package that is written for api {registry.API}.",
    "shadow": "A package of this name belongs to the site. Remove the one that uses it, too.",
    "label": "Another app has this label. The plugin's makers have to choose another.",
    "name": "Another package has this name. Remove one of the two.",
    "category": "The list of categories is closed, because the 60/40 rule counts by it.",
    "contract": "Tell the makers of the package; `docs/plugins/` says what a kind owes.",
    "no_kind": "Its AppConfig.ready() has to call activities.core.registry.register().",
}


@register()
def plugins_in_quarantine(app_configs, **kwargs):
    """A plugin that does not work is left out; what it holds is kept."""
    return [
        Warning(
            f"The activity plugin {plugin.name} ({plugin.distribution or plugin.value}) is in "
            f"quarantine: {plugin.code}{': ' + plugin.detail if plugin.detail else ''}",
            hint=HINTS.get(plugin.code, ""),
            id="sala.W010",
        )
        for plugin in plugins.all_plugins()
        if plugin.quarantined and plugin.code != "disabled"
    ]


@register()
def disabled_names_are_known(app_configs, **kwargs):
    """A misspelt name switches nothing off."""
    known = set(registry.disabled_kinds())
    for plugin in plugins.all_plugins():
        known |= {plugin.name, plugin.distribution, plugin.package, plugin.value.split(".")[0]}
    return [
        Warning(
            f"LMS_PLUGINS_DISABLED names {name!r}, but there is no such kind of activity.",
            hint="Correct the name. `manage.py kinds` lists what is there.",
            id="sala.W011",
        )
        for name in settings.LMS_PLUGINS_DISABLED
        if name not in known
    ]


@register()
def own_kinds_are_there(app_configs, **kwargs):
    """Lessons cannot be switched off: a course consists of them."""
    if "lesson" in registry.disabled_kinds():
        return [
            Error(
                "LMS_PLUGINS_DISABLED names 'lesson': no course can be shown without lessons.",
                hint="Take it out of the variable.",
                id="sala.E010",
            )
        ]
    return []


@register(Tags.database)
def kinds_that_fail_or_are_gone(app_configs, databases=None, **kwargs):
    """With --database: kinds that failed lately, and those that were used and are not installed."""
    from django.db import DatabaseError

    from .health import is_failing
    from .models import ItemVersion, KindHealth

    if not databases:
        return []
    try:
        failing = [row for row in KindHealth.objects.all() if is_failing(row)]
        used = set(ItemVersion.objects.values_list("kind", flat=True).distinct())
    except DatabaseError:  # not migrated yet
        return []
    found = [
        Warning(
            f"The kind {row.kind} failed within the last day: {row.last_error}",
            hint="The list “Kinds of activity” in the authoring site says more.",
            id="sala.W012",
        )
        for row in failing
    ]
    for name in sorted(used):
        if registry.find(name) is None:
            found.append(
                Warning(
                    f"The kind {name} was used here and is not installed.",
                    hint="Install its package again. Until then its parts of courses say that they "
                    "are unavailable; nothing of them is lost.",
                    id="sala.W013",
                )
            )
    return found

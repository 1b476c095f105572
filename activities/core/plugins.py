"""Kinds of activity from other packages: found by entry point, kept at arm's length.

A package that provides a kind is an ordinary Django app. It says so in its `pyproject.toml`:

    [project.entry-points."lms.activity"]
    diary = "sala_diary.apps.DiaryConfig"

The settings call `find` and add what is sound to INSTALLED_APPS. Whatever goes wrong in such a
package while the site starts puts that package in quarantine: the site starts, and an operator
reads why in a system check and in the list of kinds.

Nothing here needs Django to be set up: settings import it.
"""

import importlib
import importlib.util
import logging
import pkgutil
import sys
from dataclasses import dataclass
from importlib import metadata
from types import ModuleType

logger = logging.getLogger("sala.plugins")

GROUP = "lms.activity"
# Packages of this site and what it stands on: no plugin may put itself in their place.
RESERVED_PACKAGES = frozenset(
    "activities courses lms search themes tests django wagtail allauth celery modelcluster".split()
)
# Labels of apps whose label is not the last part of their name.
RESERVED_LABELS = frozenset(
    "activities account socialaccount mfa auth contenttypes admin messages sessions staticfiles "
    "humanize wagtailcore wagtailadmin wagtaildocs wagtailimages wagtailusers wagtailforms "
    "wagtailredirects wagtailsites wagtailembeds wagtailsnippets wagtailsearch "
    "wagtailsettings simple_translation base_theme".split()
)
# Modules that others import by their name, in every app: one that fails would fail everywhere.
LOOKED_FOR = ("wagtail_hooks", "tasks", "image_formats")


@dataclass
class Plugin:
    """A package that offers a kind. `app` is its entry of INSTALLED_APPS, "" when it is left out;
    `code` says why it is in quarantine ("" when it is not) and `detail` what exactly happened."""

    name: str
    value: str
    distribution: str = ""
    version: str = ""
    app: str = ""
    package: str = ""
    label: str = ""
    code: str = ""
    detail: str = ""

    @property
    def quarantined(self) -> bool:
        return bool(self.code)

    def quarantine(self, code: str, detail: object = "") -> None:
        self.code = code
        if isinstance(detail, BaseException):
            detail = f"{type(detail).__name__}: {detail}"
        self.detail = str(detail)[:500]


def find(disabled: list[str], installed: list[str]) -> list[Plugin]:
    """Every package that offers a kind, the sound ones with an `app` for INSTALLED_APPS.

    `disabled` are names of entry points, of packages or of their distributions; those are not even
    imported. `installed` are the site's own apps.
    """
    found: list[Plugin] = []
    labels = RESERVED_LABELS | {entry.rpartition(".")[2] for entry in installed}
    points = sorted(metadata.entry_points(group=GROUP), key=lambda point: point.name)
    for point in points:
        plugin = Plugin(
            name=point.name,
            value=point.value.replace(":", ".").strip(),
            distribution=point.dist.name if point.dist else "",
            version=point.dist.version if point.dist else "",
        )
        plugin.package = plugin.value.split(".")[0]
        taken = {other.name for other in found}, labels | {o.label for o in found if o.app}
        consider(plugin, set(disabled), *taken)
        found.append(plugin)
    return found


def consider(plugin: Plugin, disabled: set, names: set, labels: set) -> None:
    """Decide whether a package may become an app of the site."""
    if {plugin.name, plugin.package, plugin.distribution} & disabled:
        return plugin.quarantine("disabled")
    if plugin.package in RESERVED_PACKAGES:
        return plugin.quarantine("shadow", plugin.package)
    if plugin.name in names:
        return plugin.quarantine("name", plugin.name)
    try:
        from django.apps import AppConfig

        # Imports the package and its `apps` module, nothing more.
        config = AppConfig.create(plugin.value)
    except (Exception, SystemExit) as error:
        return plugin.quarantine("import", error)
    if config.label in labels:
        return plugin.quarantine("label", config.label)
    plugin.app, plugin.package, plugin.label = plugin.value, config.name, config.label
    return None


def all_plugins() -> list[Plugin]:
    """The packages that this process found when it started."""
    from django.conf import settings

    return getattr(settings, "LMS_PLUGINS", [])


def owner(module: str) -> Plugin | None:
    """The plugin that a module belongs to, working or not."""
    for plugin in all_plugins():
        if plugin.package and (module == plugin.package or module.startswith(f"{plugin.package}.")):
            return plugin
    return None


# -- while Django starts ---------------------------------------------------------------------------


def watch(apps) -> None:
    """Let every plugin fail alone when its models are imported and when it is made ready.

    Called once all app configs exist and before any plugin's models are imported.
    """
    for plugin in all_plugins():
        if plugin.app:
            config = apps.get_app_config(plugin.label)
            config.import_models = guarded_models(apps, plugin, config, config.import_models)
            config.ready = guarded_ready(plugin, config, config.ready)


def guarded_models(apps, plugin: Plugin, config, import_models):
    def run():
        try:
            import_models()
        except (Exception, SystemExit) as error:
            logger.exception("The plugin %s failed when its models were imported", plugin.name)
            plugin.quarantine("models", error)
            forget_models(apps, config)

    return run


def forget_models(apps, config) -> None:
    """Models of a half-imported module would take part in every query for pages."""
    from wagtail.models import PAGE_MODEL_CLASSES

    half_made = set(apps.all_models.pop(config.label, {}).values())
    PAGE_MODEL_CLASSES[:] = [model for model in PAGE_MODEL_CLASSES if model not in half_made]
    config.models, config.models_module = apps.all_models[config.label], None
    apps.clear_cache()


def guarded_ready(plugin: Plugin, config, ready):
    def run():
        from . import registry

        if plugin.quarantined:
            set_aside(config)
            return
        try:
            import_what_is_looked_for(config.name)
            ready()
        except registry.KindRefused as refusal:
            logger.error("The plugin %s was refused: %s", plugin.name, refusal)
            plugin.quarantine(refusal.reason, refusal)
        except (Exception, SystemExit) as error:
            logger.exception("The plugin %s failed when it was made ready", plugin.name)
            plugin.quarantine("ready", error)
        else:
            if not registry.kinds_of(plugin):
                plugin.quarantine("no_kind")
        if plugin.quarantined:
            registry.drop(plugin)
            set_aside(config)

    return run


def submodules(package: str) -> list[str]:
    """Modules of an app that other parts of the site import by their name."""
    names = [f"{package}.{name}" for name in LOOKED_FOR]
    names = [name for name in names if importlib.util.find_spec(name) is not None]
    tags = importlib.util.find_spec(f"{package}.templatetags")
    if tags is not None and tags.submodule_search_locations:
        names.append(f"{package}.templatetags")
        found = pkgutil.iter_modules(tags.submodule_search_locations)
        names += [f"{package}.templatetags.{module.name}" for module in found]
    return names


def import_what_is_looked_for(package: str) -> None:
    for name in submodules(package):
        importlib.import_module(name)


def set_aside(config) -> None:
    """Put empty modules in the place of those of a package in quarantine that were not imported
    yet: Wagtail, Celery and the templates would stumble over them later."""
    try:
        names = submodules(config.name)
    except Exception:  # not even looking for them works; there is nothing to be found then
        logger.exception("Could not look for the modules of %s", config.name)
        return
    for name in names:
        if name not in sys.modules:
            module = ModuleType(name)
            module.__path__ = []
            sys.modules[name] = module

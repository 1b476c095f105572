"""List the kinds of activity, where they come from, and what is in quarantine."""

from django.core.management.base import BaseCommand

from activities.core import guard, plugins, registry


class Command(BaseCommand):
    help = "List the kinds of activity, where they come from, and what is in quarantine and why."

    def handle(self, **options):
        for kind in registry.all_kinds():
            module = type(guard.bare(kind)).__module__
            plugin = plugins.owner(module)
            source = f"{plugin.distribution} {plugin.version}" if plugin else "Sala"
            self.stdout.write(f"{kind.name}\t{kind.category}\tapi {kind.api}\t{source}")
        for name in registry.disabled_kinds():
            self.stdout.write(f"{name}\tswitched off")
        for plugin in plugins.all_plugins():
            if plugin.quarantined:
                self.stdout.write(
                    f"{plugin.name}\tin quarantine: {plugin.code}\t{plugin.detail}".rstrip()
                )

"""The author's desk: each subject registers its own hooks in its own module, imported here."""

from .corrections import hooks as corrections_hooks  # noqa: F401
from .dashboard import hooks as dashboard_hooks  # noqa: F401
from .duplicate import hooks as duplicate_hooks  # noqa: F401
from .files import hooks as files_hooks  # noqa: F401
from .kinds import hooks as kinds_hooks  # noqa: F401
from .meter import hooks as meter_hooks  # noqa: F401
from .preview import hooks as preview_hooks  # noqa: F401
from .releases import hooks as releases_hooks  # noqa: F401
from .report import hooks as report_hooks  # noqa: F401
from .templates import hooks as templates_hooks  # noqa: F401
from .times import hooks as times_hooks  # noqa: F401

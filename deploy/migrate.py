"""Bring the database up to date while the site is at work.

A change of a table has to have it for itself for a moment. While it waits for somebody who is long at
work there, everybody else waits behind it; so it does not wait longer than a few seconds, lets them
pass, and tries again.
"""

import os
import sys
import time
from pathlib import Path

SECONDS_TO_WAIT, SECONDS_BETWEEN, TRIES = 4, 5, 30
LOCK_NOT_AVAILABLE = "55P03"  # PostgreSQL, appendix A


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.production")
    # Read by PostgreSQL's client library; SQLite has no such queue.
    given = os.environ.get("PGOPTIONS", "")
    os.environ["PGOPTIONS"] = f"{given} -c lock_timeout={SECONDS_TO_WAIT}s".strip()
    import django
    from django.core.management import call_command
    from django.db import OperationalError

    django.setup()
    for attempt in range(1, TRIES + 1):
        try:
            call_command("migrate", *sys.argv[1:], interactive=False)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) != LOCK_NOT_AVAILABLE:
                raise
            say(f"Somebody is long at work in a table (attempt {attempt} of {TRIES}): {error}")
            time.sleep(SECONDS_BETWEEN)
        else:
            return 0
    say("The database was not brought up to date. Nothing is half done: call this again later.")
    return 1


if __name__ == "__main__":
    sys.exit(main())

"""The engines by name, and which of them answers."""

from functools import cache

from django.conf import settings
from django.db import connection

from search.contract import Engine


def database() -> Engine:
    """The engine of the site's own database: always there, always indexed."""
    vendor = connection.vendor
    if vendor == "postgresql":
        from .postgres import PostgresEngine

        return PostgresEngine()
    from .sqlite import SqliteEngine

    return SqliteEngine()


@cache
def _elastic(url: str, index: str) -> Engine:
    from .elastic import ElasticEngine

    return ElasticEngine(url, index)


def elasticsearch() -> Engine | None:
    """Elasticsearch, when the site has one."""
    url = settings.LMS_ELASTICSEARCH_URL
    return _elastic(url, settings.LMS_ELASTICSEARCH_INDEX) if url else None


def every() -> list[Engine]:
    """The engines that are kept up to date, the preferred one first."""
    preferred = elasticsearch()
    return [preferred, database()] if preferred else [database()]

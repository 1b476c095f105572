"""The one place that imports Elasticsearch's client and its DSL (the package elasticsearch-dsl of
old is now `elasticsearch.dsl`)."""

from elasticsearch import ApiError, ConnectionTimeout, Elasticsearch, NotFoundError, TransportError
from elasticsearch.dsl import (
    Document,
    Integer,
    Keyword,
    Q,
    Search,
    Text,
    analyzer,
    token_filter,
    tokenizer,
)
from elasticsearch.helpers import BulkIndexError, bulk, scan

__all__ = [
    "ApiError",
    "BulkIndexError",
    "ConnectionTimeout",
    "Document",
    "Elasticsearch",
    "Integer",
    "Keyword",
    "NotFoundError",
    "Q",
    "Search",
    "Text",
    "TransportError",
    "analyzer",
    "bulk",
    "scan",
    "token_filter",
    "tokenizer",
]

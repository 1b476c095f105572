"""The site's own API, version 1. Thin: it says what the rooms know. `openapi.json` describes it."""

from datetime import datetime
from typing import Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, NinjaAPI, Query, Schema, Status

from search import counting
from search.contract import EngineDown
from search.find import search as find
from search.question import plain

api = NinjaAPI(
    title="Sala",
    version="1",
    description="What may be found is what the person who is signed in may read; nobody signed in: what is public.",
    urls_namespace="api-v1",
    # The interactive page would load scripts from another site.
    docs_url=None,
)


class Piece(Schema):
    text: str
    found: bool = Field(description="Whether this stretch is what was searched for.")


class HitOut(Schema):
    title: list[Piece]
    excerpt: list[Piece]
    trail: list[str] = Field(description="Where it stands: the course, then the item.")
    kind: str
    language: str
    minutes: int
    url: str
    updated: datetime


class GroupOut(Schema):
    course: str = Field(description="The course's key; empty for pages of the site.")
    title: str
    url: str
    hits: list[HitOut]
    more: int = Field(description="Further places in this course.")


class FacetOut(Schema):
    name: str
    counts: dict[str, int] = Field(description="Value: groups of results that have it.")


class PromotedOut(Schema):
    title: str
    text: str
    url: str


class ResultsOut(Schema):
    total: int = Field(
        description="Groups of results, or places in the one course that was asked for; at most the best "
        "200 passages are looked at."
    )
    page: int
    pages: int
    groups: list[GroupOut]
    facets: list[FacetOut]
    promoted: list[PromotedOut]
    did_you_mean: str
    degraded: bool = Field(description="The search server did not answer; the database did.")


class Problem(Schema):
    detail: str


class Mistake(Schema):
    loc: list[str | int] = Field(description="Where: `query`, then the name of the value.")
    msg: str
    type: str


class Refused(Schema):
    detail: list[Mistake]


class Asked(Schema):
    q: str = Field(
        "", description="What is searched for, as people type it: no signs have a meaning."
    )
    language: Literal["th", "en"] = "th"
    page: int = Field(1, ge=1, le=200)
    course: str = Field("", max_length=40)
    type: str = Field("", max_length=60)
    group: str = Field("", max_length=60)
    skill: str = Field("", max_length=60)
    method: str = Field("", max_length=60)
    level: str = Field("", max_length=60)
    spoken: str = Field("", max_length=5, description="The language of the passages.")


@api.get(
    "search",
    response={200: ResultsOut, 422: Refused, 503: Problem},
    url_name="search",
    tags=["search"],
)
def search(request: HttpRequest, response: HttpResponse, asked: Query[Asked]):
    """Courses, parts of lessons, activities, pages and contributions, grouped by course."""
    chosen = {
        name: (value,)
        for name in ("type", "group", "skill", "method", "level")
        if (value := plain(getattr(asked, name)))
    }
    if spoken := plain(asked.spoken):
        chosen["language"] = (spoken,)
    try:
        results = find(
            asked.q,
            request.user,
            language=asked.language,
            chosen=chosen,
            course=plain(asked.course),
            page=asked.page,
        )
    except EngineDown:
        return Status(
            503, {"detail": "Search does not answer at the moment. Try again in a minute."}
        )
    counting.count_after(response, results, request.user, asked.language)
    return {
        "total": results.total,
        "page": results.page.number if results.page else 1,
        "pages": results.page.paginator.num_pages if results.page else 1,
        "groups": [
            {
                "course": group.course,
                "title": group.title,
                "url": group.url,
                "more": group.more,
                "hits": [hit_out(hit) for hit in group.hits],
            }
            for group in results.groups
        ],
        "facets": [{"name": facet.name, "counts": facet.counts} for facet in results.facets],
        "promoted": [
            {"title": row.title, "text": row.text, "url": row.url} for row in results.promoted
        ],
        "did_you_mean": results.did_you_mean,
        "degraded": results.degraded,
    }


def hit_out(hit) -> dict:
    row = hit.row
    return {
        "title": [piece._asdict() for piece in hit.title],
        "excerpt": [piece._asdict() for piece in hit.excerpt],
        "trail": row.trail,
        "kind": row.kind,
        "language": row.language,
        "minutes": row.minutes,
        "url": row.url,
        "updated": row.updated,
    }


urls = api.urls

"""Elasticsearch 8. What is sent is segmented already, so any distribution will do: only the
whitespace and n-gram tokenizers, lower case and shingles are asked of it.

Among many passages it is the 3-grams that cost: a question has dozens, most of them in every tenth
passage. So the server is asked first how common each is, and the rarest are looked for.

`index` is an alias. An index of its own stands behind it, and a rebuild fills a new one before the
alias is moved, so a search never meets an empty index.
"""

import logging
import math
import re
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from copy import copy

from search import analysis, dsl
from search.contract import EngineDown, Entry, Narrowing, Viewer

from .tables import rarest

logger = logging.getLogger("sala.search")

SECONDS_TO_ANSWER = 1.0
# A question that is asked at the last moment fails after this, as if it had not been answered.
LEAST_SECONDS = 0.001
SECONDS_TO_INDEX = 60.0
SECONDS_TO_MERGE = 600.0
# An index behind no alias that is older than this was left behind by a rebuild that was killed.
SECONDS_TO_REBUILD = 24 * 3600.0
# After a failure the database answers at once for a while, instead of after a second each time.
SECONDS_OF_REST = 15.0
DIRECT = 1000.0
# For passages that hold all words.
EVERY_WORD = 10.0
# What shares less with a question is not shown (`spelling.relevant`, `spelling.resembles`), so it need
# not be scored: among many passages that is what costs.
WORDS_NEEDED = "33%"
GRAMS_NEEDED = "45%"
TITLE_GRAMS_NEEDED = "30%"
# Places of 3-grams that a question may touch before its commoner ones are left out.
BUDGET = 20_000
# Where an index notes the version of the analyser that it was made with.
ANALYSER = "analyser"

words = dsl.analyzer("sala_words", tokenizer="whitespace", filter=["lowercase"])
pairs = dsl.analyzer(
    "sala_pairs",
    tokenizer="whitespace",
    filter=[
        "lowercase",
        dsl.token_filter(
            "sala_shingle",
            type="shingle",
            min_shingle_size=2,
            max_shingle_size=2,
            output_unigrams=False,
        ),
    ],
)
grams = dsl.analyzer(
    "sala_grams",
    tokenizer=dsl.tokenizer(
        "sala_ngram", type="ngram", min_gram=analysis.GRAM, max_gram=analysis.GRAM
    ),
)


class Passage(dsl.Document):
    """A passage's terms and who may find it; the texts that people see stay in the database."""

    title = dsl.Text(analyzer=words, fields={"pairs": dsl.Text(analyzer=pairs)})
    body = dsl.Text(analyzer=words, fields={"pairs": dsl.Text(analyzer=pairs)})
    title_text = dsl.Text(analyzer=grams, fields={"start": dsl.Keyword(ignore_above=500)})
    body_text = dsl.Text(analyzer=grams)
    scope = dsl.Keyword()
    audience = dsl.Keyword()
    course = dsl.Keyword()
    labels = dsl.Keyword()


class ElasticEngine:
    name = "elasticsearch"

    def __init__(self, url: str, index: str):
        self.alias = index
        self.client = dsl.Elasticsearch(
            url, request_timeout=SECONDS_TO_ANSWER, max_retries=0, retry_on_timeout=False
        )
        # For one search, however many questions it takes.
        self.seconds = SECONDS_TO_ANSWER
        self.rests_until = 0.0

    # -- talking to the server ----------------------------------------------------------------

    def asked(self, function: Callable):
        """What the server answers. Raises `EngineDown` when it does not, or did not just now."""
        if time.monotonic() < self.rests_until:
            raise EngineDown("it did not answer a moment ago")
        try:
            return function()
        except (dsl.TransportError, dsl.ApiError, dsl.BulkIndexError) as error:
            if isinstance(error, dsl.TransportError):
                self.rests_until = time.monotonic() + SECONDS_OF_REST
            logger.warning("Elasticsearch: %s", error)
            raise EngineDown(str(error)) from error

    @property
    def patient(self):
        return self.client.options(request_timeout=SECONDS_TO_INDEX)

    def create(self) -> str:
        """A new index, empty and behind no alias."""
        name = f"{self.alias}-{time.strftime('%Y%m%d%H%M%S')}-{uuid.uuid4().hex[:6]}"
        definition = Passage._index.clone(name)
        definition.document(Passage)
        definition.settings(number_of_shards=1, number_of_replicas=0, refresh_interval="30s")
        definition.create(using=self.patient)
        self.patient.indices.put_mapping(index=name, meta={ANALYSER: analysis.VERSION})
        return name

    def is_current(self) -> bool:
        """Whether the index was filled by the analyser of today; one that is not there is not old."""

        def ask():
            if not self.client.indices.exists_alias(name=self.alias):
                return True
            made = self.client.indices.get_mapping(index=self.alias)
            return all(
                index["mappings"].get("_meta", {}).get(ANALYSER) == analysis.VERSION
                for index in made.values()
            )

        return self.asked(ask)

    def require(self) -> None:
        """Raises `EngineDown` when no index was built yet: one that holds the latest changes alone
        would answer as if there were nothing else."""
        if not self.client.indices.exists_alias(name=self.alias):
            raise EngineDown("no index was built yet")

    # -- the contract -------------------------------------------------------------------------

    def index(self, entries: Iterable[Entry]) -> None:
        def send():
            self.require()
            self.fill(self.alias, entries)

        self.asked(send)

    def fill(self, index: str, entries: Iterable[Entry]) -> None:
        dsl.bulk(self.patient, (document(index, entry) for entry in entries), chunk_size=200)

    def delete(self, numbers: Iterable[int]) -> None:
        actions = [
            {"_op_type": "delete", "_index": self.alias, "_id": str(number)} for number in numbers
        ]

        def send():
            self.require()
            # An entry that is not there is as good as deleted.
            dsl.bulk(self.patient, actions, raise_on_error=False, ignore_status=404)

        if actions:
            self.asked(send)

    def clear(self) -> None:
        def send():
            name = self.create()
            self.move_alias(name)

        self.asked(send)

    def numbers(self) -> set[int]:
        def send():
            if not self.patient.indices.exists_alias(name=self.alias):
                return set()
            self.patient.indices.refresh(index=self.alias)
            hits = dsl.scan(self.patient, index=self.alias, query={"_source": False}, size=5000)
            return {int(hit["_id"]) for hit in hits}

        return self.asked(send)

    def is_filled(self) -> bool:
        """Whether there is an index with anything in it."""
        return self.asked(
            lambda: (
                bool(self.client.indices.exists_alias(name=self.alias))
                and self.client.count(index=self.alias)["count"] > 0
            )
        )

    def refresh(self) -> None:
        self.asked(lambda: self.patient.indices.refresh(index=self.alias))

    def search(
        self, question, viewer: Viewer, narrowing: Narrowing, limit: int, titles_only: bool = False
    ) -> list[int]:
        until = time.monotonic() + self.seconds
        grams = self.rare_grams(question, titles_only, until)
        query = matching(question, grams, titles_only)
        found = self.found(query, viewer, narrowing, limit, until)
        if not found and not question.empty:
            # Nothing that would be shown: what comes close leads to similar courses.
            query = matching(question, grams, titles_only, close=True)
            found = self.found(query, viewer, narrowing, limit, until)
        return found

    def hurried(self, until: float):
        """A client that waits no longer than until then."""
        left = max(until - time.monotonic(), LEAST_SECONDS)
        return self.client.options(request_timeout=left)

    def rare_grams(self, question, titles_only: bool, until: float = math.inf) -> list[str]:
        """The 3-grams of a question that say most, as many as the budget allows."""
        if question.short:
            return []
        until = min(until, time.monotonic() + self.seconds)
        fields = ["title_text", *([] if titles_only else ["body_text"])]
        told = self.asked(
            lambda: self.hurried(until).termvectors(
                index=self.alias,
                doc=dict.fromkeys(fields, question.text),
                fields=fields,
                term_statistics=True,
                field_statistics=False,
                offsets=False,
                payloads=False,
                positions=False,
            )
        )
        counts = Counter()
        for field in told["term_vectors"].values():
            for gram, figures in field["terms"].items():
                counts[gram] += figures.get("doc_freq", 0)
        return rarest(counts, BUDGET)

    def found(
        self, query, viewer: Viewer, narrowing: Narrowing, limit: int, until: float
    ) -> list[int]:
        search = (
            dsl.Search(using=self.hurried(until), index=self.alias)
            .query(query)
            .filter(allowed(viewer))
            .source(False)
            .extra(track_total_hits=False)[:limit]
        )
        for wanted in narrowed(narrowing):
            search = search.filter(wanted)
        return [int(hit.meta.id) for hit in self.asked(search.execute)]

    # -- rebuilding -----------------------------------------------------------------------------

    def rebuild(
        self,
        batches: Iterable[list[Entry]],
        tell: Callable[[int], None],
        later: Callable[[int], Iterable[list[Entry]]] = lambda number: (),
    ) -> None:
        """Fill a new index, then let the alias point to it and drop the old one.

        `later(number)` are the entries with higher numbers, which came while the index was merged.
        """

        def send():
            name, done, last = self.create(), 0, 0
            try:
                for batch in batches:
                    self.fill(name, batch)
                    done, last = done + len(batch), max([last, *(entry.number for entry in batch)])
                    tell(done)
                self.patient.indices.refresh(index=name)
                self.merge(name)
                for batch in later(last):
                    self.fill(name, batch)
                self.patient.indices.refresh(index=name)
            except BaseException:
                self.patient.indices.delete(index=name)
                raise
            self.move_alias(name)
            self.tidy()

        self.asked(send)

    def merge(self, name: str) -> None:
        """Make one segment of those that filling left, which is twice as quick to search. Nothing depends
        on it: a server that takes longer than anybody waits goes on by itself, as it does where a proxy
        ends the wait, and one that forbids it is searched as it is."""
        try:
            self.client.options(request_timeout=SECONDS_TO_MERGE).indices.forcemerge(
                index=name, max_num_segments=1
            )
        except dsl.ConnectionTimeout:
            logger.info("Elasticsearch goes on merging %s", name)
        except (dsl.TransportError, dsl.ApiError) as error:
            logger.warning("Elasticsearch did not merge %s: %s", name, error)

    def tidy(self) -> None:
        """Delete what rebuilds left that were killed: indexes of this name, behind no alias, a day old."""
        made = re.compile(rf"{re.escape(self.alias)}-\d{{14}}-[0-9a-f]{{6}}")
        try:
            every = self.patient.indices.get(
                index=f"{self.alias}-*", features=["aliases", "settings"]
            )
            for name, index in every.items():
                age = time.time() - int(index["settings"]["index"]["creation_date"]) / 1000
                if made.fullmatch(name) and not index["aliases"] and age > SECONDS_TO_REBUILD:
                    logger.info("Elasticsearch: %s was left behind and is deleted", name)
                    self.patient.indices.delete(index=name)
        except (dsl.TransportError, dsl.ApiError) as error:
            # The new index answers already.
            logger.warning("Elasticsearch did not delete old indexes: %s", error)

    def move_alias(self, name: str) -> None:
        try:
            behind = list(self.patient.indices.get_alias(name=self.alias))
        except dsl.NotFoundError:
            behind = []
        actions = [{"remove": {"index": old, "alias": self.alias}} for old in behind]
        actions.append({"add": {"index": name, "alias": self.alias}})
        self.patient.indices.update_aliases(actions=actions)
        for old in behind:
            self.patient.indices.delete(index=old)

    def drop(self) -> None:
        """Delete the index and its alias."""
        try:
            for name in list(self.client.indices.get_alias(name=self.alias)):
                self.patient.indices.delete(index=name)
        except dsl.NotFoundError:
            return

    @contextmanager
    def beside(self, name: str) -> Iterator["ElasticEngine"]:
        """An engine with an index of its own for a while, on the same server, for measurements: it waits
        for an answer, since a slow one is a result too."""
        other = copy(self)
        other.client, other.seconds = self.patient, SECONDS_TO_INDEX
        other.alias = f"{self.alias}-{name}-{uuid.uuid4().hex[:6]}"
        other.clear()
        try:
            yield other
        finally:
            other.asked(other.drop)


def document(index: str, entry: Entry) -> dict:
    return {
        "_index": index,
        "_id": str(entry.number),
        "title": " ".join(entry.title_words),
        "body": " ".join(entry.body_words),
        "title_text": entry.title_text,
        "body_text": entry.body_text,
        "scope": entry.scope,
        "audience": entry.audience,
        "course": entry.course,
        "labels": [f"{name}={value}" for name, values in entry.labels.items() for value in values],
    }


def matching(question, grams: list[str], titles_only: bool, close: bool = False):
    """What was typed letter for letter first; then words, pairs of words and these 3-grams together.

    `close`: also what shares less with the question than would be shown as a result.
    """
    words_needed, grams_needed = ("1", "1") if close else (WORDS_NEEDED, GRAMS_NEEDED)
    if titles_only and not close:
        grams_needed = TITLE_GRAMS_NEEDED
    either = [] if titles_only else ["body"]
    whole, joined = ["title^3", *either], ["title.pairs^2", *(f"{name}.pairs" for name in either)]
    asked = [" ".join(question.words), *(" ".join(other) for other in question.others)]
    should = [across(asked[0], whole, words_needed)]
    # A synonym counts by itself: what holds it need not hold a word that was typed.
    should += [across(other, whole) for other in asked[1:]]
    should.append(across(" ".join(asked), joined))
    if len(question.words) > 1:
        # Common words score little, so that one of them in a title would come before both in a body.
        every = across(asked[0], ["title", *either], "100%")
        should.append(dsl.Q("constant_score", filter=every, boost=EVERY_WORD))
    if question.short:
        # Half a word; an abbreviation is not half of anything.
        if close or not question.abbreviated:
            should.append(
                dsl.Q("prefix", **{"title_text.start": {"value": question.text, "boost": 5}})
            )
    else:
        direct = [
            dsl.Q("match_phrase", **{f"{name}_text": question.text}) for name in ["title", *either]
        ]
        should.append(dsl.Q("constant_score", filter=dsl.Q("bool", should=direct), boost=DIRECT))
    if grams:
        letters = ["title_text^2", *(f"{name}_text" for name in either)]
        should.append(across(" ".join(grams), letters, grams_needed, analyzer="whitespace"))
    return dsl.Q("bool", should=should, minimum_should_match=1)


def across(text: str, fields: list[str], needed: str = "1", **how):
    return dsl.Q(
        "multi_match",
        query=text,
        fields=fields,
        type="cross_fields",
        minimum_should_match=needed,
        **how,
    )


def allowed(viewer: Viewer):
    return dsl.Q(
        "bool",
        should=[
            dsl.Q("terms", scope=sorted(viewer.scopes)),
            dsl.Q("terms", audience=sorted(viewer.tokens)),
        ],
        minimum_should_match=1,
    )


def narrowed(narrowing: Narrowing) -> Iterator:
    if narrowing.course:
        yield dsl.Q("term", course=narrowing.course)
    for name, values in sorted(narrowing.labels.items()):
        yield dsl.Q("terms", labels=[f"{name}={value}" for value in values])

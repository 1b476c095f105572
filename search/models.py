"""The passages that can be found, what waits to be indexed, and what operators say about words."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from . import analysis
from .thai import normalise


class PassageRow(models.Model):
    """A `contract.Passage` that can be found now. `group` is what it is replaced with."""

    key = models.CharField(max_length=200, unique=True)
    unit = models.CharField(max_length=200)
    source = models.CharField(max_length=40)
    group = models.CharField(max_length=80)
    title = models.CharField(max_length=500)
    trail = models.JSONField(default=list)
    body = models.TextField(blank=True)
    kind = models.CharField(max_length=40)
    language = models.CharField(max_length=5)
    course = models.CharField(max_length=40, blank=True)
    minutes = models.PositiveIntegerField(default=0)
    url = models.CharField(max_length=500)
    updated = models.DateTimeField()
    scope = models.CharField(max_length=10)
    audience = models.CharField(max_length=120)
    labels = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["source", "group"], name="passage_group"),
            # The titles of courses are asked for by themselves, among up to a million passages.
            models.Index(fields=["kind", "course"], name="passage_of_a_kind"),
        ]

    def __str__(self):
        return self.key


class Label(models.Model):
    """A facet value of a passage, for narrowing inside the query."""

    passage = models.ForeignKey(PassageRow, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=20)
    value = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "value", "passage"], name="a_label_stands_once")
        ]

    def __str__(self):
        return f"{self.name}={self.value}"


class IndexedGroup(models.Model):
    """What was last indexed of a group: its stamp and how many passages, by which analyser."""

    source = models.CharField(max_length=40)
    group = models.CharField(max_length=80)
    stamp = models.CharField(max_length=80)
    passages = models.PositiveIntegerField()
    # The analyser's version; 0 for none, which is no version that there ever was.
    analyser = models.PositiveIntegerField(default=0)
    indexed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "group"], name="a_group_is_indexed_once")
        ]

    def __str__(self):
        return f"{self.source}:{self.group}"


class Pending(models.Model):
    """A change that has to reach the index; written in the same transaction as the change."""

    source = models.CharField(max_length=40)
    group = models.CharField(max_length=80)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("change waiting for the index")

    def __str__(self):
        return f"{self.source}:{self.group}"


class DocumentText(models.Model):
    """What a file to download says, or why it could not be read. `fingerprint` tells which file."""

    document = models.OneToOneField(
        "wagtaildocs.Document", on_delete=models.CASCADE, related_name="+"
    )
    fingerprint = models.CharField(max_length=64)
    text = models.TextField(blank=True)
    problem = models.CharField(max_length=20, blank=True)
    read_at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return f"{self.document_id}: {self.problem or len(self.text)}"


class Word(models.Model):
    """A word that everybody may read, with the number of passages that hold it."""

    text = models.CharField(max_length=60, primary_key=True)
    passages = models.IntegerField(default=0)

    def __str__(self):
        return self.text


class SynonymSet(models.Model):
    """Words that mean the same: who searches for one finds the others."""

    words = models.CharField(
        _("words that mean the same"),
        max_length=300,
        help_text=_("Separate them with commas, for example: เอไอ, AI, ปัญญาประดิษฐ์"),
    )

    class Meta:
        verbose_name = _("set of synonyms")
        verbose_name_plural = _("synonyms")

    def __str__(self):
        return self.words

    def clean(self):
        if len(self.parts()) < 2:
            raise ValidationError(
                {"words": _("Give at least two different words, separated with commas.")}
            )

    def parts(self) -> list[str]:
        """The words in normal form, each once."""
        parts = (normalise(part).strip() for part in self.words.split(","))
        return list(dict.fromkeys(part for part in parts if analysis.squeezed(part)))


class PromotedResult(models.Model):
    """A page that stands above the results of certain searches."""

    queries = models.CharField(
        _("searches"),
        max_length=300,
        help_text=_("What people type, separated with commas."),
    )
    title = models.CharField(_("title"), max_length=150)
    text = models.CharField(_("text"), max_length=300, blank=True)
    url = models.CharField(
        _("address"),
        max_length=300,
        help_text=_("A page of this site, beginning with /, or an address beginning with https://"),
    )
    language = models.CharField(
        _("language"),
        max_length=5,
        choices=settings.LANGUAGES,
        blank=True,
        help_text=_("Empty: shown in every language."),
    )

    class Meta:
        verbose_name = _("promoted result")
        verbose_name_plural = _("promoted results")

    def __str__(self):
        return self.title

    def clean(self):
        if not (self.url.startswith("https://") or (self.url[:1] == "/" and self.url[1:2] != "/")):
            raise ValidationError(
                {"url": _("Begin the address with / for a page of this site, or with https://.")}
            )
        if not self.forms():
            raise ValidationError({"queries": _("Give at least one search.")})

    def forms(self) -> set[str]:
        """The searches in the form in which they are compared."""
        parts = (analysis.analysed(part)[1] for part in self.queries.split(","))
        return {part for part in parts if part}


class QueryCount(models.Model):
    """How often something was searched for on a day, and what came of it. Nobody is named."""

    day = models.DateField()
    query = models.CharField(max_length=100)
    language = models.CharField(max_length=5)
    searches = models.PositiveIntegerField(default=0)
    nothing = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "query", "language"], name="counted_once_a_day")
        ]
        verbose_name = _("search query")
        verbose_name_plural = _("search queries")

    def __str__(self):
        return self.query


class RecentSearch(models.Model):
    """What a person searched for last, for themselves alone; they can erase it."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recent_searches"
    )
    query = models.CharField(max_length=100)
    searched_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "query"], name="a_search_is_recent_once")
        ]

    def __str__(self):
        return self.query

"""What somebody may have meant: words that everybody may read, compared cluster by cluster.

A cluster is what a reader takes for one character, so a wrong tone mark is one error and not a
different word.
"""

from django.core.cache import cache

from . import analysis
from .contract import PUBLIC
from .models import PassageRow, Word
from .thai import clusters, normalise

VOCABULARY, TITLES = "search-vocabulary", "search-titles"
KEPT_SECONDS = 300
LARGEST_VOCABULARY = 30_000
MOST_TITLES = 2000
LIKENESS = 0.34
LONGEST_TO_CORRECT = 80


def distance(one: list[str], other: list[str], most: int) -> int:
    """Half errors between two words: 2 for a cluster changed, left out, added or swapped with the next
    one (optimal string alignment), 1 where only the marks on the same letter differ. `most` + 1 when
    there are more than `most`."""
    if abs(len(one) - len(other)) * 2 > most:
        return most + 1
    before: list[int] = []
    row = [2 * j for j in range(len(other) + 1)]
    for i, a in enumerate(one, start=1):
        before_that, before, row = before, row, [2 * i]
        for j, b in enumerate(other, start=1):
            changed = 0 if a == b else 1 if a[0] == b[0] else 2
            cost = min(before[j] + 2, row[j - 1] + 2, before[j - 1] + changed)
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before_that[j - 2] + 2)
            row.append(cost)
        if min(row) > most and (i < 2 or min(before) > most):
            return most + 1
    return row[-1]


def allowed_errors(length: int) -> int:
    """Half errors that still leave a word of so many clusters recognisable."""
    return 0 if length < 3 else 2 if length < 6 else 4


def vocabulary() -> dict[str, tuple[list[str], int]]:
    """{word: (its clusters, passages)} of the words that everybody may read, kept for a while."""
    found = cache.get(VOCABULARY)
    if found is None:
        rows = Word.objects.order_by("-passages").values_list("text", "passages")
        found = {text: (clusters(text), n) for text, n in rows[:LARGEST_VOCABULARY]}
        cache.set(VOCABULARY, found, KEPT_SECONDS)
    return found


def forget_vocabulary() -> None:
    cache.delete_many([VOCABULARY, TITLES])


def nearest(text: str, known: dict) -> str | None:
    """The known word with the fewest differences, of those the most common one."""
    wanted = clusters(text)
    most = allowed_errors(len(wanted))
    if not most:
        return None
    best: tuple[int, int, str] | None = None
    for word, (parts, passages) in known.items():
        errors = distance(wanted, parts, most)
        if 0 < errors <= most:
            candidate = (errors, -passages, word)
            if best is None or candidate < best:
                best, most = candidate, errors
    return best[2] if best else None


def better(question) -> str:
    """The question with its unknown words replaced by known ones; "" when there is nothing better.

    A typing error tears a Thai word into scraps, so unknown neighbours, with a known scrap of up to
    two clusters between them, are put together before they are looked for. Of a long question nobody
    would read another.
    """
    if len(question.typed) > LONGEST_TO_CORRECT:
        return ""
    known = vocabulary()
    result, changed = [], False
    for text, unknown in stretches(question, known):
        word = nearest(text, known) if unknown else None
        result.append(word or text)
        changed = changed or word is not None
    if not changed:
        title = near_title(question)
        return title if title and normalise(title) != normalise(question.typed) else ""
    return joined(result)


def stretches(question, known: dict) -> list[tuple[str, bool]]:
    """The question in pieces: [(text, whether it is unknown)]."""
    pieces: list[tuple[str, bool]] = []
    for word in question.words:
        scrap = word not in known and not word.isdigit()
        short = analysis.THAI.search(word) is not None and len(clusters(word)) <= 2
        if pieces and pieces[-1][1] and analysis.THAI.search(word) and (scrap or short):
            pieces[-1] = (pieces[-1][0] + word, True)
        elif pieces and scrap and short and analysis.THAI.search(pieces[-1][0]):
            pieces[-1] = (pieces[-1][0] + word, True)
        else:
            pieces.append((word, scrap))
    return pieces


def joined(words: list[str]) -> str:
    """Words as one writes them: Thai without spaces, others with."""
    text = ""
    for word in words:
        thai = text and analysis.THAI.search(text[-1]) and analysis.THAI.search(word[0])
        text += word if not text or thai else f" {word}"
    return text


def near_title(question) -> str:
    """A public title that differs by an error or two from what was typed."""
    wanted = clusters(question.text)
    if len(wanted) < 4:
        return ""
    most = 2 * max(1, min(3, round(len(wanted) * 0.2)))
    best = ("", most + 1)
    for title, parts in public_titles():
        errors = distance(wanted, parts, most)
        if errors < best[1]:
            best = (title, errors)
    return best[0]


def public_titles() -> list[tuple[str, list[str]]]:
    """[(title, its clusters)] of the courses that everybody may read, kept for a while."""
    found = cache.get(TITLES)
    if found is None:
        rows = PassageRow.objects.filter(scope=PUBLIC, kind="course")
        titles = rows.order_by("title").values_list("title", flat=True).distinct()[:MOST_TITLES]
        found = [(title, clusters(analysis.squeezed(normalise(title)))) for title in titles]
        cache.set(TITLES, found, KEPT_SECONDS)
    return found


def relevant(question, text: str) -> bool:
    """Whether a normalised text has enough in common with a question to be shown: what was typed or
    what means the same, a third of its words that say something, or half of its 3-grams."""
    squeezed = analysis.squeezed(text)
    runs: set[str] = set()

    def there(word: str) -> bool:
        """Thai words stand anywhere in a run of letters, others are runs of their own."""
        if analysis.THAI.match(word):
            return word in squeezed
        if not runs:
            runs.update(run for run, _start, _end in analysis.runs(text))
        return word in runs

    if question.of_one_run and not question.short:
        direct = question.text in text or (
            question.text in squeezed
            and any(question.text in run for run, _start, _end in analysis.runs(text))
        )
    elif not question.short or analysis.THAI.match(question.text):
        direct = question.text in squeezed
    else:
        direct = any(run.startswith(question.text) for run, _start, _end in analysis.runs(text))
    if direct or any(all(there(word) for word in other) for other in question.others):
        return True
    wanted = {word for word in analysis.telling(question.words) if len(word) > 1}
    if wanted and sum(there(word) for word in wanted) * 3 >= len(wanted):
        return True
    grams = question.grams
    return len(question.text) > analysis.GRAM and (
        sum(gram in squeezed for gram in grams) * 2 >= len(grams)
    )


def resembles(text: str, title: str) -> bool:
    """Whether a title is close enough to what was typed to be suggested: it holds it, or shares a good
    part of its 3-grams."""
    squeezed = analysis.squeezed(normalise(title))
    if text in squeezed and (len(text) >= analysis.GRAM or analysis.THAI.search(text)):
        return True
    if len(text) < analysis.GRAM:
        return any(run.startswith(text) for run, _start, _end in analysis.runs(normalise(title)))
    wanted = set(analysis.grams(text))
    shared = sum(gram in squeezed for gram in wanted)
    return shared >= max(1, len(wanted) * LIKENESS)

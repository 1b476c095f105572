import json
import random

import pytest

from search.thai import aligned, clusters, normalise, placed, shortened


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("นํ้าใส", "น้ำใส"),  # nikhahit, tone, sara aa
        ("น้ํา", "น้ำ"),  # tone, nikhahit, sara aa
        ("นำ้", "น้ำ"),  # sara am, then the tone
        ("เเม่น้ำ", "แม่น้ำ"),  # two sara e
        ("ที่่", "ที่"),  # a doubled tone
        ("รีี", "รี"),  # a doubled vowel
        ("ท่ี", "ที่"),  # the tone before the vowel
        ("ปี ๒๕๖๗", "ปี 2567"),
        ("ดิจิ\u200bทัล\ufeff", "ดิจิทัล"),
        ("ＡＩ　Ｌａｂ", "ai lab"),
        ("PDPA", "pdpa"),
        ("café", "café"),  # NFC
    ],
)
def test_one_form_of_a_text(typed, normal):
    assert normalise(typed) == normal


def test_sara_am_is_not_taken_apart():
    assert "\u0e33" in normalise("ทำงาน") and "\u0e4d" not in normalise("ทำงาน")


def test_normalising_twice_changes_nothing():
    random.seed(7)
    letters = "กขคงำ่้๊๋็ิีึืุูเแโใไาะัํ์๑๒ Aé\u200b"
    for _ in range(2000):
        text = "".join(random.choices(letters, k=8))
        assert normalise(normalise(text)) == normalise(text), json.dumps(text)


def test_clusters_keep_marks_with_their_letter():
    assert clusters("ที่นี่") == ["ที่", "นี่"]
    assert clusters("น้ำ") == ["น้ำ"]
    assert "".join(clusters("ก้าวหน้า ๆ 12")) == "ก้าวหน้า ๆ 12"


def test_aligned_leads_back_to_the_text():
    text = "เเม่นํ้า ๒๕๖๗"
    normal, starts = aligned(text)
    assert normal == normalise(text)
    assert len(starts) == len(normal) + 1
    assert starts[0] == 0 and starts[-1] == len(text)
    assert text[starts[normal.index("2567")] :] == "๒๕๖๗"


def edges(text: str) -> set[int]:
    found, at = {0}, 0
    for cluster in clusters(text):
        at += len(cluster)
        found.add(at)
    return found


def test_a_stretch_is_placed_from_edge_to_edge_of_clusters():
    """Texts that are normal letter by letter take a short way; it leads to the same place."""
    random.seed(11)
    syllables = ["ที่", "น้ำ", "ปรึกษา", "ผู้", "เก๋", "AI", "๒๕", " ", "นํ้า", "เเม่", "\u200bก", "é"]
    for _ in range(500):
        text = "".join(random.choices(syllables, k=6))
        normal, starts = aligned(text)
        start = random.randrange(len(normal))
        end = random.randint(start + 1, len(normal))
        (begin, until), *_rest = placed(text, normal, [(start, end)])
        assert begin == starts[start], (text, start)
        assert until >= starts[end - 1] + 1 and {begin, until} <= edges(text), (text, start, end)


def test_a_text_is_shortened_between_clusters():
    assert shortened("นํ้าใส", 10) == "นํ้าใส"
    for text in ("ที่นี่ที่นั่น" * 5, "น้ำน้ำน้ำ", "ก่" * 40, "a" * 30, "เเม่นํ้า" * 9):
        whole = clusters(text)
        for longest in range(1, len(text)):
            cut = shortened(text, longest)
            assert len(cut) <= longest
            if longest >= max(map(len, whole)):
                kept = clusters(cut)
                assert kept == whole[: len(kept)] and len(kept) > 0
                # Not shorter than it must be.
                assert len(cut) + len(whole[len(kept)]) > longest

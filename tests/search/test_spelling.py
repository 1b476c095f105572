import pytest

from search import spelling, store
from search.question import ask
from search.thai import clusters

from .places import passage


@pytest.mark.parametrize(
    ("one", "other", "errors"),
    [
        ("ข้อมูล", "ข้อมูล", 0),
        ("ขอ้มูล", "ข้อมูล", 2),  # a tone mark on the wrong letter: marks differ on two
        ("ข้อมุล", "ข้อมูล", 1),
        ("ขอมูล", "ข้อมูล", 1),
        ("ข้อมล", "ข้อมูล", 1),
        ("ข้มอูล", "ข้อมูล", 4),
        ("data", "date", 2),
        ("dtaa", "data", 2),
        ("dat", "data", 2),
    ],
)
def test_distance_counts_clusters(one, other, errors):
    assert spelling.distance(clusters(one), clusters(other), 6) == errors


def test_too_far_is_said_early():
    assert spelling.distance(list("abcdef"), list("uvwxyz"), 2) == 3


@pytest.fixture
def indexed(shelf_source):
    shelf_source.by_group["one"].append(
        passage("c2", "การคุ้มครองข้อมูลส่วนบุคคล", "ข้อมูลส่วนบุคคลของประชาชน", kind="course")
    )
    store.index_group("shelf", "one")
    spelling.forget_vocabulary()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ขอ้มูลส่วนบุคคล", "ข้อมูลส่วนบุคคล"),
        ("ข้อมูลส่วนบุคล", "ข้อมูลส่วนบุคคล"),
        ("ข้อมูลส่วนบุคคล", ""),
        ("xqzw", ""),
    ],
)
def test_did_you_mean(indexed, typed, meant):
    assert spelling.better(ask(typed)) == meant


def test_of_a_long_question_nobody_would_read_another(indexed):
    wrong = "ขอ้มูลส่วนบุคคล"
    assert spelling.better(ask(wrong))
    assert spelling.better(ask(f"{wrong} {'และอื่น ๆ ' * 10}")) == ""


def test_words_that_not_everybody_may_read_are_never_suggested(indexed):
    known = spelling.vocabulary()
    assert "บุคคล" in known or "ส่วนบุคคล" in known or "ข้อมูล" in known
    assert "โดเมน" not in known and "มะม่วง" not in known
    assert spelling.better(ask("โดเมม")) == ""


def test_words_go_with_their_passages(indexed, shelf_source):
    assert "คุ้มครอง" in spelling.vocabulary()
    shelf_source.by_group["one"] = shelf_source.by_group["one"][:-1]
    store.index_group("shelf", "one")
    spelling.forget_vocabulary()
    assert "คุ้มครอง" not in spelling.vocabulary()

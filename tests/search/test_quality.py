import io
import json

import pytest
from django.core.management import CommandError, call_command

from search import engines, quality
from search.models import PassageRow

PASSAGES = [
    {"id": "a", "title": "แม่น้ำเจ้าพระยา", "text": "แม่น้ำสายหลักของภาคกลาง"},
    {"id": "b", "title": "ภูเขาไฟ", "text": "ภูเขาที่พ่นลาวา"},
    {"id": "c", "title": "ทะเลสาบ", "text": "แหล่งน้ำจืดขนาดใหญ่"},
]
QUERIES = [
    {"qid": "1", "kind": "title", "query": "เจ้าพระยา", "relevant": ["a"]},
    {"qid": "2", "kind": "title", "query": "ภูเขาไฟ", "relevant": ["b"]},
    {"qid": "3", "kind": "none", "query": "qwxz", "relevant": ["c"]},
]


@pytest.fixture
def files(tmp_path):
    paths = []
    for name, rows in (("p", PASSAGES), ("q", QUERIES)):
        path = tmp_path / f"{name}.jsonl"
        path.write_text(
            "\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n", "utf-8"
        )
        paths.append(str(path))
    return paths


def measured(*args):
    out, err = io.StringIO(), io.StringIO()
    call_command("search_quality", *args, "--json", stdout=out, stderr=err)
    return json.loads(out.getvalue())


@pytest.mark.django_db
def test_figures_are_means_over_the_kinds(files):
    figures = measured(*files)
    assert figures["title"]["mrr_at_10"] == 1.0 and figures["title"]["queries"] == 2
    assert figures["none"]["mrr_at_10"] == 0.0 and figures["none"]["empty"] == 1.0
    assert figures["macro"]["mrr_at_10"] == 0.5 and figures["macro"]["queries"] == 3


@pytest.mark.django_db
def test_what_the_site_finds_stays_as_it_is(files):
    engines.database().clear()
    measured(*files)
    assert not PassageRow.objects.exists()
    assert engines.database().numbers() == set()


@pytest.mark.django_db
@pytest.mark.services("LMS_TEST_ELASTICSEARCH_URL")
def test_on_elasticsearch(files, elastic):
    assert measured(*files, "--engine", "elasticsearch")["title"]["mrr_at_10"] == 1.0
    assert not list(elastic.client.indices.get(index=f"{elastic.alias}-measured-*"))


@pytest.mark.parametrize(
    ("found", "rank"), [(["a"], 1), (["x", "a"], 2), ([], 0), (["x"] * 10 + ["a"], 0)]
)
def test_rank_of_the_first_relevant_one(found, rank):
    assert quality.first_relevant(found, {"a"}) == rank


def test_a_bad_line_is_named(tmp_path):
    path = tmp_path / "bad.jsonl"
    path.write_text('{"id": 1}\n{nonsense\n')
    with pytest.raises(CommandError, match="line 2"):
        call_command("search_quality", str(path), str(path))
    with pytest.raises(CommandError, match="nowhere"):
        call_command("search_quality", "nowhere.jsonl", str(path))

"""From a change to what is found: the outbox, the check and its repairs, rebuilding."""

import io
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from search import analysis, checking, dsl, engines, outbox, sources, store
from search.contract import EVERYBODY, EngineDown
from search.engines import elastic as elastic_engine
from search.find import find
from search.models import IndexedGroup, PassageRow, Pending, Word
from search.question import ask
from tests.database import begin_at

from .places import MANAGER, Shelf, passage


def found(typed, viewer=EVERYBODY):
    return [
        hit.row.unit for group in find(typed, viewer, language="th").groups for hit in group.hits
    ]


def command(name, *args):
    out = io.StringIO()
    call_command(name, *args, stdout=out)
    return out.getvalue()


def test_a_change_is_found_after_commit(shelf_source, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        outbox.changed("shelf", "one")
        assert found("ไซเบอร์") == []
    assert found("ไซเบอร์") == ["c1"]
    assert not Pending.objects.exists()


def test_a_change_that_is_rolled_back_leaves_nothing(shelf_source):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        outbox.changed("shelf", "one")
        raise ZeroDivisionError
    assert not Pending.objects.exists()


def test_one_task_for_many_changes_of_a_transaction(
    shelf_source, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks() as callbacks:
        for _ in range(5):
            outbox.changed("shelf", "one")
    assert len(callbacks) == 1
    assert outbox.apply_changes() == 1


def test_a_group_that_is_gone_is_no_longer_found(shelf_source):
    store.index_group("shelf", "one")
    del shelf_source.by_group["one"]
    store.index_group("shelf", "one")
    assert found("ไซเบอร์") == []
    assert not PassageRow.objects.exists() and not IndexedGroup.objects.exists()
    assert engines.database().numbers() == set()
    assert not Word.objects.exists()


def test_one_bad_group_keeps_no_other_from_being_found(shelf_source, caplog):
    class Broken(Shelf):
        def passages(self, group):
            if group == "bad":
                raise RuntimeError("cannot be read")
            return super().passages(group)

    broken = Broken({}.get("none"))
    broken.by_group["bad"] = []
    sources.register(broken)
    outbox.changed("shelf", "bad")
    outbox.changed("shelf", "one")
    assert outbox.apply_changes() == 1
    assert found("ไซเบอร์") == ["c1"]
    assert list(Pending.objects.values_list("group", flat=True)) == ["bad"]
    assert "cannot be read" in caplog.text


def test_many_failures_keep_no_later_change_waiting(shelf_source):
    class Broken(Shelf):
        name = "broken"

        def stamp(self, group):
            raise RuntimeError

    sources.register(Broken([]))
    Pending.objects.bulk_create(Pending(source="broken", group=str(n)) for n in range(450))
    outbox.changed("shelf", "one")
    assert outbox.apply_changes() == 1
    assert found("ไซเบอร์") == ["c1"]
    sources.unregister("broken")


def test_the_same_stamp_is_not_indexed_twice(shelf_source, django_assert_max_num_queries):
    store.index_group("shelf", "one")
    with django_assert_max_num_queries(1):
        assert store.index_group("shelf", "one") == 4


class TestCheck:
    @pytest.fixture(autouse=True)
    def indexed(self, shelf_source):
        store.index_group("shelf", "one")
        engines.database().refresh()

    def test_all_is_well(self):
        report = checking.check(repair=False)
        assert (report.faults, report.groups, report.passages) == ([], 1, 4)
        assert "0 faults" in command("search_check")

    @pytest.mark.parametrize(
        ("harm", "words"),
        [
            (
                lambda: PassageRow.objects.filter(unit="about").delete(),
                "has 3 passages instead of 4",
            ),
            (lambda: IndexedGroup.objects.update(stamp="old"), "is out of date"),
            (lambda: IndexedGroup.objects.update(analyser=0), "another version of the analyser"),
            (lambda: IndexedGroup.objects.all().delete(), "was never indexed"),
            (lambda: engines.database().clear(), "4 entries missing"),
            (
                lambda: engines.database().index([entry_beside()]),
                "1 entries too many",
            ),
        ],
    )
    def test_finds_and_repairs(self, harm, words):
        harm()
        with pytest.raises(CommandError, match="The index is not what is on offer"):
            command("search_check", "--dry-run")
        said = command("search_check")
        assert words in said
        assert found("ไซเบอร์") == ["c1"] and found("ศูนย์ช่วยเหลือ") == ["about"]
        assert checking.check(repair=False).faults == []

    def test_what_was_taken_back_is_forgotten(self, shelf_source):
        del shelf_source.by_group["one"]
        assert "is not on offer, but can still be found" in command("search_check")
        assert found("ไซเบอร์") == []

    def test_rebuild_says_how_far_it_is(self, shelf_source):
        shelf_source.by_group["two"] = [passage("x", "เรื่องใหม่")]
        said = command("rebuild_search")
        assert "2/2 shelf:two: 1 passages" in said and "5 passages can be found." in said
        assert found("เรื่องใหม่") == ["x"]


def entry_beside():
    row = PassageRow.objects.get(unit="about")
    entry = store.entry_of(row)
    return type(entry)(**{**entry.__dict__, "number": 10**6})


def many(shelf_source, groups=10, each=3):
    shelf_source.by_group = {
        f"g{n}": [passage(f"p{n}-{m}", f"เรื่องทั่วไป {n} {m}") for m in range(each)]
        for n in range(groups)
    }
    checking.rebuild()
    return groups * each


def test_a_group_is_replaced_at_once(shelf_source):
    """Who searches during a rebuild finds no fewer results than before or after."""
    whole, counts = many(shelf_source), []

    def tell(line):
        counts.append(len(engines.database().search(ask("เรื่องทั่วไป"), MANAGER, nothing(), 100)))

    checking.rebuild(tell)
    assert len(counts) == 10 and set(counts) == {whole}


def test_passages_that_say_the_same_keep_their_numbers(shelf_source):
    """So an engine that has not heard of a rebuild yet goes on finding them."""
    store.index_group("shelf", "one")
    before = dict(PassageRow.objects.values_list("unit", "pk"))
    checking.rebuild()
    assert dict(PassageRow.objects.values_list("unit", "pk")) == before
    shelf_source.change("about", body="ย้ายไปชั้นสิบสอง")
    shelf_source.change("c1-l1", scope="people", audience="posts:x")
    store.index_group("shelf", "one")
    IndexedGroup.objects.update(stamp="")
    store.index_group("shelf", "one")
    after = dict(PassageRow.objects.values_list("unit", "pk"))
    changed = {unit for unit in before if before[unit] != after[unit]}
    assert changed == {"about", "c1-l1"}
    assert engines.database().numbers() == set(after.values())
    assert found("ชั้นสิบสอง") == ["about"] and checking.check(repair=False).faults == []


def test_what_changes_between_the_answer_and_its_reading_is_searched_for_again(
    shelf_source, monkeypatch
):
    store.index_group("shelf", "one")
    engine, search = engines.database(), type(engines.database()).search

    def search_then_change(self, *args):
        numbers = search(self, *args)
        if not changed:
            changed.append(True)
            shelf_source.change("about", body="ศูนย์ช่วยเหลือ ชั้นสิบสอง")
            store.index_group("shelf", "one")
        return numbers

    changed = []
    monkeypatch.setattr(type(engine), "search", search_then_change)
    assert found("ศูนย์ช่วยเหลือ") == ["about"]


@pytest.mark.services("postgresql")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_rebuild_beside_searches_shows_no_fewer(shelf_source):
    """Two connections: one rebuilds, the other searches all the while."""
    whole = many(shelf_source)
    counts, stop, failures = [], threading.Event(), []

    def searching():
        try:
            while not stop.is_set():
                counts.append(find("เรื่องทั่วไป", MANAGER, language="th", per_page=100).total)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    searcher = threading.Thread(target=searching)
    searcher.start()
    try:
        for _ in range(3):
            checking.rebuild()
    finally:
        stop.set()
        searcher.join()
    assert failures == []
    assert len(counts) > 3 and set(counts) == {whole}


def nothing():
    from search.contract import Narrowing

    return Narrowing()


KILLED = """
import os, sys, django
django.setup()
from search import sources, store
from tests.search.places import Shelf, passage
source = Shelf()
source.by_group = {str(n): [passage(f"k{n}", f"เรื่องที่ {n}")] for n in range(400)}
sources._sources.clear()
sources.register(source)
for n in range(400):
    store.index_group("shelf", str(n))
    print(n, flush=True)
"""


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_worker_killed_in_mid_index_is_made_good(tmp_path, shelf_source):
    """A real process on a real database, killed while it writes."""
    environment = {
        **os.environ,
        "LMS_DATABASE_URL": f"sqlite:///{tmp_path / 'killed.sqlite3'}",
        "PYTHONHASHSEED": "0",
        "DJANGO_SETTINGS_MODULE": "lms.settings.dev",
    }
    run = {"cwd": settings.BASE_DIR, "env": environment, "capture_output": True, "timeout": 240}
    if not begin_at(tmp_path / "killed.sqlite3"):
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], **run, check=True)
    worker = subprocess.Popen(
        [sys.executable, "-c", KILLED],
        cwd=settings.BASE_DIR,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    for line in worker.stdout:
        if int(line) == 20:
            worker.send_signal(signal.SIGKILL)
            break
    worker.wait(30)
    worker.stdout.close()
    repair = KILLED.split("for n in range(400):\n    store")[0] + (
        "from search import checking\n"
        "before = checking.check(repair=False)\n"
        "checking.check(repair=True)\n"
        "after = checking.check(repair=False)\n"
        "print(len(before.faults) > 300, after.faults, after.passages)\n"
    )
    done = subprocess.run([sys.executable, "-c", repair], **run)
    assert done.stdout.decode().strip() == "True [] 400", done.stderr.decode()[-2000:]


class Line:
    """A line to a real server that can be cut ("gone"), go quiet in the middle of a request
    ("silent"), or take a while for each answer ("slow": `delay` seconds, twice)."""

    delay = 0.3

    def __init__(self, url: str):
        self.server = urlsplit(url)
        self.trouble = ""
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.open: list[socket.socket] = []

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *error):
        self.listener.close()
        for end in self.open:
            end.close()

    def accept(self):
        while True:
            try:
                near, _address = self.listener.accept()
            except OSError:
                return
            far = socket.create_connection((self.server.hostname, self.server.port))
            self.open += [near, far]
            for source, target in ((near, far), (far, near)):
                threading.Thread(target=self.carry, args=(source, target), daemon=True).start()

    def carry(self, source, target):
        try:
            while data := source.recv(65536):
                if self.trouble == "gone":
                    break
                if self.trouble == "slow":
                    time.sleep(self.delay)
                if self.trouble != "silent":
                    target.sendall(data)
        except OSError:
            pass
        source.close()
        target.close()


@pytest.mark.services("LMS_TEST_ELASTICSEARCH_URL")
class TestElasticsearch:
    @pytest.mark.parametrize("trouble", ["gone", "silent"])
    def test_the_database_answers_while_it_is_away(
        self, shelf_source, elastic, settings, caplog, trouble
    ):
        caplog.set_level("WARNING", "sala.search")
        with Line(settings.LMS_ELASTICSEARCH_URL) as line:
            settings.LMS_ELASTICSEARCH_URL = line.url
            store.index_group("shelf", "one")
            engine = engines.elasticsearch()
            engine.index([store.entry_of(row) for row in PassageRow.objects.all()])
            engine.refresh()
            assert not find("ไซเบอร์", EVERYBODY, language="th").degraded
            line.trouble = trouble
            began = time.perf_counter()
            results = find("ไซเบอร์", EVERYBODY, language="th")
            assert time.perf_counter() - began < 5
            assert results.degraded and results.groups[0].hits[0].row.unit == "c1"
            assert "the database does" in caplog.text
            # It rests for a while, then it is asked again: no restart is needed.
            line.trouble = ""
            assert find("ไซเบอร์", EVERYBODY, language="th").degraded
            engine.rests_until = 0.0
            assert not find("ไซเบอร์", EVERYBODY, language="th").degraded

    @pytest.mark.parametrize("trouble", ["gone", "silent"])
    def test_searches_go_on_while_it_goes_away(self, shelf_source, elastic, settings, trouble):
        """It is cut off between the questions and answers of one search after the other."""
        with Line(settings.LMS_ELASTICSEARCH_URL) as line:
            settings.LMS_ELASTICSEARCH_URL = line.url
            store.index_group("shelf", "one")
            engines.elasticsearch().rebuild(store.all_entries(), lambda done: None)
            cut = threading.Timer(0.3, setattr, [line, "trouble", trouble])
            cut.start()
            results, until = [], time.monotonic() + 30
            while not (results and results[-1].degraded) and time.monotonic() < until:
                results.append(find("ไซเบอร์", EVERYBODY, language="th"))
            cut.join()
        assert {found.total for found in results} == {1}
        assert not results[0].degraded and results[-1].degraded

    def test_one_second_is_for_all_questions_of_a_search(self, shelf_source, elastic, settings):
        """Three questions that are each answered in time are no answer in time."""
        with Line(settings.LMS_ELASTICSEARCH_URL) as line:
            settings.LMS_ELASTICSEARCH_URL = line.url
            store.index_group("shelf", "one")
            engines.elasticsearch().rebuild(store.all_entries(), lambda done: None)
            line.trouble = "slow"
            began = time.monotonic()
            results = find("ไซเบอร์", EVERYBODY, language="th")
            assert results.degraded and results.groups[0].hits[0].row.unit == "c1"
            assert time.monotonic() - began < 1.2

    def test_what_changes_while_a_rebuild_merges_is_found(self, shelf_source, elastic, monkeypatch):
        """The old index takes the change, and is gone when the new one stands in its place."""
        store.index_group("shelf", "one")
        merge, move = elastic.merge, elastic.move_alias

        def merging(name):
            shelf_source.change("about", body="ย้ายไปชั้นสิบสอง")
            store.index_group("shelf", "one")
            merge(name)

        def moving(name):
            there = {
                int(hit["_id"])
                for hit in elastic.client.search(index=name, size=100)["hits"]["hits"]
            }
            # Nothing is missed when the new index begins to answer.
            assert there >= engines.database().numbers()
            shelf_source.change("c1", title="ของใหม่ล่าสุด")
            store.index_group("shelf", "one")
            move(name)

        monkeypatch.setattr(elastic, "merge", merging)
        monkeypatch.setattr(elastic, "move_alias", moving)
        command("rebuild_search")
        assert elastic.numbers() == engines.database().numbers()
        for typed, unit in (("ชั้นสิบสอง", "about"), ("ของใหม่ล่าสุด", "c1")):
            results = find(typed, EVERYBODY, language="th")
            assert not results.degraded
            assert results.groups[0].hits[0].row.unit == unit
        assert checking.check(repair=False).faults == []

    def test_a_merge_that_is_cut_off_or_refused_loses_no_rebuild(
        self, shelf_source, elastic, monkeypatch, caplog
    ):
        """A proxy ends a wait of minutes; some servers forbid it."""
        caplog.set_level("WARNING", logger="sala.search")
        store.index_group("shelf", "one")
        elastic.clear()

        def refused(*args, **how):
            raise dsl.TransportError("cut off")

        monkeypatch.setattr(type(elastic.client.indices), "forcemerge", refused)
        elastic.rebuild(store.all_entries(), lambda done: None)
        assert "did not merge" in caplog.text
        assert len(elastic.numbers()) == 4

    def test_a_busy_server_is_waited_for_by_a_rebuild(self, shelf_source, elastic, settings):
        """It merges, and takes longer for anything than a search would wait."""
        with Line(settings.LMS_ELASTICSEARCH_URL) as line:
            settings.LMS_ELASTICSEARCH_URL = line.url
            store.index_group("shelf", "one")
            line.trouble, line.delay = "slow", 0.6
            checking.fill_elastic(engines.elasticsearch())
        assert len(elastic.numbers()) == 4

    def test_what_a_killed_rebuild_left_is_deleted_after_a_day(
        self, shelf_source, elastic, monkeypatch
    ):
        store.index_group("shelf", "one")
        left = elastic.create()
        with elastic.beside("measured") as other:
            elastic.rebuild(store.all_entries(), lambda done: None)
            # It may still be filling.
            assert elastic.client.indices.exists(index=left)
            monkeypatch.setattr(elastic_engine, "SECONDS_TO_REBUILD", -60.0)
            elastic.rebuild(store.all_entries(), lambda done: None)
            assert not elastic.client.indices.exists(index=left)
            assert len(elastic.numbers()) == 4 and other.numbers() == set()

    def test_a_change_it_missed_is_caught_up_by_the_outbox(self, shelf_source, elastic, settings):
        with Line(settings.LMS_ELASTICSEARCH_URL) as line:
            settings.LMS_ELASTICSEARCH_URL = line.url
            engine = engines.elasticsearch()
            line.trouble = "gone"
            store.replace("shelf", "one", "1", list(shelf_source.passages("one")))
            store.tell_elastic([], [store.entry_of(row) for row in PassageRow.objects.all()])
            assert outbox.apply_changes() == 0
            assert Pending.objects.filter(source=store.ELASTIC).exists()
            line.trouble, engine.rests_until = "", 0.0
            assert outbox.apply_changes() == 1
            assert len(engine.numbers()) == 4
            assert not Pending.objects.exists()

    def test_a_server_that_is_new_does_not_answer_before_it_is_filled(self, shelf_source, elastic):
        store.index_group("shelf", "one")
        elastic.drop()
        assert find("ไซเบอร์", EVERYBODY, language="th").degraded
        store.tell_elastic([], [store.entry_of(PassageRow.objects.first())])
        assert elastic.numbers() == set()
        assert outbox.apply_changes() == 1
        assert len(elastic.numbers()) == 4
        assert not find("ไซเบอร์", EVERYBODY, language="th").degraded

    def test_a_change_it_missed_is_repaired(self, shelf_source, elastic):
        store.index_group("shelf", "one")
        elastic.clear()
        report = checking.check(repair=True)
        assert "elasticsearch: 4 entries missing" in report.faults
        assert len(elastic.numbers()) == 4
        assert checking.check(repair=False).faults == []

    @pytest.mark.parametrize("way", ["check", "outbox"])
    def test_an_index_of_another_version_of_the_analyser_is_made_anew(
        self, shelf_source, elastic, monkeypatch, way
    ):
        store.index_group("shelf", "one")
        with monkeypatch.context() as patch:
            patch.setattr(analysis, "VERSION", analysis.VERSION - 1)
            elastic.rebuild(store.all_entries(), lambda done: None)
        # The passages keep their numbers, so that these do not tell.
        assert elastic.numbers() == engines.database().numbers()
        assert not elastic.is_current()
        if way == "check":
            report = checking.check(repair=True)
            assert report.faults == ["elasticsearch: was filled by another version of the analyser"]
        else:
            Pending.objects.create(source=store.ELASTIC, group="")
            assert outbox.apply_changes() == 1
        assert elastic.is_current() and len(elastic.numbers()) == 4
        assert checking.check(repair=False).faults == []

    def test_a_rebuild_never_shows_fewer_results(self, shelf_source, elastic):
        shelf_source.by_group = {
            f"g{n}": [passage(f"p{n}-{m}", f"เรื่องทั่วไป {n} {m}") for m in range(4)]
            for n in range(25)
        }
        checking.rebuild()
        elastic.rebuild(store.all_entries(), lambda done: None)
        counts, stop = [], threading.Event()
        question = ask("เรื่องทั่วไป")

        def searching():
            while not stop.is_set():
                counts.append(len(elastic.search(question, MANAGER, nothing(), 200)))

        searcher = threading.Thread(target=searching)
        searcher.start()
        try:
            for _ in range(3):
                elastic.rebuild(store.all_entries(), lambda done: None)
        finally:
            stop.set()
            searcher.join()
        assert len(counts) > 10 and set(counts) == {100}

    def test_a_rebuild_that_it_has_not_heard_of_shows_no_fewer(self, shelf_source, elastic):
        """Between the database's commit and the server's refresh its entries are the old ones."""
        whole, counts = many(shelf_source), []
        elastic.rebuild(store.all_entries(), lambda done: None)

        def tell(line):
            results = find("เรื่องทั่วไป", MANAGER, language="th", per_page=100)
            assert not results.degraded
            counts.append(results.total)

        checking.rebuild(tell)
        assert len(counts) == 10 and set(counts) == {whole}

    def test_similar_courses_when_nothing_is_found(self, shelf_source, elastic):
        store.index_group("shelf", "one")
        elastic.rebuild(store.all_entries(), lambda done: None)
        results = find("ไซเบอร์ประเทศอังกฤษสมัยกลางยุควิกตอเรียน", EVERYBODY, language="th")
        assert not results.degraded and results.total == 0
        assert results.similar == [("รู้ทันภัยไซเบอร์", "/th/c1/")]

    def test_no_server_is_said(self, settings, shelf_source):
        settings.LMS_ELASTICSEARCH_URL = "http://127.0.0.1:9"
        settings.LMS_ELASTICSEARCH_INDEX = "nowhere"
        with pytest.raises(EngineDown):
            engines.elasticsearch().numbers()
        with pytest.raises(CommandError, match="does not answer"):
            command("rebuild_search")


@pytest.mark.services("postgresql")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_workers_with_the_same_group_make_it_once(shelf_source):
    failures = []

    def work():
        try:
            for _n in range(5):
                IndexedGroup.objects.update(stamp="")
                store.index_group("shelf", "one")
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failures == []
    assert PassageRow.objects.count() == 4

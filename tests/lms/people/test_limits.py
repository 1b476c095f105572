"""Limits: by account and by address, the same for unknown people, in two processes, behind a proxy."""

import datetime
import re
import threading

import pytest
import time_machine
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.urls import reverse

from lms.people import limits
from lms.people.models import RateCount
from tests.factories.people import PASSWORD, UserFactory
from tests.lms.test_every_url import own_routes

NOW = datetime.datetime(2026, 11, 2, 3, tzinfo=datetime.UTC)
LOGIN = "/th/account/login/"
LATER = "ลองใหม่ภายหลัง"


def attempt(client, email, password="wrong-wrong-1", address="203.0.113.7", **headers):
    form = {"login": email, "password": password}
    return client.post(LOGIN, form, REMOTE_ADDR=address, **headers)


@pytest.mark.django_db
def test_a_window_ends_and_begins_anew():
    with time_machine.travel(NOW, tick=False) as clock:
        assert [limits.spend("x", "a", 2, 60) for _n in range(2)] == [0, 0]
        clock.shift(20)
        assert limits.spend("x", "a", 2, 60) == 40
        assert limits.spend("x", "b", 2, 60) == 0
        assert limits.spend("y", "a", 2, 60) == 0
        clock.shift(40)
        assert limits.spend("x", "a", 2, 60) == 0
        limits.give_back("x", "a")
        assert [limits.spend("x", "a", 2, 60) for _n in range(3)] == [0, 0, 60]
        clock.shift(61)
        assert limits.purge() == 3
    assert not RateCount.objects.exists()


@pytest.mark.django_db
def test_the_table_holds_no_address():
    limits.spend("sign-in", "somsri@agency.example", 5, 60)
    assert "somsri" not in RateCount.objects.get().key


@pytest.mark.services("postgresql")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_processes_count_together():
    """Eight connections at once: exactly five pass."""
    passed, gate = [], threading.Barrier(8)

    def go():
        gate.wait()
        try:
            passed.append(limits.spend("x", "a", 5, 60))
        finally:
            connection.close()

    threads = [threading.Thread(target=go) for _n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(wait == 0 for wait in passed) == [False] * 3 + [True] * 5


@pytest.mark.django_db
def test_an_account_is_slowed_down_from_wherever_the_guesses_come(client):
    person = UserFactory()
    for n in range(5):
        page = attempt(client, person.email, address=f"203.0.113.{n}").content.decode()
        assert LATER not in page
    blocked = attempt(client, person.email, PASSWORD, address="198.51.100.1")
    assert LATER in blocked.content.decode()
    other = UserFactory()
    assert attempt(client, other.email, PASSWORD, address="198.51.100.1").status_code == 302


@pytest.mark.django_db
def test_an_address_is_slowed_down_whatever_accounts_it_tries(client):
    for n in range(10):
        attempt(client, f"person{n}@nowhere.example")
    person = UserFactory()
    assert LATER in attempt(client, person.email, PASSWORD).content.decode()
    assert attempt(client, person.email, PASSWORD, address="198.51.100.9").status_code == 302


@pytest.mark.django_db
def test_right_passwords_do_not_count(client):
    person = UserFactory()
    for _n in range(12):
        assert attempt(client, person.email, PASSWORD).status_code == 302
        client.post("/th/account/logout/")


def without_tokens(response) -> str:
    html = re.sub(r'value="[^"]{20,}"', "", response.content.decode())
    return re.sub(r'value="[^"]*@[^"]*"', "", html)


@pytest.mark.django_db
@pytest.mark.parametrize("blocked", [False, True])
def test_unknown_people_read_the_same_after_the_same_work(client, monkeypatch, blocked):
    """As many passwords are hashed for an address without an account: the answer takes as long."""
    person, hashed = UserFactory(), []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher, "encode", lambda *args: hashed.append(1) or encode(*args)
    )
    answers, work = [], []
    for n, email in enumerate((person.email, "nobody@agency.example")):
        for _n in range(5 * blocked):
            attempt(client, email, address=f"198.51.100.{n}")
        hashed.clear()
        answers.append(without_tokens(attempt(client, email, address=f"203.0.113.{n}")))
        work.append(len(hashed))
    assert answers[0] == answers[1]
    assert work[0] == work[1]
    assert work[0] == (0 if blocked else 1)


@pytest.mark.django_db
def test_behind_a_proxy_the_address_is_the_one_the_proxy_saw(client, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    proxy = "10.0.0.1"
    for n in range(10):
        # What a caller writes in front of the proxy's own entry is not believed.
        attempt(
            client,
            f"p{n}@nowhere.example",
            address=proxy,
            HTTP_X_FORWARDED_FOR=f"1.2.3.{n}, 203.0.113.7",
        )
    person = UserFactory()
    same = attempt(
        client, person.email, PASSWORD, address=proxy, HTTP_X_FORWARDED_FOR="9.9.9.9, 203.0.113.7"
    )
    assert LATER in same.content.decode()
    neighbour = attempt(
        client, person.email, PASSWORD, address=proxy, HTTP_X_FORWARDED_FOR="203.0.113.8"
    )
    assert neighbour.status_code == 302


def test_a_household_of_ipv6_counts_as_one(rf):
    one = limits.address_of(rf.get("/", REMOTE_ADDR="2001:db8:1:2:aaaa::1"))
    two = limits.address_of(rf.get("/", REMOTE_ADDR="2001:db8:1:2:bbbb::2"))
    assert one == two == "2001:db8:1:2::"
    assert limits.address_of(rf.get("/", REMOTE_ADDR="2001:db8:1:3::1")) != one


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("route", "arguments", "amount"),
    [
        ("certificate_verify", ["ABCD"], 30),
        ("api-v1:search", [], 60),
        ("own_data", None, None),
    ],
)
def test_too_many_look_ups_are_answered_429(client, monkeypatch, route, arguments, amount):
    if arguments is None:  # what has no limit has none
        assert limits.limits_of(route) == ()
        return
    address = reverse(route, args=arguments)
    key = limits.digest(f"{route}/0", "127.0.0.1")
    later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=45)
    RateCount.objects.create(
        key=key, count=amount - 1, started_at=later - datetime.timedelta(60), ends_at=later
    )
    assert client.get(address).status_code != 429
    response = client.get(address)
    assert response.status_code == 429
    assert 40 <= int(response["Retry-After"]) <= 45
    assert "no-store" in response["Cache-Control"]
    if route.startswith("api"):
        assert "45" in response.json()["detail"] or "44" in response.json()["detail"]


@pytest.mark.django_db
def test_exports_are_limited_by_person(client):
    person = UserFactory()
    client.force_login(person)
    later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=45)
    RateCount.objects.create(
        key=limits.digest("agency_csv/0", f"person:{person.pk}"),
        count=20,
        started_at=later - datetime.timedelta(60),
        ends_at=later,
    )
    assert client.get(reverse("agency_csv")).status_code == 429
    client.force_login(UserFactory())
    assert client.get(reverse("agency_csv")).status_code == 404


@pytest.mark.django_db
def test_every_limit_is_of_a_route_and_every_export_has_one():
    routes = own_routes()
    named = {r for r in limits.LIMITS if ":" not in r}
    assert {r for r in named if not r.startswith("account_") or r == "account_erase"} <= routes
    for name in named | {"api-v1:search"}:
        arguments = {
            "account_reset_password_from_key": ["uid", "key"],
            "certificate_verify": ["X"],
            "transcript_verify": ["X"],
            "badge_credential": ["X"],
            "calendar_feed": ["X"],
        }.get(name, [])
        assert reverse(name, args=arguments)
    exports = {r for r in routes if re.search("csv|xlsx|export|pdf|zip|ics", r)}
    assert exports
    assert [r for r in exports if not limits.limits_of(r)] == []

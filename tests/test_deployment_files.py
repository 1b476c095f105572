"""The files of a deployment agree with one another and with the project."""

import re
import runpy
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
COMPOSE_TEXT = (ROOT / "compose.yaml").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load(COMPOSE_TEXT)
SERVICES = COMPOSE["services"]
# `${NAME…}` is filled in by compose; `$$` is a dollar sign for the container's own shell.
VARIABLES = set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", COMPOSE_TEXT))


def settings_read_by_the_project() -> set[str]:
    found = set()
    for path in (ROOT / "lms").rglob("*.py"):
        found |= set(re.findall(r"\"(LMS_[A-Z0-9_]+)\"", path.read_text(encoding="utf-8")))
    return found


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_waits_only_for_services_that_exist_and_can_say_they_are_ready(name):
    for needed, how in SERVICES[name].get("depends_on", {}).items():
        assert needed in SERVICES
        if how["condition"] == "service_healthy":
            assert "test" in SERVICES[needed]["healthcheck"]
        else:
            assert SERVICES[needed]["restart"] == "no"


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_uses_only_declared_volumes_and_networks(name):
    service = SERVICES[name]
    for volume in service.get("volumes", []):
        source = volume.split(":")[0]
        assert source in COMPOSE["volumes"] or (ROOT / source).is_file()
    assert set(service["networks"]) <= set(COMPOSE["networks"])


def test_only_the_proxy_is_reachable_from_outside():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    assert COMPOSE["networks"]["inside"]["internal"] is True


def test_the_example_environment_names_every_variable_of_compose():
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    named = set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE))
    assert named == VARIABLES


def test_secrets_have_no_value_in_the_example_environment():
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    secret = re.findall(r"^([A-Z_]*(?:SECRET|PASSWORD)[A-Z_]*)=(.*)$", example, re.MULTILINE)
    assert len(secret) >= 3
    assert not [name for name, value in secret if value]


def test_compose_sets_only_variables_that_the_site_reads():
    given = {name for name in SERVICES["web"]["environment"] if name.startswith("LMS_")}
    assert given <= settings_read_by_the_project()


def test_every_setting_is_documented_and_every_documented_setting_is_read():
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `(LMS_[A-Z0-9_]+)`", text, re.MULTILINE))
    assert documented == settings_read_by_the_project()


def test_the_image_copies_only_what_exists():
    lines = re.findall(r"^COPY (?!--from)(.+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    sources = [source for line in lines for source in line.split()[:-1]]
    assert "lms" in sources
    assert [source for source in sources if not (ROOT / source).exists()] == []


def test_the_image_carries_every_room_that_is_installed(settings):
    lines = re.findall(r"^COPY (?!--from)(.+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    sources = {source for line in lines for source in line.split()[:-1]}
    rooms = {
        app.split(".")[0] for app in settings.INSTALLED_APPS if (ROOT / app.split(".")[0]).is_dir()
    }
    assert rooms and rooms <= sources


def test_the_image_does_not_run_as_root():
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert [line for line in lines if line.startswith("USER ")][-1] == "USER sala"


@pytest.mark.parametrize("name", ["deploy/gunicorn.py", "scripts/gunicorn_demo.py"])
def test_a_long_question_in_thai_fits_in_an_address(name):
    """Each letter is nine characters there; without the setting four hundred letters were an error."""
    settings = runpy.run_path(str(ROOT / name))
    assert settings["limit_request_line"] > len("GET /th/search/?q= HTTP/1.1") + 9 * 900

"""Every path, on whichever database is configured, followed by the invariant."""

import pytest

from tests.paths import invariant
from tests.paths.paths import PATHS
from tests.paths.site import build

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.paths.urls")]


@pytest.fixture
def site(tmp_path):
    made = build()
    made.tmp = tmp_path
    return made


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_no_path_offers_a_course_below_forty_per_cent(
    path, site, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        path.go(site)
    invariant.holds()
    if path.expected == "kept":
        assert site.state.current == site.release
    elif path.expected == "new":
        assert site.state.current not in (None, site.release)
    else:
        assert site.state.current is None


def test_the_invariant_can_fail(site):
    """The check itself is checked: a release whose items say something else is found."""
    from courses.releases.models import ReleaseItem

    entry = ReleaseItem.objects.filter(release=site.release).last()
    type(entry.version).objects.filter(pk=entry.version.pk).update(active=10)
    with pytest.raises(AssertionError):
        invariant.holds()

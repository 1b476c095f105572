"""What a started process keeps is left alone by the collector, and garbage is still collected."""

import gc
import weakref

from lms.memory import YOUNG, settle


class Ring:
    def __init__(self):
        self.itself = self


def test_what_stays_is_frozen_and_garbage_goes():
    kept, garbage = Ring(), Ring()
    gone = weakref.ref(garbage)
    del garbage
    settle()
    assert gone() is None
    assert gc.get_freeze_count() > 10_000 and gc.get_threshold()[0] == YOUNG
    assert not any(one is kept for one in gc.get_objects())
    later = weakref.ref(Ring())
    gc.collect()
    assert later() is None

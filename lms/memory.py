"""What a process that has started keeps for good is not gone through for garbage again and again."""

import gc

# Objects that are made before the youngest are looked through: a page makes some ten thousand.
YOUNG = 50_000


def settle() -> None:
    """Call it once all that stays is loaded."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 10, 10)

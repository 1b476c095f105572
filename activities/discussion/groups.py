"""How many people talk with one another in one room."""


def group_sizes(people: int, target: int) -> list[int]:
    """Sizes of the groups for so many people, largest first, differing by one at most.

    The number of groups is `people / target` rounded half up, at least one; nobody makes no group.
    """
    if people <= 0:
        return []
    count = max(1, (2 * people + target) // (2 * target))
    size, larger = divmod(people, count)
    return [size + 1] * larger + [size] * (count - larger)

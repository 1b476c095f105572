"""Where the boxes of a directed graph stand when it is drawn in layers from top to bottom.

The method of Sugiyama, Tagawa and Toda (1981): turn the edges of circles round, put every vertex
below those that lead to it, let edges over several layers pass through bends, order each layer by
the mean place of its neighbours, and move vertices towards these as far as their order allows.
Nothing is random: the same graph gives the same drawing.
"""

from collections import defaultdict
from dataclasses import dataclass

SWEEPS = 12
BEND_WIDTH = 28


@dataclass
class Drawing:
    """`at[vertex]` is the middle (x, y) of a box, `routes[n]` the points of edge n from its source
    to its target, `turned` the places of edges that lead back; sizes in SVG units from (0, 0).
    """

    at: dict[str, tuple[float, float]]
    routes: list[list[tuple[float, float]]]
    turned: set[int]
    width: float
    height: float


def draw(vertices: list[str], edges: list[tuple[str, str]], size, gap) -> Drawing:
    """A drawing with boxes of `size` (width, height) at least `gap` (x, y) apart.

    `vertices` come in reading order; edges name vertices, may be parallel, may close circles.
    """
    turned = closing_edges(vertices, edges)
    ahead = [(b, a) if n in turned else (a, b) for n, (a, b) in enumerate(edges)]
    layer = layers(vertices, [(a, b) for a, b in ahead if a != b])
    rows: dict[int, list] = defaultdict(list)
    for vertex in vertices:
        rows[layer[vertex]].append(vertex)
    chains = bends(ahead, layer, rows)
    above, below = neighbours(chains)
    order(rows, above, below)
    x = spread(rows, above, below, size[0], gap[0])
    left = min((x[v] - half(v, size[0]) for v in x), default=0)
    right = max((x[v] + half(v, size[0]) for v in x), default=0)
    step = size[1] + gap[1]

    def place(vertex):
        row = layer[vertex] if isinstance(vertex, str) else vertex[1]
        return x[vertex] - left, row * step + size[1] / 2

    routes = [[place(vertex) for vertex in chain] for chain in chains]
    return Drawing(
        at={vertex: place(vertex) for vertex in vertices},
        routes=[route[::-1] if n in turned else route for n, route in enumerate(routes)],
        turned=turned,
        width=right - left,
        height=max(0, len(rows) * step - gap[1]),
    )


def half(vertex, width: float) -> float:
    return (width if isinstance(vertex, str) else BEND_WIDTH) / 2


def closing_edges(vertices, edges) -> set[int]:
    """The places of edges that lead back to where a walk in reading order came from."""
    leaving = defaultdict(list)
    for n, (source, _target) in enumerate(edges):
        leaving[source].append(n)
    closing, done, open_now = set(), set(), set()
    for root in vertices:
        stack = [] if root in done else [(root, iter(leaving[root]))]
        open_now.update(vertex for vertex, _rest in stack)
        while stack:
            vertex, rest = stack[-1]
            n = next(rest, None)
            if n is None:
                stack.pop()
                open_now.discard(vertex)
                done.add(vertex)
                continue
            target = edges[n][1]
            if target in open_now:
                closing.add(n)
            elif target not in done:
                open_now.add(target)
                stack.append((target, iter(leaving[target])))
    return closing


def layers(vertices, edges) -> dict[str, int]:
    """Each vertex one layer below the lowest of those that lead to it; `edges` without circles."""
    leaving, waiting = defaultdict(list), dict.fromkeys(vertices, 0)
    for source, target in edges:
        leaving[source].append(target)
        waiting[target] += 1
    layer = dict.fromkeys(vertices, 0)
    ready = [vertex for vertex in vertices if not waiting[vertex]]
    while ready:
        vertex = ready.pop()
        for target in leaving[vertex]:
            layer[target] = max(layer[target], layer[vertex] + 1)
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    return layer


def bends(edges, layer, rows) -> list[list]:
    """Each edge as a chain from layer to layer; bends (edge, layer) are added to `rows`."""
    chains = []
    for n, (source, target) in enumerate(edges):
        between = [(n, row) for row in range(layer[source] + 1, layer[target])]
        for bend in between:
            rows[bend[1]].append(bend)
        chains.append([source, *between, target])
    return chains


def neighbours(chains):
    above, below = defaultdict(list), defaultdict(list)
    for chain in chains:
        for upper, lower in zip(chain, chain[1:], strict=False):
            if upper != lower:
                above[lower].append(upper)
                below[upper].append(lower)
    return above, below


def order(rows, above, below) -> None:
    """Sort each layer by the mean place of its neighbours, downwards and upwards in turn."""
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        near = above if down else below
        for row in sorted(rows, reverse=not down):
            place = {v: n for other in rows.values() for n, v in enumerate(other)}
            keys = {
                v: sum(place[u] for u in near[v]) / len(near[v]) if near[v] else place[v]
                for v in rows[row]
            }
            rows[row].sort(key=keys.__getitem__)


def spread(rows, above, below, width: float, gap: float) -> dict:
    """x of every vertex and bend: near its neighbours, in order, nothing overlapping."""
    x = {}
    for row in rows.values():
        at = 0.0
        for vertex in row:
            at += half(vertex, width)
            x[vertex] = at
            at += half(vertex, width) + gap
        for vertex in row:
            x[vertex] -= (at - gap) / 2
    for sweep in range(SWEEPS):
        for row in sorted(rows, reverse=sweep % 2 == 1):
            settle(rows[row], above if sweep % 2 == 0 else below, x, width, gap)
    return x


def settle(row, near, x, width: float, gap: float) -> None:
    wished = [sum(x[u] for u in near[v]) / len(near[v]) if near[v] else x[v] for v in row]
    apart = [half(a, width) + half(b, width) + gap for a, b in zip(row, row[1:], strict=False)]
    leftmost, rightmost = wished[:], wished[:]
    for n in range(1, len(row)):
        leftmost[n] = max(wished[n], leftmost[n - 1] + apart[n - 1])
    for n in range(len(row) - 2, -1, -1):
        rightmost[n] = min(wished[n], rightmost[n + 1] - apart[n])
    for vertex, low, high in zip(row, leftmost, rightmost, strict=True):
        x[vertex] = (low + high) / 2

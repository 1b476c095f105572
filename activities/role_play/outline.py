"""What the author's page shows of a scenario: its outline, its picture, its paths."""

from dataclasses import dataclass

from django.core.paginator import Paginator

from .faults import Fault, faults
from .graph import MOST_PATHS, Unplayable, totals_after
from .picture import picture, shortened, to
from .scenario import Scenario, scenario_of
from .screens import quality_word
from .simulation import listed, odds, walk

PER_PAGE = 50


@dataclass(frozen=True)
class Places:
    """Where the blocks of a page stand in its editor: paths of keys, as Wagtail's editor reads
    them after `#:w:contentpath=` in an address.
    """

    entries: dict[str, list[tuple[str, list[str]]]]

    def path(self, field: str, entry=None, choice=None, part: str = "") -> str:
        """The path of a field, an entry, a choice or a part of one of these. Entries that were
        never saved have no key yet: then the path ends at what contains them.
        """
        keys = [field]
        known = self.entries.get(field, [])
        if entry is None or entry >= len(known) or not known[entry][0]:
            return field
        key, choices = known[entry]
        keys.append(key)
        if choice is not None:
            keys.append("choices")
            if choice >= len(choices) or not choices[choice]:
                return ".".join(keys)
            keys.append(choices[choice])
        return ".".join([*keys, part] if part else keys)


def places_of(page) -> Places:
    entries = {}
    for field in ("dimensions", "nodes", "endings", "reflection"):
        entries[field] = [
            (block.id or "", [c.id or "" for c in choice_blocks(block)])
            for block in getattr(page, field)
        ]
    return Places(entries)


def choice_blocks(block) -> list:
    choices = block.value.get("choices")
    return choices.bound_blocks if choices is not None else []


def author_page(page, edit_url: str, *, ending: str = "", seed: int = 1, number=1) -> dict:
    """The context of the author's page. `edit_url` is the editor's address without a fragment."""
    scenario = scenario_of(page)
    found, places = faults(scenario), places_of(page)

    def link(*place) -> str:
        return f"{edit_url}#:w:contentpath={places.path(*place)}"

    drawn = picture(scenario, found, quality_word)
    context = {
        "faults": [
            {"text": f.text, "url": link(f.field, f.entry, f.choice, f.part)} for f in found
        ],
        "picture": drawn,
        "boxes": [(box, link(box.field, box.entry) if box.field else "") for box in drawn.boxes],
        "scenes": scenes(scenario, found, link),
        "endings": ending_rows(scenario, found, link),
        "dimensions": [name or key for key, name in scenario.dimension_names.items()],
        "measures": None,
    }
    try:
        return context | simulated(scenario, ending, seed, number)
    except Unplayable:
        return context


def scenes(scenario: Scenario, found: list[Fault], link) -> list[dict]:
    """The outline, in document order."""
    return [
        {
            "id": node.id,
            "start": node.id == scenario.start,
            "text": shortened(node.text, 90),
            "url": link("nodes", entry),
            "faults": said(found, "nodes", entry),
            "choices": [
                {
                    "id": choice.id,
                    "text": shortened(choice.text, 90),
                    "url": link("nodes", entry, place),
                    "to": to(choice.to),
                    "there": choice.to in scenario.by_id or choice.to in scenario.ending_by_id,
                    "points": choice.points,
                    "condition": choice.condition_text,
                    "faults": said(found, "nodes", entry, place),
                }
                for place, choice in enumerate(node.choices)
            ],
        }
        for entry, node in enumerate(scenario.nodes)
    ]


def ending_rows(scenario: Scenario, found: list[Fault], link) -> list[dict]:
    return [
        {
            "id": ending.id,
            "quality": quality_word(ending.quality),
            "text": shortened(ending.text, 90),
            "url": link("endings", entry),
            "faults": said(found, "endings", entry),
        }
        for entry, ending in enumerate(scenario.endings)
    ]


def said(found: list[Fault], field: str, entry: int, choice: int | None = None) -> list[str]:
    return [f.text for f in found if (f.field, f.entry, f.choice) == (field, entry, choice)]


def simulated(scenario: Scenario, ending: str, seed: int, number) -> dict:
    """Measures, odds, paths and one walk. Raises `Unplayable`."""
    measures = scenario.measures
    names = scenario.dimension_names
    keys = list(names)
    pages = Paginator(listed(scenario, ending), PER_PAGE)
    shown = pages.get_page(number)
    taken = walk(scenario, seed)
    by_ending = {row.ending: row for row in odds(scenario)}
    return {
        "measures": measures,
        "minutes": f"{float(measures.minutes):.1f}",
        "odds": [
            {
                "id": e.id,
                "quality": quality_word(e.quality),
                "paths": by_ending[e.id].paths,
                "chance": f"{float(100 * by_ending[e.id].chance):.1f}",
            }
            for e in scenario.endings
        ],
        "never": [e.id for e in scenario.endings if not by_ending[e.id].paths],
        "all_listed": measures.paths <= MOST_PATHS,
        "most_paths": MOST_PATHS,
        "ending": ending,
        "page_obj": shown,
        "paths": [
            {
                "steps": " → ".join(f"{node}{choice}" for node, choice in path.steps),
                "length": len(path.steps),
                "ending": path.ending,
                "points": [totals_after(scenario, path.steps)[key] for key in keys],
                "total": path.total,
                "score": score_text(path.score),
            }
            for path in shown
        ],
        "walk": taken,
        "walk_score": score_text(taken.score),
        "walk_steps": [
            {
                "node": step.node.id,
                "text": shortened(step.node.text, 160),
                "taken": shortened(step.taken.text, 160),
                "choice": step.taken.id,
                "of": len(step.offered),
                "hidden": len(step.node.choices) - len(step.offered),
                "points": [(names[key] or key, step.totals[key]) for key in keys],
            }
            for step in taken.steps
        ],
        "seed": seed,
        "next_seed": seed % 9999 + 1,
    }


def score_text(score) -> str:
    return "–" if score is None else f"{float(score):.1f}"

"""YAML whose values know where in the file they stand, so that a mistake can be pointed at."""

from dataclasses import dataclass
from pathlib import Path

import yaml
from django.utils.translation import gettext as _

# libyaml's parser where it was built in: ten times as fast, with the same marks.
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load(text: str):
    """What `yaml.safe_load` reads, faster."""
    return yaml.load(text, Loader=Loader)  # noqa: S506 - both loaders are the safe ones


@dataclass(frozen=True, order=True)
class Problem:
    """A mistake in a file: `dl-101.yaml:123: courses[0].items[2].title.en: is missing`."""

    line: int
    path: str
    message: str
    file: str

    def __str__(self):
        place = f" {self.path}:" if self.path else ""
        return f"{self.file}:{self.line}:{place} {self.message}"


class NotReadable(ValueError):
    """The file is not YAML, or not in its right encoding; `problem` says where."""

    code = "not_readable"

    def __init__(self, problem: Problem):
        super().__init__(str(problem))
        self.problem = problem


def dotted(path: list) -> str:
    """`["courses", 0, "title"]` as `courses[0].title`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text


class LocatedYaml:
    """A YAML file's data, and the line of every path in it. Raises `NotReadable`."""

    def __init__(self, file: Path):
        self.name = file.name
        try:
            loader = Loader(file.read_text(encoding="utf-8"))
            self.root = loader.get_single_node()
            self.data = None if self.root is None else loader.construct_document(self.root)
        except UnicodeDecodeError:
            raise NotReadable(Problem(1, "", _("is not a text in UTF-8"), self.name)) from None
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark else 1
            message = f"{_('is not YAML')}: {error.problem}" if error.problem else _("is not YAML")
            raise NotReadable(Problem(line, "", message, self.name)) from None
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            raise NotReadable(Problem(1, "", f"{_('is not YAML')}: {error}", self.name)) from None

    def line(self, path: list) -> int:
        """The line of a path; of what is nearest above it when it is not there."""
        node, line = self.root, 1
        for step in path:
            found = child(node, step)
            if found is None:
                break
            line, node = found
        return line

    def problem(self, path: list, message: str) -> Problem:
        return Problem(self.line(path), dotted(path), message, self.name)

    def repeated_keys(self) -> list[Problem]:
        """Keys written twice in one mapping: YAML would keep the last one without a word."""
        found: list[Problem] = []
        seen: set[int] = set()

        def visit(node, path):
            if id(node) in seen:
                return
            seen.add(id(node))
            if isinstance(node, yaml.MappingNode):
                keys = set()
                for key, value in node.value:
                    name = key.value if isinstance(key, yaml.ScalarNode) else "?"
                    if name in keys:
                        line = key.start_mark.line + 1
                        found.append(
                            Problem(line, dotted([*path, name]), _("stands there twice"), self.name)
                        )
                    keys.add(name)
                    visit(value, [*path, name])
            elif isinstance(node, yaml.SequenceNode):
                for n, value in enumerate(node.value):
                    visit(value, [*path, n])

        visit(self.root, [])
        return found


def child(node, step) -> tuple[int, yaml.Node] | None:
    """(line, node) one step below a node."""
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step].start_mark.line + 1, node.value[step]
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value == str(step):
                return key.start_mark.line + 1, value
    return None

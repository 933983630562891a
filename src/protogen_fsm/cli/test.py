"""`protogen test`."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import click

from protogen_fsm import pipeline
from protogen_fsm.backends.backend import find as find_backend
from protogen_fsm.cli import disk
from protogen_fsm.cli.report import CLEAN, FINDINGS, format_option, leave, tell, telling
from protogen_fsm.cli.specs import load, specs_argument
from protogen_fsm.diagnostics.render import render
from protogen_fsm.scenarios import diagnostic, difference, play_all

if TYPE_CHECKING:
    from protogen_fsm.model.spec import Spec
    from protogen_fsm.scenarios import Result

_EPILOG = """\b
Examples:
  protogen test specs/smtp.proto
  protogen test specs/smtp.proto -k "appendix D"
  protogen test specs/*.proto --junit scenarios.xml

Exit status: 0 all are played; 1 one is not, or the spec is wrong; 2 input that cannot be used."""


@click.command(epilog=_EPILOG)
@specs_argument
@click.option("-k", "part", default="", metavar="WORDS", help="Those with WORDS in their title.")
@click.option(
    "--junit",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the results there too, for what shows test reports.",
)
@format_option
@telling
def command(specs: tuple[str, ...], part: str, junit: Path | None, form: str) -> None:
    """Play the scenarios of each SPEC with the generated classes, each peer by itself.

    A peer plays a scenario if it says its lines, and nothing else, to those of the others. Where a
    handler, a predicate or the application has to choose, every choice is tried.
    """
    played: list[tuple[str, Result]] = []
    for path in specs:
        spec = pipeline.understand(load(path))
        pipeline.accept(spec)
        played += [(path, result) for result in _play(spec, part, form)]
    if part and not played:
        raise click.UsageError(f"no scenario has {part!r} in its title")
    found = [diagnostic(result) for _, result in played if result.mismatch is not None]
    if form == "json":
        told = json.loads(render("json", found))
        told["scenarios"] = [_as_object(path, result) for path, result in played]
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        tell(found, form, err=False)
    if junit is not None:
        disk.write(junit, _junit(played))
    if form == "text":
        failed = f", {len(found)} failed" if found else ""
        click.echo(f"{len(played) - len(found)} played{failed}", err=True)
    leave(FINDINGS if found else CLEAN)


def _play(spec: Spec, part: str, form: str) -> list[Result]:
    if not spec.scenarios:
        return []
    (file,) = pipeline.render(spec, find_backend("python"))
    module = ModuleType(file.path.removesuffix(".py"))
    exec(compile(file.text, file.path, "exec"), module.__dict__)
    found = []
    for result in play_all(spec, module, part):
        found.append(result)
        if form == "text":
            word = "ok  " if result.mismatch is None else "FAIL"
            click.echo(f"{word}  {result.scenario.title}, {result.peer}", err=True)
    return found


def _as_object(path: str, result: Result) -> dict[str, object]:
    mismatch = result.mismatch
    told: dict[str, object] = {
        "file": path,
        "title": result.scenario.title,
        "system": result.scenario.system.name,
        "peer": result.peer,
        "played": mismatch is None,
    }
    if mismatch is not None:
        told |= {
            "problem": mismatch.problem,
            "line": mismatch.span.line if mismatch.span else result.scenario.span.line,
            "expected": mismatch.expected,
            "said": mismatch.said,
            "state": mismatch.state,
        }
    return told


def _junit(played: list[tuple[str, Result]]) -> bytes:
    """The results as JUnit's XML."""
    failures = sum(result.mismatch is not None for _, result in played)
    counts = {"tests": str(len(played)), "failures": str(failures)}
    suites = ElementTree.Element("testsuites", counts)
    suite = ElementTree.SubElement(suites, "testsuite", {"name": "scenarios", **counts})
    for path, result in played:
        name = f"{result.scenario.title}, {result.peer}"
        case = ElementTree.SubElement(
            suite, "testcase", {"classname": f"{path}.{result.scenario.system.name}", "name": name}
        )
        if result.mismatch is not None:
            failure = {"message": result.mismatch.problem}
            text = ElementTree.SubElement(case, "failure", failure)
            line = result.mismatch.span.line if result.mismatch.span else 0
            text.text = f"{path}:{line}\n{difference(result.mismatch)}\n{result.mismatch.state}"
    ElementTree.indent(suites)
    text_: str = ElementTree.tostring(suites, "unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text_}\n'.encode()

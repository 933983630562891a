"""`protogen explain CODE`: a page for each code, with a wrong and a right spec."""

from __future__ import annotations

from importlib.resources import files

from protogen_fsm.diagnostics import codes


def page(code: str) -> str:
    """The page of a code, as Markdown; KeyError if there is no such code."""
    known = codes.code(code)
    body = files(__package__).joinpath("pages", f"{code}.md").read_text("utf-8")
    kind = f"{'An error' if known.severity == 'error' else 'A warning'}, about {known.phase}."
    if known.severity == "warning":
        kind += f' Where it is meant so, say why: `allow {known.name} "reason"`.'
    return f"# {code} {known.name}: {known.title}\n\n{kind}\n\n{body}"

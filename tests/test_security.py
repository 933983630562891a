"""The table of docs/security.md names tests that there are."""

from __future__ import annotations

import ast
import re

from generated import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")


def test_every_attack_has_a_test_and_every_test_is_there() -> None:
    table = [line for line in PAGE.splitlines() if line.startswith("| ")][2:]
    assert len(table) == 10
    for row in table:
        named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", row)
        assert named, row
        for file, test in named:
            tree = ast.parse((ROOT / "tests" / file).read_text("utf-8"))
            tests = {
                one.name
                for one in tree.body
                if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)
            }
            assert test in tests, (file, test)

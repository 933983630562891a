"""What is shipped is enough: the wheel, installed outside the checkout, builds SMTP."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

pytest.importorskip("hatchling", reason="the wheel is built with hatchling")


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the sdist."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return folder


def test_the_wheel_holds_what_protogen_reads(shipped: Path) -> None:
    (wheel,) = shipped.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("grammars", "templates", "specs"):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                assert f"protogen_fsm/{path.relative_to(ROOT).as_posix()}" in names
    for path in (ROOT / "src").rglob("*.[pm]*"):
        if path.suffix in {".py", ".md"}:
            assert path.relative_to(ROOT / "src").as_posix() in names
    assert "protogen_fsm/py.typed" in names
    strangers = {name for name in names if not name.startswith("protogen_fsm")}
    assert not strangers


def test_the_sdist_holds_what_the_wheel_is_made_of(shipped: Path) -> None:
    (sdist,) = shipped.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    for path in ("grammars/protogen.lark", "specs/smtp.proto", "README.md", "LICENSE"):
        assert path in names
    assert "src/protogen_fsm/cli/__init__.py" in names
    assert "templates/python/module.py.j2" in names


def test_the_wheel_builds_smtp_where_there_is_no_checkout(shipped: Path, tmp_path: Path) -> None:
    (wheel,) = shipped.glob("*.whl")
    home = tmp_path / "venv"
    venv.create(home, with_pip=True, symlinks=True)
    places = {"base": str(home), "platbase": str(home)}
    library = Path(sysconfig.get_path("purelib", "venv", places))
    programs = Path(sysconfig.get_path("scripts", "venv", places))
    # What protogen needs is taken from here: no index has to be reached. The checkout's own
    # path file is not read, since only folders on the path itself may hold such files.
    (library / "needed.pth").write_text(sysconfig.get_path("purelib") + "\n")

    def run(*args: str) -> str:
        environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        done = subprocess.run(
            [programs / args[0], *args[1:]],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("python", "-m", "pip", "install", "--no-index", "--no-deps", str(wheel))
    where = run("python", "-c", "import protogen_fsm; print(protogen_fsm.__file__)")
    assert Path(where.strip()).is_relative_to(library)
    (tmp_path / "mine.proto").write_text((ROOT / "specs" / "smtp.proto").read_text("utf-8"))
    assert run("protogen", "build", "mine.proto", "-o", "out") == "made out/mine.py\n"
    run("protogen", "explain", "PG101")
    run("protogen", "init", "project")
    talk = "import sys; sys.path.insert(0, 'out'); import mine; s = mine.Server('mx'); s.open()\n"
    assert run("python", "-c", talk + "print(s.data_to_send())") == "b'220 mx ESMTP\\r\\n'\n"

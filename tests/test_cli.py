"""What a user types, and what comes of it: output, files, exit status."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from protogen_fsm import __version__
from protogen_fsm.cli.group import COMMANDS, protogen

SPECS = Path(__file__).parent.parent / "specs"

PING = """\
protocol Ping "Answers a ping."

use Lines from "lines.proto"

message PING = "PING"
message PONG = "PONG"

machine Server over Lines {
    receives PING
    sends    PONG

    initial state READY {
        on PING     -> CLOSED / send PONG
        on *        -> CLOSED
        on eof      -> CLOSED
        after 1min  -> CLOSED
    }

    final state CLOSED
}
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with one spec."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ping.proto").write_text(PING)
    return tmp_path


def run(*args: str, stdin: str | bytes | None = None) -> Result:
    result = CliRunner().invoke(protogen, args, input=stdin)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def started(*args: str, **options: Any) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "protogen_fsm", *args]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options
    )


# ---------------------------------------------------------------- all commands


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_each_command_has_an_example(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert f"protogen {command}" in result.stdout.partition("Example")[2]


def test_a_misspelt_command_is_told_with_the_nearest() -> None:
    result = run("buidl")
    assert result.exit_code == 2
    assert "Did you mean 'build'?" in result.stderr


def test_the_version_costs_less_than_60_ms_beyond_python_s_own_start() -> None:
    assert run("--version").stdout == f"protogen, version {__version__}\n"

    def cpu(*args: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *args], check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    bare = min(cpu("-c", "pass") for _ in range(5))
    ours = min(cpu("-m", "protogen_fsm", "--version") for _ in range(5))
    # The limit is 60 ms on a machine that does nothing else; this one may be busy.
    assert ours - bare < 0.12


def test_help_and_version_import_no_parser() -> None:
    asked = "import sys; from protogen_fsm.cli import main\n"
    asked += "try: main(['--help'])\nexcept SystemExit: pass\n"
    asked += "assert not {'lark', 'jinja2', 'graphviz', 'asyncio'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", asked], check=True, stdout=subprocess.DEVNULL)


def test_output_that_nobody_reads_to_its_end_leaves_no_traceback() -> None:
    command = f"{sys.executable} -m protogen_fsm explain | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True)
    assert done.stdout.startswith("PG0xx")
    assert "Traceback" not in done.stderr


def test_a_terminal_that_knows_ascii_only_is_told_in_ascii() -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    Path("bad.proto").write_text('protocol P "Grüße"\nmachine M { state Ü }', "utf-8")
    command = [sys.executable, "-m", "protogen_fsm", "check", "bad.proto"]
    done = subprocess.run(command, capture_output=True, env=environment)
    assert done.returncode == 1
    assert done.stdout.isascii()
    assert b"Traceback" not in done.stderr


# ---------------------------------------------------------------- check


def test_a_clean_spec_gives_status_0_and_nothing_on_standard_output() -> None:
    result = run("check", "ping.proto")
    assert (result.exit_code, result.stdout) == (0, "")


def test_findings_give_status_1_and_go_to_standard_output() -> None:
    Path("ping.proto").write_text(PING.replace("-> CLOSED / send", "-> CLOSD / send"))
    result = run("check", "ping.proto")
    assert result.exit_code == 1
    assert "error[PG101]: no state is named `CLOSD`" in result.stdout
    assert "did you mean `CLOSED`?" in result.stdout


@pytest.mark.parametrize("form", ["json", "github", "sarif"])
def test_findings_can_be_told_to_programs(form: str) -> None:
    Path("ping.proto").write_text(PING.replace("-> CLOSED / send", "-> CLOSD / send"))
    result = run("check", "ping.proto", "--format", form)
    assert result.exit_code == 1
    assert "PG101" in result.stdout


ASKING = """\
protocol Asking
machine Client {
    receives yes
    sends ask
    accepts go
    initial state READY { on go -> ASKED / send ask }
    state ASKED { on yes -> READY  after 1s -> READY }
}
machine Server {
    receives ask
    sends yes
    var asked: 0..2 = 0
    initial state OPEN {
        on ask when asked == 2 -> SHUT
        on ask / send yes, asked = 1
    }
    state SHUT { ignore ask }
}
system S { peer client: Client peer server: Server link client <-> server capacity 1
    allow unspecified_reception "it may come late" }
"""


def test_what_never_comes_about_is_counted_and_listed_when_asked_for() -> None:
    Path("asking.proto").write_text(ASKING)
    told = run("check", "asking.proto").stderr
    assert "asking.proto: 2 of its states, rows and outcomes never come about: see --unused" in told
    listed = run("check", "asking.proto", "--unused").stderr
    assert "asking.proto:17: `Server` is never in SHUT" in listed
    assert "see --unused" not in listed
    done = run("check", "asking.proto", "--unused", "--format", "json")
    never = json.loads(done.stdout)["unused"]
    assert [one["text"] for one in never][-1] == "`Server` is never in SHUT"
    assert never[-1]["place"]["start"]["line"] == 17
    assert "never in SHUT" not in done.stderr


def test_standard_input_is_a_spec_too() -> None:
    assert run("check", "-", stdin=PING).exit_code == 0


@pytest.mark.parametrize(
    ("holds", "code", "status"),
    [
        (b"", "PG007", 2),
        (b"\0\1\2\xff", "PG011", 2),
        (b'syntax = "proto3";\nmessage A { int32 b = 1; }\n', "PG006", 2),
        (b"protocol P\n" + b"# a long story\n" * 700_000, "PG951", 2),
        (b"hello there\n", "PG0", 1),
        (b"protocol P\nmachine class { initial state A }\n", "PG", 1),
    ],
    ids=["empty", "binary", "protocol buffers", "10 MB", "prose", "a keyword"],
)
def test_bad_input_is_told_apart(holds: bytes, code: str, status: int) -> None:
    Path("bad.proto").write_bytes(holds)
    result = run("check", "bad.proto")
    assert (result.exit_code, code in result.stdout) == (status, True), result.output


@pytest.mark.parametrize("path", ["none.proto", ".", "ping.proto/x", "a\0b", "x" * 5000])
def test_what_cannot_be_read_gives_status_2(path: str) -> None:
    for command in ("check", "build", "fmt", "skeleton", "diagram"):
        result = run(command, path)
        assert result.exit_code == 2
        assert "PG951" in result.output


def test_a_spec_that_uses_itself_is_told_where() -> None:
    Path("a.proto").write_text('protocol A\nuse B from "b.proto"\n')
    Path("b.proto").write_text('protocol B\nuse A from "./a.proto"\n')
    result = run("check", "a.proto")
    assert result.exit_code == 1
    assert "error[PG109]: `a.proto` uses itself" in result.stdout
    assert "b.proto:2:12" in result.stdout


def test_a_use_that_leads_nowhere_says_what_the_library_holds() -> None:
    Path("a.proto").write_text('protocol A\nuse Lines from "line.proto"\n')
    result = run("check", "a.proto")
    assert result.exit_code == 1
    assert 'did you mean `"lines.proto"`?' in result.stdout


# ---------------------------------------------------------------- build


def test_build_makes_a_module_once() -> None:
    assert run("build", "ping.proto", "-o", "out").stdout == f"made {Path('out/ping.py')}\n"
    made = Path("out/ping.py").stat().st_mtime_ns
    assert run("build", "ping.proto", "-o", "out").stdout == ""
    assert Path("out/ping.py").stat().st_mtime_ns == made
    assert [path.name for path in Path("out").iterdir()] == ["ping.py"]


def test_build_says_nothing_of_where_it_was_run() -> None:
    run("build", "ping.proto", "-o", "out")
    run("build", str(Path("ping.proto").resolve()), "-o", "elsewhere")
    assert Path("out/ping.py").read_text() == Path("elsewhere/ping.py").read_text()


def test_build_check_and_diff_write_nothing_and_tell_of_drift() -> None:
    missing = run("build", "ping.proto", "-o", "out", "--check")
    assert (missing.exit_code, Path("out").exists()) == (1, False)
    run("build", "ping.proto", "-o", "out")
    assert run("build", "ping.proto", "-o", "out", "--check").exit_code == 0
    Path("ping.proto").write_text(PING.replace('"PONG"', '"BONG"'))
    before = Path("out/ping.py").read_text()
    drifted = run("build", "ping.proto", "-o", "out", "--check")
    assert drifted.exit_code == 1
    assert "error[PG954]: `out/ping.py` is not what `ping.proto` says" in drifted.stderr
    shown = run("build", "ping.proto", "-o", "out", "--diff")
    assert shown.exit_code == 1
    assert '-        self.below.line(b"PONG")' in shown.stdout
    assert '+        self.below.line(b"BONG")' in shown.stdout
    assert Path("out/ping.py").read_text() == before


def test_a_file_that_protogen_did_not_make_is_never_overwritten() -> None:
    Path("ping.py").write_text("print('mine')\n")
    result = run("build", "ping.proto")
    assert result.exit_code == 2
    assert "PG953" in result.stderr
    assert "name another folder with `-o`" in result.stderr
    assert Path("ping.py").read_text() == "print('mine')\n"


def test_a_place_that_cannot_be_written_gives_status_2() -> None:
    Path("file").write_text("")
    result = run("build", "ping.proto", "-o", "file/out")
    assert result.exit_code == 2
    assert "PG95" in result.stderr


def test_errors_of_a_build_give_status_1_and_no_file() -> None:
    Path("ping.proto").write_text(PING.replace("send PONG", "send PANG"))
    assert run("build", "ping.proto", "-o", "out").exit_code == 1
    assert not Path("out").exists()


def test_two_specs_that_make_one_file_are_told() -> None:
    Path("other").mkdir()
    Path("other/ping.proto").write_text(PING.replace('"PONG"', '"BONG"'))
    result = run("build", "ping.proto", "other/ping.proto", "-o", "out")
    assert result.exit_code == 2
    assert "ping.proto and other/ping.proto both make ping.py" in result.stderr


def test_an_unknown_target_is_told() -> None:
    result = run("build", "ping.proto", "--target", "pyton")
    assert result.exit_code == 2
    assert "did you mean 'python'?" in result.stderr


def test_a_standalone_build_runs_where_protogen_is_not_installed(here: Path) -> None:
    assert run("build", "ping.proto", "-o", "out", "--standalone").exit_code == 0
    assert run("build", "ping.proto", "-o", "out", "--standalone", "--check").exit_code == 0
    talk = (
        "import ping, protogen_fsm.runtime.aio as aio; assert 'out' in aio.__file__\n"
        "server = ping.Server(); server.open(); server.receive_data(b'PING\\r\\n')\n"
        "print(server.data_to_send())"
    )
    command = [sys.executable, "-S", "-c", talk]  # -S: no site-packages
    done = subprocess.run(command, cwd=here / "out", capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("b'PONG\\r\\n'\n", "")


def test_watch_builds_again_and_outlives_errors() -> None:
    with started("build", "ping.proto", "-o", "out", "--watch") as process:
        try:
            made = Path("out/ping.py")
            wait_for(made.exists)
            Path("ping.proto").write_text("protocol Ping {")
            time.sleep(0.6)
            assert process.poll() is None
            Path("ping.proto").write_text(PING.replace('"PONG"', '"BONG"'))
            wait_for(lambda: "BONG" in made.read_text())
        finally:
            process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "PG0" in output
    assert "Traceback" not in output


def wait_for(condition: Any, seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


# ---------------------------------------------------------------- fmt


def test_fmt_writes_what_it_would_print_and_is_then_content() -> None:
    canonical = run("fmt", "-", stdin=PING).stdout
    Path("ping.proto").write_text(PING.replace("    on PING     ->", "  on PING  ->"))
    assert run("fmt", "ping.proto", "--check").exit_code == 1
    assert "-  on" in run("fmt", "ping.proto", "--diff").stdout.replace("     ", " ")
    assert run("fmt", "ping.proto").exit_code == 0
    assert Path("ping.proto").read_text() == canonical
    assert run("fmt", "ping.proto", "--check").exit_code == 0


def test_fmt_leaves_a_spec_that_it_cannot_read_alone() -> None:
    Path("bad.proto").write_text("protocol P {")
    assert run("fmt", "bad.proto").exit_code == 1
    assert Path("bad.proto").read_text() == "protocol P {"


# ---------------------------------------------------------------- skeleton, diagram, explain


def test_a_skeleton_is_extended_and_otherwise_left_alone() -> None:
    spec = str(SPECS / "smtp.proto")
    first = run("skeleton", spec, "-m", "Server", "-o", "mine.py")
    assert first.exit_code == 0
    text = Path("mine.py").read_text()
    assert "def do_ENVELOPE_RCPT" in text
    cut = text.index("    def do_ENVELOPE_RCPT")
    mine = text[:cut] + "    # my own words\n"
    Path("mine.py").write_text(mine)
    assert run("skeleton", spec, "-m", "Server", "-o", "mine.py").exit_code == 0
    again = Path("mine.py").read_text()
    assert "# my own words" in again
    assert "def do_ENVELOPE_RCPT" in again
    run("skeleton", spec, "-m", "Server", "-o", "mine.py")
    assert Path("mine.py").read_text() == again


def test_a_skeleton_is_not_added_to_what_is_no_python() -> None:
    Path("mine.py").write_text("class {")
    result = run("skeleton", "ping.proto", "-o", "mine.py")
    assert result.exit_code == 2
    assert "PG503" in result.stderr
    assert Path("mine.py").read_text() == "class {"


def test_a_machine_that_is_not_there_is_told_with_the_nearest() -> None:
    for command in ("skeleton", "diagram"):
        result = run(command, "ping.proto", "-m", "Sever")
        assert result.exit_code == 2
        assert "did you mean `Server`?" in result.stderr


@pytest.mark.parametrize("form", ["svg", "png", "dot", "mermaid"])
def test_a_diagram_is_drawn_the_same_each_time_and_over_nothing_else(form: str) -> None:
    first = run("diagram", "ping.proto", "-f", form, "-o", "out")
    assert first.exit_code == 0, first.output
    (made,) = Path("out").iterdir()
    assert made.stem == "ping.Server"
    assert run("diagram", "ping.proto", "-f", form, "-o", "out").stdout == ""
    made.write_bytes(b"a picture of mine")
    assert run("diagram", "ping.proto", "-f", form, "-o", "out").exit_code == 2
    assert made.read_bytes() == b"a picture of mine"


def test_explain_knows_numbers_names_and_what_is_near() -> None:
    assert run("explain", "PG101").stdout == run("explain", "undefined_state").stdout
    assert run("explain", "pg101").stdout.startswith("# PG101 undefined_state")
    unknown = run("explain", "wait_without_timout")
    assert unknown.exit_code == 2
    assert "PG209 wait_without_timeout" in unknown.stderr


# ---------------------------------------------------------------- init, run, doctor


def test_a_new_project_passes_its_own_test_and_is_clean() -> None:
    result = run("init", "project")
    assert result.exit_code == 0, result.output
    for args in (["-m", "unittest"], ["-m", "protogen_fsm", "check", "notes.proto"]):
        done = subprocess.run([sys.executable, *args], cwd="project", capture_output=True)
        assert done.returncode == 0, done.stderr.decode()
    assert run("build", "project/notes.proto", "-o", "project", "--check").exit_code == 0
    assert run("fmt", "project/notes.proto", "--check").exit_code == 0


def test_a_project_begins_only_where_none_of_its_files_is() -> None:
    Path("README.md").write_text("mine")
    result = run("init")
    assert result.exit_code == 2
    assert "PG953" in result.stderr
    assert sorted(path.name for path in Path().iterdir()) == ["README.md", "ping.proto"]


def test_run_serves_a_spec_at_once_and_logs_each_step() -> None:
    with started("run", "ping.proto", "Server") as process:
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline().split("port ")[1].split(";")[0])
            with socket.create_connection(("127.0.0.1", port), timeout=10) as peer:
                peer.sendall(b"PING\r\n")
                assert peer.recv(100) == b"PONG\r\n"
                assert peer.recv(100) == b""
            time.sleep(0.2)
        finally:
            process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "1 < b'PING\\r\\n'\n1   PING in READY\n1   READY -> CLOSED\n1 > b'PONG\\r\\n'" in output


def test_run_connects_a_machine_that_is_told_what_to_do_line_by_line() -> None:
    run("init", "project")
    spec = "project/notes.proto"
    with started("run", spec, "Server") as server:
        try:
            assert server.stdout is not None
            port = server.stdout.readline().split("port ")[1].split(";")[0]
            with started(
                "run", spec, "Client", "--connect", "--port", port, stdin=subprocess.PIPE
            ) as client:
                output, _ = client.communicate('get("milk")\nfly\nquit\n', timeout=10)
        finally:
            server.send_signal(signal.SIGINT)
            server.communicate(timeout=10)
    assert "emits answer(False, 'no such note')" in output
    assert "not done: it accepts put, get, quit" in output
    assert "-> CLOSED" in output


def test_a_port_in_use_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = run("run", "ping.proto", "Server", "--port", port)
    assert result.exit_code == 2
    assert "PG956" in result.stderr


def test_the_doctor_looks_at_everything() -> None:
    result = run("doctor")
    assert result.exit_code == 0
    for word in ("Python", "lark", "jinja2", "dot", "grammars", "cache"):
        assert word in result.stdout

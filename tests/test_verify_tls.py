"""Systems whose peers begin TLS: both do, or neither goes on; what was learnt is forgotten."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from protogen_fsm.cli.group import protogen

SYSTEM = """protocol Tunnel

use Lines from "lines.proto"

message STARTTLS = "STARTTLS"
message WHO      = "WHO"
message GO       = "GO"

machine Server over Lines(max: 512) {
    receives STARTTLS, WHO
    sends    GO

    var asked: bool = false scope layer

    state OPEN {
        on WHO                     -> SECRET / send GO
        on malformed, eof          -> CLOSED
        after 5min                 -> CLOSED

        initial state CLEAR {
            on WHO                           / asked = true, send GO
            on STARTTLS            -> BEGUN  / send GO, starttls
        }
        state BEGUN {
            on secured when asked  -> CLOSED
            on secured             -> SECRET
        }
        state SECRET {
            on STARTTLS            -> CLOSED
        }
    }
    final state CLOSED
}

machine Client over Lines(max: 512) {
    receives GO
    sends    STARTTLS, WHO
    accepts  secure, ask

    state OPEN {
        on malformed, eof   -> CLOSED
        after 5min          -> CLOSED

        initial state CLEAR {
            on ask          -> WAITS / send WHO
            on secure       -> ASKED / send STARTTLS
        }
        state WAITS {
            on GO           -> CLEAR
        }
        state ASKED {
            on GO           -> BEGUN / starttls
        }
        state BEGUN {
            on secured      -> SECRET
        }
        state SECRET {
            on ask          -> HEARS / send WHO
        }
        state HEARS {
            on GO           -> SECRET
        }
    }
    final state CLOSED
}

system Session {
    peer client: Client
    peer server: Server
    link client <-> server
    never client in SECRET and server in CLEAR
    never server.asked and server in SECRET
    reachable client in HEARS
}
"""


def checked(text: str, folder: Path) -> str:
    path = folder / "tunnel.proto"
    path.write_text(text, "utf-8")
    return CliRunner().invoke(protogen, ["check", str(path)]).output


def test_both_ends_are_secured_together_and_what_was_learnt_is_gone(tmp_path: Path) -> None:
    assert re.search(r"Session: proved", checked(SYSTEM, tmp_path))


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        (" scope layer", "", "`never server.asked and server in SECRET` is refuted"),
        ("send GO, starttls", "send GO, send GO, starttls", "cannot be taken"),
        ("-> BEGUN  / send GO, starttls", "-> SECRET / send GO", "waits|cannot|left"),
    ],
)
def test_what_breaks_a_handshake_is_found(
    right: str, wrong: str, said: str, tmp_path: Path
) -> None:
    text = SYSTEM.replace(right, wrong, 1)
    if not wrong:
        text = text.replace("            on secured when asked  -> CLOSED\n", "")
    said_of_it = checked(text, tmp_path)
    assert "refuted" in said_of_it
    assert re.search(said, said_of_it)

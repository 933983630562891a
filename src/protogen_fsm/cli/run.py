"""`protogen run`."""

from __future__ import annotations

import ast
import asyncio
import logging
import os
import sys
from threading import Thread
from types import ModuleType
from typing import TYPE_CHECKING, Any

import click

from protogen_fsm import pipeline
from protogen_fsm.backends.backend import find as find_backend
from protogen_fsm.cli.report import telling
from protogen_fsm.cli.specs import find, load, spec_argument
from protogen_fsm.cli.trace import Traced
from protogen_fsm.diagnostics import Diagnostic, SpecError
from protogen_fsm.model.types import BOOL, BYTES, STR, Enum, ListOf, Range, is_int

if TYPE_CHECKING:
    from collections.abc import Callable

    from protogen_fsm.model.machine import Machine
    from protogen_fsm.model.types import Param, Type

_EPILOG = """\b
Examples:
  protogen run specs/smtp.proto Server mx.example.org --port 2525
  protogen run specs/smtp.proto Client me.example.org --connect --port 2525
  > send_mail("a@example.org", ["b@example.org"], b"Subject: hello\\r\\n\\r\\nHello\\r\\n")"""


@click.command(epilog=_EPILOG)
@spec_argument
@click.argument("machine")
@click.argument("args", nargs=-1)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0 takes a free one.")
@click.option("--connect", is_flag=True, help="Be the side that connects.")
@telling
def command(
    spec: str, machine: str, args: tuple[str, ...], host: str, port: int, connect: bool
) -> None:
    """Serve MACHINE of SPEC at once, or connect it, and log each step.

    Every handler answers with the first outcome that the spec names. ARGS are the machine's
    parameters. With --connect, lines of standard input are calls of what the machine accepts.
    """
    source = load(spec)
    model = pipeline.understand(source)
    chosen = find(model, machine)
    if not _on_bytes(chosen):
        raise click.UsageError(f"{machine} stands on no stream of bytes, so nothing can connect it")
    pipeline.accept(model)
    (file,) = pipeline.render(model, find_backend("python"))
    module = ModuleType(file.path.removesuffix(".py"))
    exec(compile(file.text, file.path, "exec"), module.__dict__)
    values = _values(chosen, args)
    made = getattr(module, machine)
    logging.basicConfig(format="  %(message)s", level=logging.INFO, stream=sys.stdout)
    go = _connect if connect else _serve
    try:
        asyncio.run(go(lambda: Traced(made(*values)), host, port))
    except OSError as error:
        raise SpecError([_no_address(host, port, error, connect)]) from None
    except KeyboardInterrupt:
        return


def _on_bytes(machine: Machine | None) -> bool:
    below = None if machine is None else machine.below
    return below is not None and (below.kind == "bytes" or _on_bytes(below.machine))


async def _serve(factory: Callable[[], Traced], host: str, port: int) -> None:
    server = await asyncio.get_running_loop().create_server(factory, host, port)
    for socket in server.sockets:
        address, taken = socket.getsockname()[:2]
        click.echo(f"serving on {address} port {taken}; interrupt to end")
    async with server:
        await server.serve_forever()


async def _connect(factory: Callable[[], Traced], host: str, port: int) -> None:
    loop = asyncio.get_running_loop()
    _, protocol = await loop.create_connection(factory, host, port)
    # A daemon: a thread that waits for standard input cannot be told to stop.
    Thread(target=_read_calls, args=(loop, protocol), daemon=True).start()
    await protocol.wait_closed()


def _read_calls(loop: asyncio.AbstractEventLoop, protocol: Traced) -> None:
    for line in sys.stdin:
        if line.strip() and not loop.is_closed():
            loop.call_soon_threadsafe(_call, protocol, line.strip())


def _call(protocol: Traced, line: str) -> None:
    """Calls what a line such as `quit` or `get("milk")` says; its arguments are literals."""
    try:
        said = ast.parse(line, mode="eval").body
        name = said.func if isinstance(said, ast.Call) else said
        if not isinstance(name, ast.Name) or name.id not in protocol.accepted():
            raise ValueError(f"it accepts {', '.join(protocol.accepted()) or 'nothing'}")
        given = said.args if isinstance(said, ast.Call) else []
        getattr(protocol.machine, name.id)(*map(ast.literal_eval, given))
        protocol.flush()
    except Exception as error:
        click.echo(f"  not done: {error}")


def _values(machine: Machine, args: tuple[str, ...]) -> list[Any]:
    if len(args) > len(machine.params):
        known = ", ".join(f"{param.name}: {param.type}" for param in machine.params) or "none"
        raise click.UsageError(f"{machine.name} has fewer parameters: {known}")
    given = [_read(param, text) for param, text in zip(machine.params, args, strict=False)]
    return given + [_sample(param) for param in machine.params[len(given) :]]


def _read(param: Param, text: str) -> Any:
    if param.type == STR or isinstance(param.type, Enum):
        return text
    if param.type == BYTES:
        return text.encode()
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        raise click.UsageError(f"{param.name} is a {param.type}, and {text!r} is none") from None


def _sample(param: Param) -> Any:
    """Some value for a parameter that was not given."""
    if param.has_default:
        return param.default
    match param.type:
        case Range(low=low):
            return low
        case Enum(members=members):
            return members[0]
        case ListOf():
            return []
    samples: dict[Type, object] = {STR: param.name, BYTES: b"", BOOL: False}
    return 0 if is_int(param.type) else samples.get(param.type)


def _no_address(host: str, port: int, error: OSError, connect: bool) -> Diagnostic:
    deed = "reached" if connect else "listened on"
    reason = os.strerror(error.errno).lower() if error.errno else str(error)
    return Diagnostic(
        "PG956",
        f"{host} port {port} cannot be {deed}: {reason}",
        help="is the server running there?" if connect else "`--port 0` takes a free one",
    )

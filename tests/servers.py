"""Every machine of `specs/` and `examples/` that reads bytes or datagrams, a trial of mutations."""

from __future__ import annotations

import re
from typing import Any

from generated import shipped
from mutations import Trial, matching

KiB = 1024


def _opened(one: Any) -> Any:
    one.receive_open()
    return one


# ---------------------------------------------------------------- SMTP


def _smtp() -> Trial:
    def make() -> Any:
        return _opened(shipped("smtp").Server("mx.example.org"))

    mail = (b"MAIL FROM:<a@b.c>\r\n", b"RCPT TO:<d@e.f>\r\n", b"RCPT TO:<g@h.i>\r\n", b"DATA\r\n",
            b"Subject: hello\r\n\r\n..\r\nHello.\r\n.\r\n")  # fmt: skip
    return Trial(
        "SMTP, server",
        make,
        (
            (b"EHLO me.example.com\r\n", *mail, b"NOOP\r\n", *mail, b"QUIT\r\n"),
            (b"HELO me\r\n", b"VRFY a\r\n", mail[0], b"RSET\r\n", *mail, b"HELP\r\n", b"QUIT\r\n"),
        ),
        matching(rb"[2-5][0-9][0-9][ -][^\r\n]*\r\n"),
        (b"MAIL FROM:<", b"SIZE=99999999999", b"\r\n.\n", b"\n.\r\n"),
        (
            (b"", b"x" * 64 * KiB),
            (b"", b"NOOP\r\n" * 200),
            (b"EHLO me\r\n" + b"".join(mail[:4]), b".\r\n" * 200),
            (b"EHLO me\r\n" + mail[0], mail[1] * 200),
        ),
    )


def _ftp() -> Trial:
    def make() -> Any:
        return _opened(Keeper("ftp.example.org"))

    class Keeper(shipped("ftp").Server):  # type: ignore[misc]
        def do_PASSWORD_login(self, name: str, password: str) -> Any:
            return shipped("ftp").Accept()

        def do_READY_EPSV(self, which: str) -> Any:
            return shipped("ftp").Extended(6446)

        def do_READY_STOR(self, path: str) -> Any:
            return shipped("ftp").Bring()

        def emit_store(self, path: str, offset: int) -> None:
            if path != "slow":
                self.complete()

    login = (b"USER ann\r\n", b"PASS secret\r\n", b"TYPE I\r\n")
    return Trial(
        "FTP, server",
        make,
        (
            (*login, b"EPSV\r\n", b"REST 10\r\n", b"STOR a\r\n", b"FEAT\r\n", b"QUIT\r\n"),
            (*login, b"EPSV\r\n", b"STOR slow\r\n", b"NOOP\r\n", b"ABOR\r\n", b"PWD\r\n"),
            (*login, b"RETR b\r\n", b"RNFR a\r\n", b"RNTO b\r\n", b"PORT 1,2,3,4,5,6\r\n"),
        ),
        matching(rb"([1-5][0-9][0-9][ -]| )[^\r\n]*\r\n"),
        (b"REST 99999999999999999999", b"\xff\xf4\xff\xf2ABOR\r\n", b"EPRT |3|"),
        ((b"", b"x" * 64 * KiB), (b"".join(login), b"NOOP\r\n" * 200)),
    )


def _smtp_client() -> Trial:
    def make() -> Any:
        one = _opened(shipped("smtp").Client("me"))
        one.send_mail("a@b.c", ["d@e.f", "g@h.i"], b"Hello.\r\n.\r\n")
        one.quit()
        return one

    answers = (
        *(b"220 hi\r\n", b"250-mx\r\n250-SIZE 1000\r\n250 PIPELINING\r\n", b"250 OK\r\n"),
        *(b"250 OK\r\n", b"550 no\r\n", b"354 go\r\n", b"250 OK\r\n", b"221 bye\r\n"),
    )
    return Trial(
        "SMTP, client",
        make,
        (answers, (answers[0], b"250 mx\r\n", *answers[2:])),
        lambda said: said.endswith(b"\r\n") or not said,
        (b"250-", b"421 ", b"999 "),
        ((b"", b"x" * 64 * KiB), (b"220 hi\r\n", b"250-more\r\n" * 200)),
    )


# ---------------------------------------------------------------- POP3


def _pop3() -> Trial:
    module = shipped("pop3")

    class Server(module.Server):  # type: ignore[misc,name-defined]
        def do_PASSWORD_login(self, name: str, password: str) -> Any:
            mails = [module.Mail(1, 9, "one"), module.Mail(2, 7, "two")]
            return module.Accept(mails) if (name, password) == ("ann", "an n") else None

        def do_READY_RETR(self, number: int) -> Any:
            return module.Message(b"Hello.\r\n.\r\n")

        def do_READY_TOP(self, number: int, count: int) -> Any:
            return module.Message(b"Hello.\r\n")

    login = b"USER ann\r\n", b"PASS an n\r\n"
    return Trial(
        "POP3, server",
        lambda: _opened(Server("localhost")),
        (
            (b"CAPA\r\n", *login, b"STAT\r\n", b"LIST\r\n", b"UIDL 1\r\n", b"TOP 1 0\r\n",
             b"RETR 2\r\n", b"DELE 1\r\n", b"RSET\r\n", b"NOOP\r\n", b"DELE 2\r\n", b"UIDL\r\n",
             b"LIST 2\r\n", b"QUIT\r\n"),
            (b"APOP ann c4c9334bac560ecc979e58001b3e22fb\r\n", *login, b"QUIT\r\n"),
        ),
        matching(rb"(?:-ERR [^\r\n]+|\+OK[^\r\n]*(?:\r\n(?!\+OK|-ERR)[^\r\n]*)*)\r\n"),
        (b"RETR ", b"9" * 300),
        ((b"", b"x" * 64 * KiB), (b"".join(login), b"RETR 1\r\n" * 200)),
    )  # fmt: skip


def _pop3_client() -> Trial:
    def make() -> Any:
        one = _opened(shipped("pop3").Client())
        one.login("ann", "secret")
        one.stat()
        one.sizes(None)
        one.retrieve(1)
        one.names(None)
        one.delete(1)
        one.quit()
        return one

    return Trial(
        "POP3, client",
        make,
        (
            (b"+OK hello\r\n", b"+OK\r\n", b"+OK in\r\n", b"+OK 2 9\r\n",
             b"+OK all\r\n1 4\r\n2 5\r\n.\r\n", b"+OK 4 octets\r\na\r\n..\r\n.\r\n",
             b"+OK\r\n1 one\r\n2 two\r\n.\r\n",
             b"+OK gone\r\n", b"+OK bye\r\n"),
        ),
        matching(rb"[A-Z]{4}[^\r\n]*\r\n"),
        (b"-ERR no\r\n", b"+OK\r\n", b".\r\n"),
        ((b"", b"x" * 64 * KiB), (b"+OK\r\n+OK\r\n+OK\r\n", b"+OK 2 9\r\n" * 200)),
    )  # fmt: skip


# ---------------------------------------------------------------- RESP


def _resp() -> Trial:
    module = shipped("resp")

    class Echo(module.Server):  # type: ignore[misc,name-defined]
        def do_TALKING_command(self, args: list[bytes]) -> Any:
            if args[:1] == [b"HELLO"]:
                self.nothing()
                return module.Speaks(3)
            if args[:1] == [b"NEST"]:
                for _ in range(4):
                    self.list_of(1)
                self.bulk(b"in")
                return module.Nested()
            return module.Listed(args)

    return Trial(
        "RESP, server",
        lambda: _opened(Echo()),
        (
            (b"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$2\r\nbc\r\n", b"PING\r\n", b"*1\r\n$4\r\nNEST\r\n",
             b"*2\r\n$5\r\nHELLO\r\n$1\r\n3\r\n", b"*2\r\n$3\r\nGET\r\n$1\r\na\r\n", b"*0\r\n"),
        ),
        lambda said: not said or said.endswith(b"\r\n"),
        (b"$9\r\n", b"*2\r\n", b"$-1\r\n", b"*-1\r\n", b"*999999999\r\n", b"$999999999999\r\n"),
        (
            (b"", b"x" * 64 * KiB),
            (b"", b"*1\r\n" * 1000),
            (b"", b"PING\r\n" * 200),
        ),
    )  # fmt: skip


def _resp_client() -> Trial:
    def make() -> Any:
        one = _opened(shipped("resp").Client())
        for _ in range(14):
            one.command([b"X"])
        return one

    return Trial(
        "RESP, client",
        make,
        (
            (b"+OK\r\n", b":1000\r\n", b"$5\r\nhello\r\n", b"*2\r\n*2\r\n:1\r\n:2\r\n*1\r\n+a\r\n",
             b"%1\r\n+a\r\n:1\r\n", b",1.5\r\n", b"_\r\n", b"#t\r\n", b">2\r\n+a\r\n+b\r\n",
             b"=5\r\ntxt:a\r\n", b"-ERR no\r\n", b"(349\r\n", b"$-1\r\n",
             b"!5\r\nERR !\r\n"),
        ),
        lambda said: said.startswith(b"*1\r\n$1\r\nX\r\n"),
        (b"*1\r\n", b"$-1\r\n", b"*999999999\r\n", b"%", b"~1\r\n", b"|1\r\n"),
        ((b"", b"x" * 64 * KiB), (b"", b"*1\r\n" * 1000), (b"", b">1\r\n+a\r\n" * 200)),
    )  # fmt: skip


# ---------------------------------------------------------------- MQTT


def _packets(said: bytes) -> bool:
    """Whether it is made of whole packets."""
    at = 0
    while at < len(said):
        at, size, shift = at + 1, 0, 0
        while True:
            if at >= len(said):
                return False
            octet, at = said[at], at + 1
            size, shift = size | (octet & 0x7F) << shift, shift + 7
            if octet < 0x80:
                break
        at += size
    return at == len(said)


_CONNECT = b"\x10\x0e\x00\x04MQTT\x04\x02\x00\x3c\x00\x02me"
_MQTT = (
    b"\x30\x08\x00\x01thello", b"\x32\x0a\x00\x01t\x00\x03hello", b"\x34\x0a\x00\x01t\x00\x04hello",
    b"\x40\x02\x00\x03", b"\x50\x02\x00\x04", b"\x62\x02\x00\x04", b"\x70\x02\x00\x04",
)  # fmt: skip


def _mqtt() -> Trial:
    asking = (
        b"\x82\x06\x00\x05\x00\x01t\x01",
        b"\xa2\x05\x00\x06\x00\x01t",
        b"\xc0\x00",
        b"\xe0\x00",
    )

    def make() -> Any:
        return _opened(shipped("mqtt").Server())

    return Trial(
        "MQTT, server",
        make,
        ((_CONNECT, *_MQTT, *asking), (_CONNECT, *asking[:2], *_MQTT[::-1], *asking[2:])),
        _packets,
        (b"\xff\xff\xff\x7f", b"\x80\x80\x80\x80", b"\x00\x00"),
        (
            (b"", b"\x10\xff\xff\xff\x7f" + b"x" * 64 * KiB),
            (_CONNECT, b"\x30\xff\xff\x3f" + b"x" * 64 * KiB),
            (_CONNECT, b"\x34\x0a\x00\x01t\x00\x04hello" * 200),
            (_CONNECT, b"\x34\x04\x00\x00\x00\x04\x62\x02\x00\x04" * 200),
        ),
        most=5 * KiB * KiB,  # a packet of 1 MiB is allowed, and is joined and cut out once
        refuses=True,
    )


def _mqtt_client() -> Trial:
    module = shipped("mqtt")

    def make() -> Any:
        one = _opened(module.Client("me"))
        one.deliver("t", b"a", 1, False)
        one.deliver("t", b"b", 2, False)
        one.subscribe([module.Filter("t", 1)])
        one.unsubscribe(["t"])
        return one

    answers = (
        *(b"\x90\x03\x00\x03\x01", b"\xb0\x02\x00\x04", b"\x40\x02\x00\x01"),
        *(b"\x50\x02\x00\x02", b"\x70\x02\x00\x02", b"\xd0\x00"),
    )
    return Trial(
        "MQTT, client",
        make,
        ((b"\x20\x02\x00\x00", *_MQTT, *answers), (b"\x20\x02\x00\x00", *answers, *_MQTT[::-1])),
        _packets,
        (b"\xff\xff\xff\x7f", b"\x80\x80\x80\x80", b"\x00\x00"),
        ((b"\x20\x02\x00\x00", b"\x30\xff\xff\x3f" + b"x" * 64 * KiB),),
        most=5 * KiB * KiB,  # a packet of 1 MiB is allowed, and is joined and cut out once
        refuses=True,
    )


# ---------------------------------------------------------------- HTTP/1.1

_GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
_POST = b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok"
_CHUNKED = (
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n"
)


def _http() -> Trial:
    class Server(shipped("http1").Server):  # type: ignore[misc,name-defined]
        def emit_request_end(self, trailers: Any) -> None:
            super().emit_request_end(trailers)
            self.answer(200, "OK", [], b"")

    asks = b"PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n", b"a"
    closes = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    return Trial(
        "HTTP/1.1, server",
        lambda: _opened(Server()),
        ((_GET, _POST, _CHUNKED, *asks, closes), (_POST, _CHUNKED, b"GET / HTTP/1.0\r\n\r\n")),
        matching(rb"HTTP/1\.1 (?:100|200|400|408|413|414|417|431|501|505) [^\r\n]+\r\n"
                 rb"(?:[^\r\n]+\r\n)*\r\n"),
        (b"Content-Length: 5\r\n", b"Transfer-Encoding: gzip\r\n", b"chunked", b"HTTP/1.1"),
        (
            (b"", b"x" * 64 * KiB),
            (b"", b"\r\n" * 30_000),
            (_CHUNKED[:60], b"8000\r\n" + b"a" * 0x8000 + b"\r\n"),
            (_GET[:16], b"X: y\r\n" * 3000),
            (b"", _GET * 200),
        ),
    )  # fmt: skip


def _http_client() -> Trial:
    def make() -> Any:
        one = _opened(shipped("http1").Client("a"))
        one.ask("GET", "/", [], b"")
        one.ask("HEAD", "/", [], b"")
        one.ask("POST", "/", [], b"body")
        return one

    return Trial(
        "HTTP/1.1, client",
        make,
        (
            (b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
             b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n",
             b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n"),
            (b"HTTP/1.1 200 OK\r\n\r\n", b"all of it"),
        ),
        lambda said: said.startswith(b"GET / HTTP/1.1\r\n"),
        (b"Content-Length: 5\r\n", b"Transfer-Encoding: gzip\r\n", b"chunked", b"HTTP/1.1"),
        ((b"", b"x" * 64 * KiB), (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 3000)),
    )  # fmt: skip


# ---------------------------------------------------------------- WebSocket

_REQUEST = (
    b"GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\n"
    b"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    b"Sec-WebSocket-Version: 13\r\n\r\n"
)


def _frame(first: int, payload: bytes, mask: bytes = b"\x37\xfa\x21\x3d") -> bytes:
    size = len(payload)
    bit = 0x80 if mask else 0
    length = bytes([bit | size]) if size < 126 else bytes([bit | 126]) + size.to_bytes(2, "big")
    mixed = bytes(b ^ mask[i % 4] for i, b in enumerate(payload)) if mask else payload
    return bytes([first]) + length + mask + mixed


def _frames(said: bytes) -> bool:
    """Whether it is an answer of HTTP, and then whole frames."""
    head, found, rest = said.partition(b"\r\n\r\n")
    if not found:
        return not said
    while len(rest) >= 2:
        size, at = rest[1] & 0x7F, 2
        if size >= 126:
            at = 4 if size == 126 else 10
            size = int.from_bytes(rest[2:at], "big")
        at += 4 * (rest[1] >> 7)
        if len(rest) < at + size:
            return False
        rest = rest[at + size :]
    return head.startswith((b"HTTP/1.1 ", b"GET ")) and not rest


def _talk(mask: bytes) -> tuple[bytes, ...]:
    return (
        _frame(0x81, "grüße".encode(), mask), _frame(0x01, b"a", mask), _frame(0x89, b"?", mask),
        _frame(0x00, b"b", mask), _frame(0x80, b"c", mask), _frame(0x82, b"\0" * 200, mask),
        _frame(0x8A, b"!", mask), _frame(0x88, b"\x03\xe8", mask),
    )  # fmt: skip


def _websocket(pieces: bool) -> Trial:
    def make() -> Any:
        options = {"largest": 100_000, "largest_frame": 100_000, "pieces": pieces}
        return _opened(shipped("websocket").Server(**options))

    big = b"\x82\xff" + (2**40).to_bytes(8, "big") + b"mask"
    return Trial(
        f"WebSocket, server{', in pieces' if pieces else ''}",
        make,
        ((_REQUEST, *_talk(b"\x37\xfa\x21\x3d")),),
        _frames,
        (b"\x81\xfe", b"\x89\xfe\x00\x7e", b"\x88\x81", b"\xff\xff"),
        (
            (b"", b"x" * 64 * KiB),
            (_REQUEST[:-2], b"X: y\r\n" * 3000),
            (_REQUEST + big, b"x" * 64 * KiB),
            (_REQUEST + _frame(0x02, b""), _frame(0x00, b"") * 200),
            (_REQUEST, _frame(0x89, b"?") * 200),
        ),
    )


def _websocket_client() -> Trial:
    def make() -> Any:
        one = _opened(shipped("websocket").Client("server.example.com", "/chat"))
        one.ready()
        one.ping(b"!")
        one.disconnect(1000, "")
        return one

    answer = (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: ICX+Yqv66kxgM0FcWaLWlFLwTAI=\r\n\r\n"
    )
    return Trial(
        "WebSocket, client",
        make,
        ((answer, *_talk(b"")),),
        _frames,
        (b"\x81\x7e", b"\x89\x7e\x00\x7e", b"\x88\x01", b"\xff\xff"),
        ((b"", b"x" * 64 * KiB), (answer[:-2], b"X: y\r\n" * 3000)),
    )


# ---------------------------------------------------------------- TFTP

_FILE = bytes(range(256)) * 5 + b"the end"
_PACKET = re.compile(
    rb"\0(?:[\x01\x02][^\0]+\0[^\0]+\0(?:[^\0]+\0[^\0]*\0)*|\x03...*|\x04.."
    rb"|\x05\0[\0-\x08][^\0]*\0|\x06(?:[^\0]+\0[^\0]*\0)*)",
    re.DOTALL,
)


def _acks(count: int, first: int = 1) -> list[bytes]:
    return [b"\0\4" + number.to_bytes(2, "big") for number in range(first, count + 1)]


def _blocks(size: int) -> list[bytes]:
    count = len(_FILE) // size + 1
    return [b"\0\3" + number.to_bytes(2, "big") + _FILE[(number - 1) * size : number * size]
            for number in range(1, count + 1)]  # fmt: skip


_TFTP: dict[str, Any] = {
    "answers": lambda said: _PACKET.fullmatch(said) is not None,
    "words": (b"\0", b"\0\0", b"blksize\0008\0", b"\0\5", b"netascii\0", b"\xff\xff"),
    "apart": True,
}


def _tftp() -> Trial:
    module = shipped("tftp")

    class Server(module.Server):  # type: ignore[misc,name-defined]
        def do_IDLE_RRQ(self, name: str, mode: str, options: list[Any]) -> Any:
            return module.Give(_FILE) if name == "there" else module.Refuse()

    asks, sized = b"\0\1there\0octet\0", b"blksize\x00600\0"
    puts = b"\0\2new\0octet\0"
    return Trial(
        "TFTP, server",
        lambda: _opened(Server()),
        (
            (asks, *_acks(3)),
            (asks + sized, *_acks(3, 0)),
            (puts, *_blocks(512), _blocks(512)[-1]),
            (puts + sized, *_blocks(600)),
            (b"\0\1nowhere\0octet\0", b"\0\5\0\1no\0"),
        ),
        floods=(
            (b"", asks + b"x\0y\0" * 9000),
            (puts, _blocks(512)[0]),
            (asks, _acks(1)[0]),
            (puts, b"\0\3\xff\xff" + b"x" * 60_000),
        ),
        **_TFTP,
    )


def _tftp_client(size: int, *, puts: bool) -> Trial:
    def make() -> Any:
        one = _opened(shipped("tftp").Client(size))
        _ = one.put("new", _FILE) if puts else one.get("there")
        return one

    agreed = [b"\0\6blksize\0" + b"%d\0" % size] if size != 512 else []
    answers = _acks(len(_FILE) // size + 1, 1 if agreed else 0) if puts else _blocks(size)
    return Trial(
        f"TFTP, client that {'puts' if puts else 'gets'} in blocks of {size}",
        make,
        ((*agreed, *answers, answers[-1]), (*agreed, answers[0], b"\0\5\0\3full\0")),
        floods=((b"", answers[0]), (b"", answers[-1])),
        **_TFTP,
    )


# ---------------------------------------------------------------- examples


def _memcached() -> Trial:
    module = shipped("memcached", "examples")

    class Server(module.Server):  # type: ignore[misc,name-defined]
        def do_COMMAND_GET(self, keys: str) -> Any:
            found = [module.Item(key, 7, 1, b"ok") for key in keys.split() if key != "b"]
            return module.Found(found)

        do_COMMAND_GETS = do_COMMAND_GET

        def do_COMMAND_COUNT(self, way: str, key: str, amount: int, quiet: str) -> Any:
            return module.Refused("no number") if key == "b" else module.Counted(amount)

    stores = b"set a 7 0 2\r\nok\r\n", b"add b 7 0 2 noreply\r\nok\r\n"
    return Trial(
        "memcached, server",
        lambda: _opened(Server("1.6")),
        (
            (*stores, b"get a b a\r\n", b"gets a\r\n", b"cas a 7 0 2 9\r\nno\r\n", b"quit\r\n"),
            (b"incr a 5\r\n", b"decr b 5\r\n", b"delete a noreply\r\n", b"touch a 10\r\n",
             b"flush_all 1\r\n", b"version\r\n", b"set a 0 0 2000000\r\n", *stores),
        ),
        matching(rb"(?:[A-Z_]+(?: [^\r\n]*)?|[0-9]+|ok)\r\n"),
        (b"noreply", b"4294967296", b"get "),
        ((b"", b"x" * 64 * KiB), (b"set a 0 0 2000000\r\n", b"x" * 4000), (b"", stores[0] * 100)),
    )  # fmt: skip


def _gossip() -> Trial:
    def make() -> Any:
        return _opened(shipped("gossip", "examples").Peer(1, "me.example:7000", False))

    return Trial(
        "gossip, peer",
        make,
        ((b"HELLO 2 any.example:7000\r\n", b"RUMOUR 3 1 news\r\n", b"ALIVE\r\n"),),
        matching(rb"(?:HELLO|RUMOUR|ALIVE)[^\r\n]*\r\n"),
        (b"HELLO 0 a\r\n", b"RUMOUR 4294967296 1 x\r\n"),
        ((b"", b"x" * 64 * KiB), (b"HELLO 2 a\r\n", b"RUMOUR 3 1 news\r\n" * 100)),
    )


def trials() -> list[Trial]:
    """All of them."""
    return [
        *(_ftp(), _smtp(), _smtp_client(), _pop3(), _pop3_client(), _resp(), _resp_client()),
        *(_mqtt(), _mqtt_client(), _http(), _http_client()),
        *(_websocket(False), _websocket(True), _websocket_client()),
        *(_tftp(), _tftp_client(512, puts=False), _tftp_client(600, puts=False)),
        *(_tftp_client(512, puts=True), _tftp_client(600, puts=True)),
        *(_memcached(), _gossip()),
    ]

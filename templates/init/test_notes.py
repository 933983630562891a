"""Run with `python -m unittest`."""

import unittest

import notes
from protogen_fsm.runtime.pair import Pair
from server import Server


class NotesTest(unittest.TestCase):
    def test_a_note_that_was_put_is_found(self) -> None:
        """The server alone: bytes in, bytes out."""
        server = Server({})
        server.open()
        server.receive_data(b"PUT milk two litres\r\nGET milk\r\n")
        self.assertEqual(server.data_to_send(), b"YES kept\r\nYES two litres\r\n")

    def test_client_and_server_understand_each_other(self) -> None:
        """Both ends, wired in memory."""
        client = notes.Client()
        pair = Pair(client, Server({"milk": "two litres"}))
        pair.open()
        call = client.get("milk")
        pair.run()
        self.assertEqual(call.result(), (True, "two litres"))

    def test_what_is_no_command_is_answered(self) -> None:
        server = Server({})
        server.open()
        server.receive_data(b"HELLO\r\n")
        self.assertEqual(server.data_to_send(), b"NO PUT name text, GET name, or QUIT\r\n")


if __name__ == "__main__":
    unittest.main()

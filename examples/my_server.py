"""A mail server: what is left to write once specs/smtp.proto has been built."""

import smtp


class MyServer(smtp.Server):
    """Takes mail for example.org."""

    def do_ENVELOPE_RCPT(self, recipient: str) -> smtp.Reject | None:
        """Answers with an outcome that the spec names; None is the first one."""
        if not recipient.endswith("@example.org"):
            return smtp.Reject("no such user here")
        return None

    def emit_mail(self, sender: str, recipients: list[str], body: bytes) -> None:
        """The mail is here."""
        print(f"    the server has a mail of {len(body)} bytes from {sender} for {recipients}")

"""A mail server of a few lines: takes mails, and can keep a sender waiting."""

import email
import socketserver
import threading
from email.message import Message


class MailServer(socketserver.ThreadingTCPServer):
    """Listens on a free port of this machine."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.mails: list[Message] = []
        #: Whose senders it keeps waiting while it is not open: everybody's.
        self.keeps = ""
        self.offered = threading.Event()
        self.open = threading.Event()
        self.open.set()
        #: Having taken so many, it keeps every sender waiting until ``open`` is set again.
        self.pauses_at = 0
        self.counting = threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Return what EMAIL_URL has to say."""
        return f"smtp://127.0.0.1:{self.server_address[1]}"


class _Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        """Speak SMTP with one sender."""
        self._say("220 mail.test")
        while line := self.rfile.readline().decode().strip():
            word = line.split()[0].upper()
            if word == "DATA":
                self._say("354 go on")
                lines = []
                while (text := self.rfile.readline()) != b".\r\n":
                    lines.append(text)
                mail = email.message_from_bytes(b"".join(lines))
                if self.server.keeps in str(mail["To"]):
                    self.server.offered.set()
                    self.server.open.wait(120)
                with self.server.counting:  # of two senders at once, each sees its own number
                    self.server.mails.append(mail)
                    if len(self.server.mails) == self.server.pauses_at:
                        self.server.open.clear()
                self._say("250 taken")
            elif word == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())
        self.wfile.flush()

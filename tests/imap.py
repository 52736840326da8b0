"""A real IMAP server for tests, on a free port of this machine, with one mailbox in memory."""

import asyncio
import imaplib
import threading
from argparse import Namespace
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import quote

from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import DictBackend
from pymap.imap import IMAPServer

USER, PASSWORD, FOLDER = "office@larkfield.example", "secret %/@", "Customers"


@dataclass(frozen=True, kw_only=True)
class MailServer:
    """What a customer and the mail server's keeper can do."""

    port: int

    def url(self, password: str = PASSWORD, folder: str = FOLDER) -> str:
        """What INBOUND_IMAP_URL says of the mailbox."""
        return f"imap://{quote(USER, safe='')}:{quote(password, safe='')}@127.0.0.1:{self.port}/{folder}"

    def drop(self, *letters: bytes) -> None:
        """Put messages into the mailbox, unread."""
        with self._keeper() as keeper:
            for raw in letters:
                status, _ = keeper.append(FOLDER, None, None, raw)
                assert status == "OK"

    def renumber(self) -> None:
        """Make the folder anew and empty: the numbers of messages begin again."""
        with self._keeper() as keeper:
            keeper.delete(FOLDER)
            keeper.create(FOLDER)

    def remove(self, number: int) -> None:
        """Delete a message by its place."""
        with self._keeper() as keeper:
            keeper.select(FOLDER)
            keeper.store(str(number), "+FLAGS", r"(\Deleted)")
            keeper.expunge()

    def state(self) -> list[bytes]:
        """The flags of all messages; `Recent` tells only that nobody looked."""
        with self._keeper() as keeper:
            keeper.select(FOLDER, readonly=True)
            _, found = keeper.fetch("1:*", "(FLAGS)")
            return [line.replace(rb"\Recent", b"") for line in found if isinstance(line, bytes)]

    @contextmanager
    def _keeper(self) -> Iterator[imaplib.IMAP4]:
        with imaplib.IMAP4("127.0.0.1", self.port, timeout=60) as keeper:
            keeper.login(USER, PASSWORD)
            yield keeper


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """A server with an empty folder."""
    loop = asyncio.new_event_loop()
    started: list[int] = []
    ready, stop = threading.Event(), asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(_serve(started, ready, stop),))
    thread.start()
    try:
        assert ready.wait(60)
        server = MailServer(port=started[0])
        server.renumber()
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(60)
        loop.close()


async def _serve(started: list[int], ready: threading.Event, stop: asyncio.Event) -> None:
    arguments = Namespace(
        host="127.0.0.1", port=0, debug=False, cert=None, key=None, tls=False, proxy_protocol=None,
        inherited_sockets=None, passlib_cfg=None, demo_data=False, demo_user=USER, demo_password=PASSWORD,
    )  # fmt: skip
    backend, config = await DictBackend.init(arguments, bad_command_limit=None)
    config.apply_context()
    async with AsyncExitStack() as stack:
        await backend.start(stack)
        serve = ProxyProtocolReader(config.proxy_protocol).get_callback(IMAPServer(backend.login, config))
        server = await asyncio.start_server(serve, host="127.0.0.1", port=0)
        started.append(server.sockets[0].getsockname()[1])
        ready.set()
        await stop.wait()
        server.close()
        await _ended()


async def _ended() -> None:
    """Let the connections that are still open end."""
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    with suppress(asyncio.CancelledError):
        await asyncio.gather(*others, return_exceptions=True)

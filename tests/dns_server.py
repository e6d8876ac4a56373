"""A name server on loopback that answers as a test wants, each time something else if it must; TTL 0 throughout."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rdatatype
import dns.resolver
import dns.rrset

Answers = list[list[str]]


class NameServer:
    """`zone` maps a name to its answers, one for each question of a type and then the last for ever.

    An answer holds addresses, or one name that the asked one is an alias of (CNAME). `asked` counts the questions.
    """

    def __init__(self, zone: dict[str, Answers]) -> None:
        self._zone = {f"{name}.": list(answers) for name, answers in zone.items()}
        self._given: dict[tuple[str, str], int] = {}
        self.asked: list[tuple[str, str]] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]

    def serve(self) -> None:
        """Answer until the socket is closed."""
        while True:
            question, peer = self._socket.recvfrom(4096)
            if not question:
                return
            self._socket.sendto(self._answer(dns.message.from_wire(question)).to_wire(), peer)

    def stop(self) -> None:
        """End `serve`: an empty datagram to itself wakes it."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", ("127.0.0.1", self.port))

    def close(self) -> None:
        """Give the port back."""
        self._socket.close()

    def resolve(self, host: str, port: int, **_: Any) -> list[Any]:
        """What `socket.getaddrinfo` would answer, had the system this name server alone."""
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port, resolver.cache = ["127.0.0.1"], self.port, None
        found = []
        for kind, family in (("A", socket.AF_INET), ("AAAA", socket.AF_INET6)):
            try:
                answer = resolver.resolve(host, kind, lifetime=2, search=False)
            except (dns.resolver.NoAnswer, dns.resolver.NXDOMAIN):
                continue
            found += [(family, socket.SOCK_STREAM, 6, "", (each.address, port)) for each in answer]
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return found

    def _answer(self, question: dns.message.Message) -> dns.message.Message:
        answer = dns.message.make_response(question)
        answer.flags |= dns.flags.RA
        name, kind = question.question[0].name, dns.rdatatype.to_text(question.question[0].rdtype)
        self.asked.append((str(name), kind))
        self._tell(answer, str(name), kind)
        return answer

    def _tell(self, answer: dns.message.Message, name: str, kind: str) -> None:
        for each in self._next(name, kind):
            if not _is_address(each):
                answer.answer.append(dns.rrset.from_text(name, 0, "IN", "CNAME", f"{each}."))
                self._tell(answer, f"{each}.", kind)
            elif (":" in each) == (kind == "AAAA"):
                answer.answer.append(dns.rrset.from_text(name, 0, "IN", kind, each))

    def _next(self, name: str, kind: str) -> list[str]:
        answers = self._zone.get(name, [[]])
        place = self._given.get((name, kind), 0)
        self._given[name, kind] = place + 1
        return answers[min(place, len(answers) - 1)]


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


@contextmanager
def naming(zone: dict[str, Answers]) -> Iterator[NameServer]:
    """A name server for the length of the block."""
    server = NameServer(zone)
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join()
        server.close()

"""Whether a server may listen where it was told to, before anything long begins."""

import socket

from contracts.kernel.errors import Unavailable


class AddressNotFree(Unavailable):
    code = "address-not-free"
    title = "Nobody can listen at this address"


def ensure_free(host: str, port: int, *, instead: str) -> None:
    """Raises AddressNotFree, which says what to do ``instead``."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: what has ended is free
            probe.bind(address)
            probe.listen()
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or error
        raise AddressNotFree(f"Cannot listen on {host}:{port}: {why}; {instead}") from error

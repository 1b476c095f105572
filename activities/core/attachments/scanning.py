"""The site's own scanner for viruses: a function that operators name, or the ClamAV one below.

`LMS_ATTACHMENT_SCANNER` is the dotted path of `function(data: bytes, name: str) -> str | None`: the
name of what was found, or None. When it raises, the file is not taken and may be sent again later.
"""

import logging
import socket
import struct

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from . import errors

logger = logging.getLogger("sala.attachments")
SECONDS = 20


def scan(data: bytes, name: str) -> None:
    """Raises `Refused`: 422 for what the scanner finds, 503 while it does not answer."""
    path = settings.LMS_ATTACHMENT_SCANNER
    if not path:
        return
    try:
        found = import_string(path)(data, name)
    except Exception as error:
        logger.exception("The scanner of attachments failed")
        raise errors.bad_file(
            _(
                "Files cannot be checked at the moment. What you wrote is kept; send the file later."
            ),
            "not_scanned",
            status=503,
        ) from error
    if found:
        logger.warning("An attachment was refused by the scanner: %s", found)
        raise errors.bad_file(
            _("“%(name)s” was refused by the virus scanner. Please tell your own IT service.")
            % {"name": name},
            "infected",
        )


def clamav(data: bytes, name: str) -> str | None:
    """Ask a ClamAV daemon at `LMS_CLAMAV_ADDRESS` (host:port), by its INSTREAM command."""
    host, _colon, port = settings.LMS_CLAMAV_ADDRESS.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=SECONDS) as daemon:
        daemon.sendall(b"zINSTREAM\0" + struct.pack(">I", len(data)) + data + bytes(4))
        answer = b""
        while not answer.endswith(b"\0") and (piece := daemon.recv(4096)):
            answer += piece
    said = answer.rstrip(b"\0").decode(errors="replace")
    if said.endswith(" FOUND"):
        return said.removeprefix("stream: ").removesuffix(" FOUND")
    if not said.endswith(": OK"):
        raise ConnectionError(said or "no answer")
    return None

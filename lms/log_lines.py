"""One record, one line: what somebody typed never forges another line of the log."""

import logging


class OneLine(logging.Formatter):
    """Control characters of a message are written as such; a traceback keeps its lines."""

    def formatMessage(self, record) -> str:
        record.message = "".join(
            c if c.isprintable() or c == " " else c.encode("unicode_escape").decode("ascii")
            for c in record.message
        )
        return super().formatMessage(record)

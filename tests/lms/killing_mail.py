"""Mail into a file, by a process that is killed before or after, as SALA_TEST_KILL says."""

import os
import signal
from pathlib import Path

from django.core.mail.backends.base import BaseEmailBackend


class EmailBackend(BaseEmailBackend):
    def send_messages(self, email_messages):
        moment = os.environ.get("SALA_TEST_KILL")
        if moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        with Path(os.environ["SALA_TEST_MAIL"]).open("a") as file:
            for message in email_messages:
                file.write(message.extra_headers["Message-ID"] + "\n")
        if moment == "after":
            os.kill(os.getpid(), signal.SIGKILL)
        return len(email_messages)

"""What is done once an answer was sent.

A WSGI server closes an answer (PEP 3333) when it has handed over its last byte, in the same thread
and before it ends the request, so what is left to do needs neither a worker nor a queue, and a
server that is told to stop finishes it. A process that is killed loses it, as it loses the answer.
"""

from collections.abc import Callable

from django.http import HttpResponse


def do(response: HttpResponse, what: Callable[[], None]) -> HttpResponse:
    """Have something done after `response` was sent, once; returns the response.

    Nobody hears of what fails there, so `what` handles its own failures.
    """
    close = response.close

    def closing():
        response.close = close
        try:
            what()
        finally:
            close()

    response.close = closing
    return response

"""Errors of the domain. Each carries a `code`; callers recognise them by it."""


class Refused(Exception):
    """What a learner sent cannot be accepted, and why, in the learner's language.

    `message` says what to do next; `status` is the HTTP status; `fields` maps the names of form
    fields to messages of their own. `retry_after`: with 429, after how many seconds the same would
    be accepted. Whatever was typed is kept by whoever shows the refusal.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "refused",
        status: int = 422,
        fields: dict | None = None,
        retry_after: int = 30,
    ):
        super().__init__(message)
        self.message = message
        self.code = code
        self.status = status
        self.fields = fields or {}
        self.retry_after = retry_after


class TransitionNotAllowed(Refused):
    """The step is not in the kind's table of transitions."""

    def __init__(self, message: str, *, code: str = "transition_not_allowed"):
        super().__init__(message, code=code, status=409)

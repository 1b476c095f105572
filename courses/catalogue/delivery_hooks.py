"""How the pages of the catalogue ask for what is on offer.

Pages live below releases in the import order, so `courses.enrolment` registers a provider here
when the site starts.
"""

_provider = None


def register(instance) -> None:
    global _provider
    _provider = instance


def provider():
    if _provider is None:
        raise RuntimeError("No provider: courses.enrolment is not installed.")
    return _provider

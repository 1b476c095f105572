"""How people are called on the page."""


def display_name(user) -> str:
    """The name to greet somebody by: given name, else the address up to its @."""
    return user.first_name or user.email.partition("@")[0]

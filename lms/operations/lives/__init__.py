"""What the demo's people have done: `story` reads it, `acts` does it, `clock` lets time pass.

Everything is done by the site's own functions, which check what they always check, so every number,
event and certificate is what it would be had these people been here.
"""

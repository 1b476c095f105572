"""What pages cost: a site's worth of data (`data`), the pages (`pages`), a stopwatch (`measure`)."""

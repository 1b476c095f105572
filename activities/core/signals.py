"""What happened, in the past tense. Listeners do not refuse."""

from django.dispatch import Signal

# participation: Participation. Sent after every change of state, progress or score, inside the
# transaction that made it.
participation_changed = Signal()

# users: ids of the people whose notifications changed (a new one, or some were read).
notified = Signal()

# participation: Participation. What this learner wrote for others changed, came or went; sent inside
# the transaction that made it.
shared_texts_changed = Signal()

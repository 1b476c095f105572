"""What happened, in the past tense. Listeners do not refuse."""

from django.dispatch import Signal

# participation: Participation. Sent after every change of state, progress or score, inside the
# transaction that made it.
participation_changed = Signal()

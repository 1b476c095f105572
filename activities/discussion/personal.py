"""What a discussion knows about a person, for that person and for forgetting it."""

import uuid

from .enums import PostKind, PostState
from .models import (
    ArchiveConsent,
    Follow,
    Grade,
    Member,
    Post,
    PostReport,
    PostRevision,
    ReadMark,
    Reveal,
    Talk,
)


def said(at) -> str | None:
    return at.isoformat() if at else None


def export(user) -> dict:
    """Everything of one's own, nothing of others'. A grade is one's own once it was released."""
    history = {}
    for revision in PostRevision.objects.filter(post__author=user):
        history.setdefault(revision.post_id, []).append(
            {"text": revision.body, "replaced_at": said(revision.replaced_at)}
        )
    posts = [
        {
            "item": str(post.item),
            "kind": post.kind,
            "text": post.body,
            "written_at": said(post.created_at),
            "edited_at": said(post.edited_at),
            "late": post.late,
            "state": post.state,
            "reason": post.state_reason,
            "appeal": post.appeal,
            "appeal_decided_at": said(post.appeal_decided_at),
            "earlier_texts": history.get(post.pk, []),
        }
        for post in Post.objects.filter(author=user).order_by("pk")
    ]
    seats = Member.objects.filter(user=user)
    return {
        "posts": posts,
        "reports": [
            {"reason": r.reason, "detail": r.detail, "sent_at": said(r.created_at)}
            for r in PostReport.objects.filter(reporter=user)
        ],
        "posts_read": ReadMark.objects.filter(participation__user=user).count(),
        "groups": [
            {
                "item": str(member.item),
                "group": member.group.number,
                "pseudonym": member.alias,
                "joined_at": said(member.joined_at),
            }
            for member in seats.select_related("group").order_by("pk")
        ],
        "follows": Follow.objects.filter(participation__user=user).count(),
        "grades": [
            {
                "item": str(grade.participation.item),
                "levels": grade.levels,
                "score": str(grade.score),
                "comment": grade.comment,
                "released_at": said(grade.released_at),
            }
            for grade in Grade.objects.filter(
                participation__user=user, released_at__isnull=False
            ).select_related("participation")
        ],
        "agreed_to_archive": [
            {"item": str(row.participation.item), "agreed_at": said(row.given_at)}
            for row in ArchiveConsent.objects.filter(participation__user=user).select_related(
                "participation"
            )
        ],
        "looked_up_by_facilitators": [
            {"item": str(row.item), "reason": row.reason, "at": said(row.created_at)}
            for row in Reveal.objects.filter(seat__in=seats.values("seat"))
        ],
    }


def erase(user) -> None:
    """Posts stay, so that the replies to them make sense; nothing leads to the person."""
    mine = Post.objects.filter(author=user)
    copies = Post.objects.filter(kind=PostKind.ARCHIVE, source__in=mine.values("pk"))
    PostRevision.objects.filter(post__in=mine).delete()
    ReadMark.objects.filter(participation__user=user).delete()
    Follow.objects.filter(participation__user=user).delete()
    ArchiveConsent.objects.filter(participation__user=user).delete()
    PostReport.objects.filter(reporter=user).update(reporter=None, detail="")
    Grade.objects.filter(participation__user=user).update(comment="")
    for name in ("moderated_by", "appeal_by"):
        Post.objects.filter(**{name: user}).update(**{name: None})
    Grade.objects.filter(by=user).update(by=None)
    Talk.objects.filter(summary_by=user).update(summary_by=None)
    Reveal.objects.filter(by=user).update(by=None)
    seats = Member.objects.filter(user=user).values("seat")
    Reveal.objects.filter(seat__in=seats).delete()
    # Copies in later groups: gone where nobody replied, without text where somebody did.
    copies.filter(children__isnull=True).delete()
    copies.update(source=None, body="", length=0, state=PostState.WITHDRAWN)
    for voice in set(mine.values_list("voice", flat=True)):
        mine.filter(voice=voice).update(voice=uuid.uuid4())
    mine.update(author=None, participation=None, appeal="")
    Member.objects.filter(user=user).delete()

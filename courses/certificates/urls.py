"""Addresses of this app, below the language. Those of a single certificate by its number stand in
`lms.urls`, after these."""

from django.urls import path

from . import manage, transcript_pages

urlpatterns = [
    path("teach/certificates/", manage.certificate_list, name="teach_certificates"),
    path("certificates/<str:code>/reissue/", manage.reissue_view, name="certificate_reissue"),
    path("my/transcript/", transcript_pages.mine, name="transcript"),
    path("my/transcript.csv", transcript_pages.mine_csv, name="transcript_csv"),
    path("my/transcript/print/", transcript_pages.print_mine, name="transcript_print"),
    path("teach/people/<int:pk>/transcript/", transcript_pages.of_person, name="teach_transcript"),
    path(
        "teach/people/<int:pk>/transcript.csv",
        transcript_pages.of_person_csv,
        name="teach_transcript_csv",
    ),
    path("transcripts/<str:code>/", transcript_pages.verify, name="transcript_verify"),
    path("transcripts/<str:code>/pdf/", transcript_pages.pdf, name="transcript_pdf"),
]

"""The blocks that lessons and articles are made of.

Each has a description, a label in both languages and a preview that uses the real template.
"""

from django.apps import apps
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.embeds.blocks import EmbedBlock
from wagtail.images.blocks import ImageChooserBlock

from .lesson_minutes import LENGTH


def newest(model: str):
    """The newest image or document of the site, for a preview that looks like the real thing."""
    return apps.get_model(model).objects.order_by("-pk").first()


def document_like(*extensions: str):
    """The newest document with one of these endings, or None."""
    pattern = rf"\.({'|'.join(extensions)})$"
    return newest_matching("wagtaildocs.Document", pattern)


def newest_matching(model: str, pattern: str):
    return apps.get_model(model).objects.filter(file__iregex=pattern).order_by("-pk").first()


SPOKEN = "<p>(เสียงผู้บรรยาย) สวัสดีครับ วันนี้เราจะดูอีเมลสองฉบับ แล้วช่วยกันหาว่าฉบับใดน่าสงสัย</p>"

RICH_TEXT = ["bold", "ol", "ul", "link", "document-link"]


class HeadingBlock(blocks.CharBlock):
    class Meta:
        icon = "title"
        label = _("Heading")
        description = _(
            "Divides the lesson. Readers with a screen reader jump from one to the next."
        )
        template = "catalogue/blocks/heading.html"
        preview_template = "catalogue/blocks/preview.html"
        preview_value = "รู้ทันอีเมลหลอกลวง"


class TextBlock(blocks.RichTextBlock):
    class Meta:
        icon = "pilcrow"
        label = _("Text")
        description = _("Running text with lists and links.")
        template = "catalogue/blocks/text.html"
        preview_template = "catalogue/blocks/preview.html"
        preview_value = (
            "<p>ก่อนกดลิงก์ ให้อ่าน<b>ชื่อโดเมน</b>จากขวาไปซ้าย แล้วถามตนเองสองข้อ</p>"
            "<ul><li>ผู้ส่งเคยใช้ที่อยู่นี้หรือไม่</li><li>เหตุใดจึงต้องเร่ง</li></ul>"
        )


class ImageBlock(blocks.StructBlock):
    image = ImageChooserBlock(label=_("Image"), help_text=_("A photograph or a drawing."))
    alt = blocks.CharBlock(
        required=False,
        label=_("Alternative text"),
        max_length=300,
        help_text=_("What the picture tells, for people who cannot see it."),
    )
    decorative = blocks.BooleanBlock(
        required=False,
        label=_("Decoration only"),
        help_text=_("Tick when the picture tells nothing that the text does not."),
    )
    caption = blocks.CharBlock(
        required=False, label=_("Caption"), help_text=_("Shown below the picture.")
    )

    def clean(self, value):
        value = super().clean(value)
        if not value["alt"] and not value["decorative"]:
            raise blocks.StructBlockValidationError(
                {
                    "alt": ValidationError(
                        _("Describe the picture in a sentence, or tick “Decoration only”.")
                    )
                }
            )
        return value

    class Meta:
        icon = "image"
        label = _("Image")
        description = _("A picture with its alternative text.")
        template = "catalogue/blocks/image.html"
        preview_template = "catalogue/blocks/preview.html"

        @staticmethod
        def preview_value():
            return {
                "image": newest("wagtailimages.Image"),
                "alt": "ภาพประกอบบทเรียน",
                "caption": "คำบรรยายอยู่ใต้ภาพ",
            }


def length_block() -> blocks.RegexBlock:
    return blocks.RegexBlock(
        regex=rf"^{LENGTH.pattern}$",
        required=False,
        label=_("Length"),
        help_text=_("Minutes and seconds, for example 12:30. Counts towards the lesson's minutes."),
        error_messages={"invalid": _("Write minutes and seconds, for example 12:30.")},
    )


class VideoBlock(blocks.StructBlock):
    title = blocks.CharBlock(label=_("Title"), help_text=_("What the video shows."))
    file = DocumentChooserBlock(
        required=False,
        label=_("Video file"),
        help_text=_("MP4. Leave empty for an embedded video."),
    )
    embed = EmbedBlock(
        required=False,
        label=_("Embedded video"),
        help_text=_("Address of the video on its platform."),
    )
    length = length_block()
    captions = DocumentChooserBlock(
        required=False,
        label=_("Captions (WebVTT)"),
        help_text=_("Required for a video file, so that people who do not hear can follow."),
    )
    transcript = blocks.RichTextBlock(
        features=RICH_TEXT,
        label=_("Transcript"),
        help_text=_(
            "Everything that is said and shown; it is also the version for slow connections."
        ),
    )

    def clean(self, value):
        value = super().clean(value)
        errors = {}
        if bool(value["file"]) == bool(value["embed"]):
            errors["file"] = ValidationError(_("Choose a file or give an address: one of the two."))
        if value["file"] and not value["captions"]:
            errors["captions"] = ValidationError(_("Add captions (a .vtt file) for this video."))
        if errors:
            raise blocks.StructBlockValidationError(errors)
        return value

    class Meta:
        icon = "media"
        label = _("Video")
        description = _("A captioned video with its transcript.")
        template = "catalogue/blocks/video.html"
        preview_template = "catalogue/blocks/preview.html"

        @staticmethod
        def preview_value():
            return {
                "title": "อีเมลสองฉบับ",
                "file": document_like("mp4"),
                "captions": document_like("vtt"),
                "transcript": SPOKEN,
            }


class AudioBlock(blocks.StructBlock):
    title = blocks.CharBlock(label=_("Title"), help_text=_("What is heard."))
    file = DocumentChooserBlock(label=_("Audio file"), help_text=_("MP3 or M4A."))
    length = length_block()
    transcript = blocks.RichTextBlock(
        features=RICH_TEXT, label=_("Transcript"), help_text=_("Everything that is said.")
    )

    class Meta:
        icon = "media"
        label = _("Audio")
        description = _("A recording with its transcript.")
        template = "catalogue/blocks/audio.html"
        preview_template = "catalogue/blocks/preview.html"

        @staticmethod
        def preview_value():
            return {
                "title": "บทสนทนาหน้าเคาน์เตอร์",
                "file": document_like("mp3", "m4a"),
                "transcript": SPOKEN,
            }


class DocumentBlock(blocks.StructBlock):
    title = blocks.CharBlock(label=_("Title"), help_text=_("What the link says."))
    document = DocumentChooserBlock(
        label=_("Document"), help_text=_("PDF, Word, Excel or PowerPoint.")
    )

    class Meta:
        icon = "doc-full"
        label = _("Document")
        description = _("A file to download.")
        template = "catalogue/blocks/document.html"
        preview_template = "catalogue/blocks/preview.html"

        @staticmethod
        def preview_value():
            return {"title": "แบบฟอร์มสำรวจงานของท่าน", "document": newest("wagtaildocs.Document")}


class TableBlock(blocks.StructBlock):
    caption = blocks.CharBlock(label=_("Caption"), help_text=_("What the table compares."))
    rows = blocks.ListBlock(
        blocks.ListBlock(blocks.CharBlock(label=_("Cell"), required=False), label=_("Row")),
        label=_("Rows"),
        help_text=_("The first row holds the headings. Four columns at most: phones are narrow."),
    )

    def clean(self, value):
        value = super().clean(value)
        widths = {len(row) for row in value["rows"]}
        if len(widths) != 1 or not 1 <= widths.pop() <= 4:
            raise blocks.StructBlockValidationError(
                {
                    "rows": blocks.ListBlockValidationError(
                        non_block_errors=[
                            _("Give every row the same number of cells, four at most.")
                        ]
                    )
                }
            )
        return value

    class Meta:
        icon = "table"
        label = _("Table")
        description = _("A small table with headings in its first row.")
        template = "catalogue/blocks/table.html"
        preview_template = "catalogue/blocks/preview.html"
        preview_value = {
            "caption": "สังเกตอย่างไร",
            "rows": [
                ["จุดสังเกต", "ตัวอย่าง"],
                ["ชื่อโดเมน", "gov-th.example"],
                ["ความเร่งด่วน", "ภายใน 20 นาที"],
            ],
        }


class QuoteBlock(blocks.StructBlock):
    text = blocks.TextBlock(label=_("Quotation"), help_text=_("Word for word."))
    source = blocks.CharBlock(
        required=False, label=_("Source"), help_text=_("Who said it, and where.")
    )

    class Meta:
        icon = "openquote"
        label = _("Quotation")
        description = _("Somebody's words, with the source.")
        template = "catalogue/blocks/quote.html"
        preview_template = "catalogue/blocks/preview.html"
        preview_value = {
            "text": "ให้สามารถทำได้ ทำเป็น มากกว่าการรับฟังข้อมูลความรู้แบบเดิม",
            "source": "แนวทางการพัฒนาทักษะด้านดิจิทัล",
        }


class CalloutBlock(blocks.StructBlock):
    tone = blocks.ChoiceBlock(
        choices=[("note", _("Note")), ("tip", _("Tip")), ("warning", _("Warning"))],
        default="note",
        label=_("Tone"),
        help_text=_("A word and an icon show it, besides the colour."),
    )
    title = blocks.CharBlock(label=_("Title"), help_text=_("One line."))
    html = blocks.RichTextBlock(
        features=RICH_TEXT, label=_("Text"), help_text=_("Two or three sentences.")
    )

    class Meta:
        icon = "info-circle"
        label = _("Callout")
        description = _("Something that must not be missed.")
        template = "catalogue/blocks/callout.html"
        preview_template = "catalogue/blocks/preview.html"
        preview_value = {
            "tone": "warning",
            "title": "อย่าถามกลับทางเดิม",
            "html": "<p>โทรศัพท์ตรวจสอบด้วยหมายเลขจากสมุดโทรศัพท์ของหน่วยงาน</p>",
        }


class AccordionItemBlock(blocks.StructBlock):
    title = blocks.CharBlock(label=_("Title"), help_text=_("What opens."))
    html = blocks.RichTextBlock(
        features=RICH_TEXT, label=_("Text"), help_text=_("What it opens to.")
    )


class AccordionBlock(blocks.StructBlock):
    items = blocks.ListBlock(
        AccordionItemBlock(), label=_("Parts"), help_text=_("Each opens and closes by itself.")
    )

    class Meta:
        icon = "list-ul"
        label = _("Accordion")
        description = _("Several parts, each shown when its title is pressed.")
        template = "catalogue/blocks/accordion.html"
        preview_template = "catalogue/blocks/preview.html"
        preview_value = {
            "items": [
                {"title": "ผู้บริหารระดับสูง", "html": "<p>กำหนดทิศทาง</p>"},
                {"title": "ผู้ทำงานด้านบริการ", "html": "<p>ออกแบบบริการ</p>"},
            ]
        }


class CheckChoiceBlock(blocks.StructBlock):
    text = blocks.CharBlock(label=_("Answer"), help_text=_("About as long as the others."))
    correct = blocks.BooleanBlock(
        required=False, label=_("Correct"), help_text=_("Exactly one is.")
    )
    feedback = blocks.CharBlock(label=_("Feedback"), help_text=_("Why it is right or wrong."))


class KnowledgeCheckBlock(blocks.StructBlock):
    question = blocks.CharBlock(label=_("Question"), help_text=_("One question, one idea."))
    choices = blocks.ListBlock(
        CheckChoiceBlock(), min_num=2, max_num=5, label=_("Answers"), help_text=_("Two to five.")
    )

    def clean(self, value):
        value = super().clean(value)
        if sum(bool(choice["correct"]) for choice in value["choices"]) != 1:
            raise blocks.StructBlockValidationError(
                {
                    "choices": blocks.ListBlockValidationError(
                        non_block_errors=[_("Mark exactly one answer as correct.")]
                    )
                }
            )
        return value

    class Meta:
        icon = "help"
        label = _("Knowledge check")
        description = _("A question to oneself: not graded, answered at once.")
        template = "catalogue/blocks/knowledge_check.html"
        preview_template = "catalogue/blocks/preview.html"
        preview_value = {
            "question": "ท่านควรตรวจสอบผู้ส่งทางใด",
            "choices": [
                {"text": "ตอบอีเมลฉบับเดิม", "correct": False, "feedback": "ผู้หลอกลวงเป็นผู้ตอบเอง"},
                {"text": "โทรศัพท์ตามสมุดโทรศัพท์", "correct": True, "feedback": "เป็นช่องทางที่เชื่อถือได้"},
            ],
        }


class ProseBlock(blocks.StreamBlock):
    """What an article may hold."""

    heading = HeadingBlock()
    text = TextBlock(features=RICH_TEXT)
    image = ImageBlock()
    video = VideoBlock()
    audio = AudioBlock()
    document = DocumentBlock()
    table = TableBlock()
    quote = QuoteBlock()
    callout = CalloutBlock()
    accordion = AccordionBlock()


class LessonBlock(ProseBlock):
    """What a lesson may hold: prose, and questions to oneself."""

    knowledge_check = KnowledgeCheckBlock()

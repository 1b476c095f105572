"""Pictures are drawn anew: what was hidden in them (places, cameras, names, scripts) is gone."""

import io
import struct
import warnings

from PIL import Image, ImageOps

from . import errors

MOST_PIXELS = 60_000_000
LONGEST_SIDE = 2_400
FORMAT = {"png": "PNG", "jpg": "JPEG", "webp": "WEBP"}


def clean(data: bytes, extension: str, name: str) -> bytes:
    """The picture upright, no longer than 2,400 pixels, with nothing but its pixels."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=[FORMAT[extension]]) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise errors.too_much_inside(name)
                if extension == "jpg":
                    picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
                drawn = ImageOps.exif_transpose(picture)
                drawn.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
                return encoded(drawn, extension)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise errors.too_much_inside(name) from error
    except (OSError, ValueError, SyntaxError, struct.error, KeyError, IndexError) as error:
        raise errors.damaged(name) from error


def encoded(picture: Image.Image, extension: str) -> bytes:
    if extension == "jpg":
        if picture.mode not in ("RGB", "L"):
            picture = picture.convert("RGB")
        options = {"quality": 85, "optimize": True}
    elif extension == "png":
        if picture.mode not in ("1", "L", "LA", "P", "RGB", "RGBA"):
            picture = picture.convert("RGBA")
        options = {"optimize": False}
    else:
        if picture.mode not in ("RGB", "RGBA"):
            picture = picture.convert("RGBA")
        options = {"quality": 85, "method": 2}
    bare = Image.new(picture.mode, picture.size)
    if picture.mode == "P":
        bare.putpalette(picture.getpalette() or [])
        if "transparency" in picture.info:
            options["transparency"] = picture.info["transparency"]
    bare.paste(picture)
    out = io.BytesIO()
    bare.save(out, FORMAT[extension], **options)
    return out.getvalue()


def without_exif(data: bytes) -> bytes:
    """A JPEG without its APP1 segments (Exif, XMP), nothing else changed. Other data as it is."""
    if not data.startswith(b"\xff\xd8"):
        return data
    out, at = [data[:2]], 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:
        size = 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if data[at + 1] not in (0xE1, 0xED):
            out.append(data[at : at + size])
        at += size
    return b"".join([*out, data[at:]])

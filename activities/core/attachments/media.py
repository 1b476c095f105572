"""Sound and film: as they are, without the tags that say who made them, where and with what."""

import struct

from . import errors

# Boxes that hold nothing but other boxes, on the way to what is to be forgotten.
PARENTS = (b"moov", b"trak", b"mdia", b"minf", b"stbl")
TAGS = (b"udta", b"meta", b"uuid")
FREE = b"free"
MOST_BOXES = 10_000


def clean(data: bytes, extension: str, name: str) -> bytes:
    return without_id3(data, name) if extension == "mp3" else without_boxes(data, name)


def without_id3(data: bytes, name: str) -> bytes:
    """MP3 without ID3 (version 2 in front, version 1 at the end)."""
    while data.startswith(b"ID3") and len(data) > 10:
        size = 0
        for byte in data[6:10]:
            if byte & 0x80:
                raise errors.damaged(name)
            size = size << 7 | byte
        data = data[10 + size + (10 if data[5] & 0x10 else 0) :]
    if data[-128:-125] == b"TAG":
        data = data[:-128]
    if len(data) < 4 or data[0] != 0xFF or data[1] & 0xE0 != 0xE0:
        raise errors.damaged(name)
    return data


def without_boxes(data: bytes, name: str) -> bytes:
    """MP4 with the boxes of tags marked as free space: nothing moves, so every offset stays right."""
    found = bytearray(data)
    waiting, seen = [(0, len(data))], 0
    while waiting:
        at, end = waiting.pop()
        while at + 8 <= end:
            seen += 1
            size, kind = struct.unpack(">I4s", found[at : at + 8])
            head = 8
            if size == 1 and at + 16 <= end:
                size, head = struct.unpack(">Q", found[at + 8 : at + 16])[0], 16
            elif size == 0:
                size = end - at
            if size < head or at + size > end or seen > MOST_BOXES:
                raise errors.damaged(name)
            if kind in TAGS:
                found[at + 4 : at + 8] = FREE
                found[at + head : at + size] = bytes(size - head)
            elif kind in PARENTS:
                waiting.append((at + head, at + size))
            at += size
    return bytes(found)

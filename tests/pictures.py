"""Photographs as telephones send them, made here."""

from io import BytesIO
from typing import Any

import pillow_heif
from PIL import Image, ImageDraw, TiffImagePlugin

TURNED = 6  # held upright, stored lying: "turn right by 90 degrees"


def photo(
    kind: str = "JPEG", size: tuple[int, int] = (1600, 1200), *, turned: bool = False, place: bool = False
) -> bytes:
    """A picture of lines like those of a form, red in its upper left corner; with `place` it tells where it was taken."""
    image = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(image)
    for y in range(20, size[1], 24):
        pen.line((20, y, size[0] - 20, y), fill="black", width=3)
        pen.line((y % size[0], 0, y % size[0], size[1]), fill="grey")
    pen.rectangle((0, 0, size[0] // 5, size[1] // 5), fill="red")
    exif = Image.Exif()
    if turned:
        exif[0x0112] = TURNED
    if place:
        exif[0x010F] = "HangDienThoai"
        gps = exif.get_ifd(0x8825)
        gps[1], gps[2] = "N", tuple(TiffImagePlugin.IFDRational(n) for n in (21, 18, 30))
    out = BytesIO()
    more: dict[str, Any] = {"exif": exif.tobytes()} if turned or place else {}
    if kind == "HEIF":
        heif = pillow_heif.from_pillow(image)
        if more:
            heif.info["exif"] = more["exif"]
        heif.save(out, quality=60)
    else:
        image.save(out, kind, **more)
    return out.getvalue()


def where_red(data: bytes) -> str:
    """In which corner the red is: how the picture is held."""
    with Image.open(BytesIO(data)) as image:
        small = image.convert("RGB").resize((100, 100))
    corners = {"upper left": (5, 5), "upper right": (94, 5), "lower right": (94, 94), "lower left": (5, 94)}
    for name, at in corners.items():
        pixel = small.getpixel(at)
        assert isinstance(pixel, tuple)
        if pixel[0] > 180 and pixel[1] < 90:
            return name
    return "nowhere"

"""Photographs: upright, of a readable size, without the place and the telephone they were taken with.

A picture that is all that already keeps its bytes. Phone formats few offices can open (HEIC, WebP) become JPEG.
"""

import io
import warnings
from pathlib import Path
from typing import Any

import pikepdf
import pillow_heif
from PIL import Image, ImageFile, ImageFilter, ImageOps, ImageStat, UnidentifiedImageError

from hoso.gateways.opening.kinds import HEIF, JPEG, PDF, PICTURES, PNG, WEBP, Found, Unfit, sniff

MAX_PIXELS = 100_000_000  # an A3 page at 600 dpi
LONG_SIDE = 2480  # A4 at 210 dots an inch; a scan needs 200 (domain §14.3)
SMALL_SIDE = 900
PREVIEW_SIDE = 160
QUALITY = 82
#: Below this variance of edges, letters run into each other. Measured on photographs of forms, sharp and shaken.
BLURRED = 12.0
A4 = (595.0, 842.0)
_FORMATS = {JPEG: ["JPEG"], PNG: ["PNG"], WEBP: ["WEBP"], HEIF: ["HEIF", "AVIF"]}
#: What a picture may say of itself and still be kept as it is.
_HARMLESS = {
    "jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi", "progressive", "progression", "icc_profile",
    "adobe", "adobe_transform", "gamma", "srgb", "transparency", "aspect", "interlace", "chromaticity",
}  # fmt: skip
_ENDS = {JPEG: b"\xff\xd9", PNG: b"IEND\xaeB`\x82"}
_BROKEN = (
    UnidentifiedImageError,
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    KeyError,
    IndexError,
    RuntimeError,
)

pillow_heif.register_heif_opener(thumbnails=False)
ImageFile.LOAD_TRUNCATED_IMAGES = False
Image.MAX_IMAGE_PIXELS = None  # our own bound, below, is stricter and says the size


def look(path: Path, media_type: str, *, tidy: Path, preview: str) -> Found:
    """Open a picture; write the bytes to keep to `tidy` where they must be new, and a preview. Raises Unfit."""
    try:
        with _opened(path, media_type) as image:
            found = Found(media_type, 1)
            draft = image.size
            if keep := _may_stay(path, image, media_type):
                if media_type == JPEG:
                    image.draft("RGB", (SMALL_SIDE, SMALL_SIDE))
                image.load()
                picture = image
            elif media_type in {JPEG, PNG} and _is_fine(image):
                _strip(image, media_type, tidy)
                picture = image
            else:
                picture = _remade(image)
                picture.save(tidy, "JPEG", quality=QUALITY, **_profile(image, picture))
                found.media_type = JPEG
            found.remade = not keep
            found.notes = _notes(picture, draft)
            _preview(picture, preview, 1)
            return found
    except _BROKEN as error:
        raise Unfit("picture_broken") from error


def _opened(path: Path, media_type: str) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # our own limit is below; odd metadata is dropped anyway
        image = Image.open(path, formats=_FORMATS[media_type])
    width, height = image.size
    if width * height > MAX_PIXELS:
        image.close()
        raise Unfit("picture_huge", width=width, height=height)
    return image


def _is_fine(image: Image.Image) -> bool:
    """Upright, of a sensible size, in colours every program knows."""
    upright = image.getexif().get(0x0112, 1) == 1
    return upright and max(image.size) <= LONG_SIDE and image.mode in {"1", "L", "LA", "P", "RGB", "RGBA"}


def _may_stay(path: Path, image: Image.Image, media_type: str) -> bool:
    if media_type not in _ENDS or not _is_fine(image) or not set(image.info) <= _HARMLESS:
        return False
    if getattr(image, "n_frames", 1) > 1 or getattr(image, "text", None):
        return False
    with path.open("rb") as file:  # nothing may hide behind the picture
        end = _ENDS[media_type]
        file.seek(-len(end), 2)
        return file.read() == end


def _strip(image: Image.Image, media_type: str, out: Path) -> None:
    """The same picture with nothing else in the file."""
    profile = {"icc_profile": image.info["icc_profile"]} if "icc_profile" in image.info else {}
    if media_type == JPEG and image.format == "JPEG":
        # The same tables, so that nothing of the picture is lost a second time.
        image.save(out, "JPEG", quality="keep", exif=b"", comment=b"", **profile)
    elif media_type == JPEG:
        image.save(out, "JPEG", quality=90, exif=b"", comment=b"", **profile)
    else:
        image.load()
        image.info = {key: value for key, value in image.info.items() if key == "transparency"}
        image.save(out, "PNG", **profile)


def _remade(image: Image.Image) -> Image.Image:
    """Turned as it was held, no larger than one can read, in plain colours on white."""
    if image.format in {"JPEG", "MPO"}:
        image.draft("RGB", (LONG_SIDE, LONG_SIDE))  # decodes small: memory stays low
    image.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    turned = ImageOps.exif_transpose(image)
    if turned.mode in {"RGBA", "LA", "PA"} or "transparency" in turned.info:
        turned = turned.convert("RGBA")
        white = Image.new("RGB", turned.size, "white")
        white.paste(turned, mask=turned.getchannel("A"))
        return white
    return turned if turned.mode in {"L", "RGB"} else turned.convert("L" if turned.mode == "1" else "RGB")


def _profile(image: Image.Image, picture: Image.Image) -> dict[str, Any]:
    profile = image.info.get("icc_profile")
    return {"icc_profile": profile} if profile and picture.mode == "RGB" and len(profile) < 65_536 else {}


def _notes(picture: Image.Image, size: tuple[int, int]) -> list[str]:
    """What the person should look at: a photograph too small or too shaken to be read."""
    if max(size) < SMALL_SIDE:
        return ["small"]
    grey = picture.convert("L")
    grey.thumbnail((1000, 1000))
    edges = grey.filter(ImageFilter.Kernel((3, 3), [0, 1, 0, 1, -4, 1, 0, 1, 0], scale=1, offset=128))
    inside = edges.crop((1, 1, edges.width - 1, edges.height - 1))  # the filter leaves the rim as it was
    return ["blurred"] if ImageStat.Stat(inside).var[0] < BLURRED else []


def _preview(picture: Image.Image, prefix: str, number: int) -> None:
    if not prefix:
        return
    small = picture.convert("RGBA" if "transparency" in picture.info else picture.mode)
    small.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
    if small.mode in {"RGBA", "LA"}:
        white = Image.new("RGB", small.size, "white")
        white.paste(small, mask=small.getchannel("A"))
        small = white
    small = small.convert("L" if small.mode in {"1", "L"} else "RGB")
    small.info = {}
    small.save(f"{prefix}-{number}.jpg", "JPEG", quality=70)


# -- Pages out of photographs -------------------------------------------------------------------------------------


def bind(pages: list[dict[str, Any]], out: Path, *, preview: str, most: int) -> list[list[str]]:
    """One PDF of `pages` in their order: each {path, page, turn}, a picture or page number `page` of a PDF of ours,
    turned right by `turn` degrees. Answers the notes of each page. Raises Unfit.
    """
    if len(pages) > most:
        raise Unfit("pdf_many_pages", pages=len(pages), most=most)
    notes: list[list[str]] = []
    with pikepdf.new() as bound:
        for number, spec in enumerate(pages, start=1):
            path = Path(spec["path"])
            with path.open("rb") as file:
                kind = sniff(file.read(1024))
            if kind == PDF:
                with pikepdf.open(path) as source:
                    bound.pages.append(source.pages[spec["page"]])
                notes.append([])
            else:
                try:
                    notes.append(_append_picture(bound, path, kind))
                except Unfit as unfit:
                    raise Unfit(unfit.code, **unfit.facts, index=number - 1) from unfit
            page = bound.pages[-1]
            turn = (int(page.obj.get("/Rotate", 0)) + spec["turn"]) % 360
            page.obj.Rotate = turn
            _page_preview(page, turn, preview, number)
        bound.save(out, deterministic_id=True)
    return notes


def _append_picture(bound: pikepdf.Pdf, path: Path, kind: str) -> list[str]:
    if kind not in PICTURES:
        raise Unfit("not_a_picture")
    jpeg = path.with_name(path.name + ".trang")
    try:
        with _opened(path, kind) as image:
            size = image.size
            plain = kind == JPEG and image.mode in {"L", "RGB"} and _may_stay(path, image, kind)
            picture = image if plain else _remade(image)
            if not plain:
                picture.save(jpeg, "JPEG", quality=QUALITY)
            else:
                picture.load()
            notes = _notes(picture, size)
            width, height = picture.size
            grey = picture.mode == "L"
        data = (path if plain else jpeg).read_bytes()
    except _BROKEN as error:
        raise Unfit("picture_broken") from error
    finally:
        jpeg.unlink(missing_ok=True)
    box = A4 if height >= width else (A4[1], A4[0])
    scale = min(box[0] / width, box[1] / height)
    w, h = round(width * scale, 2), round(height * scale, 2)
    page = bound.add_blank_page(page_size=(w, h))
    photo = bound.make_stream(
        data,
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=width,
        Height=height,
        BitsPerComponent=8,
        ColorSpace=pikepdf.Name.DeviceGray if grey else pikepdf.Name.DeviceRGB,
        Filter=pikepdf.Name.DCTDecode,
    )
    page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Anh=photo))
    page.obj.Contents = bound.make_stream(f"q {w} 0 0 {h} 0 0 cm /Anh Do Q".encode())
    return notes


def _page_preview(page: Any, turn: int, prefix: str, number: int) -> None:
    photo = page.obj.Resources.XObject.get("/Anh")
    if photo is None:
        return
    with Image.open(io.BytesIO(photo.read_raw_bytes()), formats=["JPEG"]) as image:
        image.draft("RGB", (PREVIEW_SIDE * 2, PREVIEW_SIDE * 2))
        image.load()
        _preview(image.rotate(-turn, expand=True) if turn else image, prefix, number)

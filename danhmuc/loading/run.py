"""One load: kinds in the order they need each other, in one transaction."""

from collections.abc import Callable, Iterable
from pathlib import Path

from django.db import connection, transaction

from danhmuc.loading import agencies, calendars, files, places, procedures, reliefs
from danhmuc.loading.places import PlaceIds
from danhmuc.loading.sync import Counts
from danhmuc.models import Agency, Field, Place
from danhmuc.services import search_index

Say = Callable[[str], None]
KINDS = ("places", "agencies", "fields", "procedures", "versions", "calendars", "rules", "tariffs", "reliefs")


@transaction.atomic
def load(
    folder: Path = files.DATA, only: Iterable[str] = (), say: Say = lambda line: None
) -> dict[str, Counts]:
    """Load the kinds named (all by default) from a folder. DataError refuses a bad file and nothing is changed."""
    wanted = set(only) or set(KINDS)
    with connection.cursor() as cursor:
        # Two copies started together would each find the tables empty; the second waits and finds them full.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('load_catalogue'))")
    done: dict[str, Counts] = {}

    def note(name: str, counts: Counts) -> None:
        done[name] = counts
        say(f"  {name}: {describe(counts)}")

    if "places" in wanted:
        say("Đơn vị hành chính …")
        counts, ids = places.load_places(folder)
        note("đơn vị hành chính", counts)
        note("chuyển đổi xã", places.load_place_successions(folder, ids))
    else:
        ids = _place_ids()
    if "agencies" in wanted:
        say("Cơ quan, đơn vị …")
        found, keys = agencies.load_agencies(folder, ids)
        for name, counts in found.items():
            note(name, counts)
    else:
        keys = dict(Agency.objects.values_list("key", "pk"))
    if "fields" in wanted:
        counts, fields = procedures.load_fields(folder)
        note("lĩnh vực", counts)
    else:
        fields = dict(Field.objects.values_list("code", "pk"))
    if "procedures" in wanted:
        say("Thủ tục hành chính …")
        note("danh mục thủ tục", procedures.load_index(folder, fields))
        note("cách gọi khác", procedures.load_synonyms(folder))
        note("việc đời người", procedures.load_life_events(folder))
        say(f"  chỉ mục tìm kiếm: viết {search_index.rebuild()} dòng")
    if "versions" in wanted:
        say("Bản thủ tục, tờ khai điện tử, quy trình …")
        note("bản thủ tục", procedures.load_versions(folder, keys))
    if "calendars" in wanted:
        note("lịch làm việc", calendars.load_national_calendar(folder))
    if "rules" in wanted:
        note("bộ quy tắc", calendars.load_rule_sets(folder))
    if "tariffs" in wanted:
        note("giá cước", calendars.load_tariffs(folder))
    if "reliefs" in wanted:
        note("miễn, giảm phí", reliefs.load_reliefs(folder))
    return done


def describe(counts: Counts) -> str:
    """Counts in words."""
    return f"thêm {counts.added}, đổi {counts.changed}, giữ nguyên {counts.unchanged}, bỏ {counts.removed}"


def _place_ids() -> PlaceIds:
    return {
        (era, level, code): pk
        for pk, era, level, code in Place.objects.values_list("pk", "era", "level", "code")
    }

"""The history of a dossier as the person who waits for it reads it: what happened, and nothing from inside the office."""

from collections.abc import Callable, Sequence

from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from config.formats import vnd, vndatetime
from config.ui import sentence, vi
from hoso.models import Dossier, Event
from hoso.services import amendments
from portal.services.tracking import Item, Words


def _due(event: Event) -> str:
    return (
        _("Hẹn trả %(due_at)s.") % {"due_at": vndatetime(event.data["due_at"])}
        if event.data.get("due_at")
        else ""
    )


def _resumed(event: Event) -> str:
    """The date now promised, the one it takes the place of, and by what rule it moved (domain §8.5)."""
    if not event.data.get("old_due_at"):
        return _due(event)
    begins_anew = "supplement" in event.data and event.data.get("supplement_mode") != "CONTINUE"
    why = (
        _("Thời hạn tính lại từ khi nhận đủ giấy tờ bổ sung.")
        if begins_anew
        else _("Thời gian chờ ông/bà không tính vào thời hạn.")
    )
    moved = _("Hẹn trả %(due_at)s, thay cho %(old)s.") % {
        "due_at": vndatetime(event.data["due_at"]),
        "old": vndatetime(event.data["old_due_at"]),
    }
    return f"{moved} {why}"


def _items(event: Event) -> str:
    return "; ".join(f"{i['name']}: {i['explanation'].rstrip('.')}" for i in event.data.get("items", ()))


def _paid(event: Event) -> str:
    receipt = (
        " " + _("Biên lai số %(receipt_no)s.") % {"receipt_no": event.data["receipt_no"]}
        if event.data.get("receipt_no")
        else ""
    )
    return f"{vnd(event.data.get('amount', 0))}.{receipt}"


def _relief(event: Event) -> str:
    return (
        event.data.get("relief", "")
        if event.data.get("granted")
        else sentence(_("Không chấp nhận: %(note)s"), note=event.note)
    )


def _refund(event: Event) -> str:
    if event.data.get("granted") is False:
        return sentence(_("Không hoàn: %(note)s"), note=event.note)
    why = f" {_(event.data['why'])}." if event.data.get("why") else ""
    return f"{vnd(event.data.get('amount', 0))}.{why}"


def _checked(event: Event) -> str:
    different = [i["name"] for i in event.data.get("items", ()) if not i["matches"]]
    return (
        sentence(_("Chưa khớp: %(different)s."), different="; ".join(different))
        if different
        else _("Khớp với bản điện tử.")
    )


def _returned(event: Event) -> str:
    told: list[str] = []
    if event.data.get("receiver_name"):
        told.append(sentence(_("Người nhận: %(name)s."), name=event.data["receiver_name"]))
    if event.data.get("tracking_number"):
        told.append(
            _("Số hiệu bưu gửi %(tracking_number)s.") % {"tracking_number": event.data["tracking_number"]}
        )
    return format_html_join(" ", "{}", ((text,) for text in told))


def _decided(event: Event) -> str:
    """A refusal gives its reason; an officer's remark on anything else is not for the applicant."""
    if event.data.get("outcome") != "refused":
        return ""
    return sentence(_("Từ chối giải quyết: %(note)s"), note=event.note)


def _note(event: Event) -> str:
    return vi(event.note)


def _nothing(event: Event) -> str:
    return ""


#: Event → (title, text). What is not here stays inside the office. Notes are told only where the law gives the
#: applicant the reason: refusal, redirection, extension, closing.
TOLD: dict[str, tuple[Words, Callable[[Event], str]]] = {
    "submit": (pgettext_lazy("lịch sử", "Nộp hồ sơ trực tuyến"), _nothing),
    "accept": (gettext_lazy("Tiếp nhận hồ sơ"), _due),
    "accept_immediate": (gettext_lazy("Tiếp nhận và trả kết quả ngay"), _nothing),
    "ask_completion": (gettext_lazy("Yêu cầu hoàn thiện hồ sơ"), _items),
    "resubmit": (gettext_lazy("Gửi lại hồ sơ đã hoàn thiện"), _nothing),
    "refuse_intake": (gettext_lazy("Không tiếp nhận hồ sơ"), _note),
    "redirect": (gettext_lazy("Chuyển đúng cơ quan thẩm quyền"), _note),
    "verify_on_site": (gettext_lazy("Hẹn kiểm tra thực địa"), _nothing),
    "hold": (gettext_lazy("Yêu cầu bổ sung hồ sơ"), _items),
    "hold_financial": (gettext_lazy("Thông báo nghĩa vụ tài chính"), _nothing),
    "answer_supplement": (gettext_lazy("Gửi giấy tờ bổ sung"), _nothing),
    "resume": (gettext_lazy("Tiếp tục giải quyết"), _resumed),
    "close_unsupplemented": (gettext_lazy("Đóng hồ sơ vì hết thời hạn bổ sung"), _nothing),
    "receive_papers": (gettext_lazy("Bộ phận Một cửa đã nhận bản giấy"), _nothing),
    "check_papers": (gettext_lazy("Đối chiếu bản giấy"), _checked),
    "record_payment": (gettext_lazy("Đã nộp phí, lệ phí"), _paid),
    "claim_relief": (
        pgettext_lazy("lịch sử", "Đề nghị miễn, giảm phí, lệ phí"),
        lambda e: str(e.data.get("relief", "")),
    ),
    "decide_relief": (gettext_lazy("Xét đề nghị miễn, giảm"), _relief),
    "replace_receipt": (gettext_lazy("Lập lại biên lai"), _paid),
    "open_refund": (gettext_lazy("Ghi nhận tiền phải hoàn"), _refund),
    "give_refund_account": (gettext_lazy("Cho biết nơi nhận tiền hoàn"), _nothing),
    "decide_refund": (gettext_lazy("Quyết định hoàn phí"), _refund),
    "pay_refund": (gettext_lazy("Đã hoàn tiền"), _refund),
    "amend": (gettext_lazy("Sửa thông tin hồ sơ"), _nothing),
    "ask_amendment": (pgettext_lazy("lịch sử", "Đề nghị sửa hồ sơ"), _nothing),
    "take_back_amendment": (gettext_lazy("Rút đề nghị sửa hồ sơ"), _nothing),
    "refuse_amendment": (gettext_lazy("Không chấp nhận đề nghị sửa hồ sơ"), _note),
    "change_contact": (gettext_lazy("Đổi nơi nhận tin vì mất điện thoại, thư"), _nothing),
    "change_post": (pgettext_lazy("lịch sử", "Đổi cách nộp bản giấy, nhận kết quả"), _nothing),
    "recalculate": (gettext_lazy("Tính lại ngày hẹn trả"), _due),
    "extend": (
        gettext_lazy("Xin lỗi và hẹn lại ngày trả"),
        lambda e: format_html_join(" ", "{}", ((part,) for part in (_due(e), vi(e.note)) if part)),
    ),
    "decide": (gettext_lazy("Đã có kết quả"), _decided),
    "issue_result": (gettext_lazy("Kết quả đã chuyển về nơi trả"), _nothing),
    "complete": (pgettext_lazy("lịch sử", "Trả kết quả"), _returned),
    "withdraw": (pgettext_lazy("lịch sử", "Rút hồ sơ"), _nothing),
    "void": (gettext_lazy("Hủy hồ sơ do nhập sai"), _note),
    "report_error": (gettext_lazy("Chuyển yêu cầu đính chính"), _nothing),
    "finish_correction": (gettext_lazy("Đã đính chính kết quả"), _nothing),
}


def history(dossier: Dossier, events: Sequence[Event], letters: Sequence[Item] = ()) -> list[Item]:
    """What has happened, newest first, for components/timeline.html; `letters` are messages of the post to weave in."""
    told: list[Item] = []
    title: Words
    passed_on, changes = False, amendments.told(dossier.version, events)
    for event in events:
        if event.name == "hand_over" and not passed_on:
            passed_on = True
            title, text = _("Chuyển hồ sơ đến cơ quan giải quyết"), vi(dossier.resolving_agency.name)
        elif event.name in TOLD:
            title, build = TOLD[event.name]
            text = changes[event.seq] if event.seq in changes else build(event)
        else:
            continue
        told.append({"at": event.at, "title": title, "text": text, "level": _LEVELS.get(event.name, "")})
    told += letters
    told.sort(key=lambda item: item["at"], reverse=True)
    if told and dossier.is_open:
        told[0] = {**told[0], "now": True, "level": told[0]["level"] or "info"}
    return told


_LEVELS = {
    "submit": "ok",
    "ask_completion": "wait",
    "hold": "wait",
    "hold_financial": "wait",
    "refuse_intake": "late",
    "extend": "soon",
    "decide": "ok",
    "complete": "ok",
}

"""How a dossier's state, channel and events are worded in the back office."""

from typing import Any

from django import template
from django.utils.safestring import SafeString

from config.ui import tag
from hoso.lifecycle import HoldKind, State
from hoso.models import Dossier

register = template.Library()

#: State → (words in a row or title, level, icon); design guide §6.
STATES: dict[str, tuple[str, str, str]] = {
    State.DRAFT: ("Bản nháp", "off", "edit"),
    State.SUBMITTED: ("Chờ tiếp nhận", "info", "clock"),
    State.INTAKE_HOLD: ("Chờ hoàn thiện", "wait", "pause"),
    State.REFUSED_INTAKE: ("Không tiếp nhận", "late", "no-entry"),
    State.PROCESSING: ("Đang giải quyết", "info", "clock"),
    State.ON_HOLD: ("Chờ bổ sung", "wait", "pause"),
    State.DECIDED: ("Chờ trả kết quả", "ok", "check-circle"),
    State.COMPLETED: ("Đã trả kết quả", "ok", "check"),
    State.WITHDRAWN: ("Đã rút hồ sơ", "off", ""),
    State.CLOSED: ("Đã đóng", "off", ""),
    State.VOIDED: ("Đã hủy", "off", ""),
}
CHANNELS: dict[str, tuple[str, str]] = {
    Dossier.Channel.COUNTER: ("Trực tiếp", "counter"),
    Dossier.Channel.ONLINE: ("Trực tuyến", "screen"),
    Dossier.Channel.POST: ("Bưu chính", "mail"),
}


def state_words(dossier: Dossier) -> tuple[str, str, str]:
    """Words, level and icon of the state a dossier is in."""
    text, level, icon = STATES[dossier.state]
    if dossier.state == State.ON_HOLD and dossier.hold_kind == HoldKind.FINANCIAL:
        text = "Chờ nộp nghĩa vụ tài chính"
    return text, level, icon


@register.simple_tag
def state_tag(dossier: Dossier) -> SafeString:
    """The state of a dossier as a tag."""
    return tag(*state_words(dossier))


@register.simple_tag
def channel(dossier: Dossier) -> dict[str, Any]:
    """Words and icon of the channel a dossier came by."""
    text, icon = CHANNELS[dossier.channel]
    return {"text": text, "icon": icon}

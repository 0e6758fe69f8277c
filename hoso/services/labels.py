"""What the steps of a lifecycle are called, of dossiers and of parcels alike."""

from functools import cache
from typing import Any

#: What stands in a dossier's history and is no step of its state machine: state and clock stay as they are.
BESIDE = {
    "create": "Lập hồ sơ",
    "register_post": "Đăng ký bưu chính",
    "change_post": "Đổi cách nộp bản giấy, nhận kết quả",
    "ask_amendment": "Đề nghị sửa hồ sơ",
    "take_back_amendment": "Rút đề nghị sửa hồ sơ",
    "refuse_amendment": "Không chấp nhận đề nghị sửa hồ sơ",
    "change_contact": "Đổi nơi nhận tin vì mất điện thoại, thư",
}


@cache
def step_labels(machine: type[Any]) -> dict[str, str]:
    """The Vietnamese name of each step of a model with a state machine."""
    return {t.name: str(t.custom.get("label", t.name)) for t in machine().get_all_state_transitions()}

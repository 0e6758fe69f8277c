"""Some months of feedback and questions, told through the real door: every kind, every state, early and late answers."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from config.demo import people
from config.demo.cast import Cast, Office
from danhmuc.models import Agency, Field, User
from danhmuc.roles import Role
from danhmuc.services import calendar_for
from danhmuc.worktime import WorkCalendar, add_working_days
from hoso.models import Dossier, Notice
from portal.access import SENDER
from portal.models import Feedback
from portal.services.feedback import agencies, intake
from portal.services.feedback.door import advance
from portal.services.feedback.public import propose

Kind = Feedback.Kind
#: Kind, public title, what was written, what was answered: first what belongs elsewhere, then what is answered here.
COMPLAINT = (
    Kind.BEHAVIOUR,
    "Không đồng ý với quyết định xử phạt",
    "Tôi không đồng ý với quyết định xử phạt vi phạm hành chính của phường, đề nghị hủy quyết định.",
    "",
)
TEXTS: tuple[tuple[str, str, str, str], ...] = (
    (Kind.BEHAVIOUR, "Phải bổ sung hồ sơ hai lần",
     "Lần đầu yêu cầu trích lục, lần sau lại yêu cầu thêm giấy xác nhận tình trạng hôn nhân. Đề nghị hướng dẫn một lần cho đủ.",
     "Yêu cầu lần hai không thuộc thành phần hồ sơ đã công bố. Bộ phận Một cửa nhận khuyết điểm, đã hủy yêu cầu và trả kết quả."),
    (Kind.TECHNICAL, "Không tải được ảnh chụp từ điện thoại",
     "Tôi chụp giấy tờ bằng iPhone, tải lên báo loại tệp không được nhận. Mong hệ thống nhận ảnh chụp trực tiếp từ điện thoại.",
     "Ảnh HEIC của iPhone chưa mở được trên máy của cơ quan. Ông/bà vào Cài đặt, Camera, Định dạng, chọn “Tương thích nhất” rồi chụp lại."),
    (Kind.QUESTION, "Đăng ký khai sinh quá hạn cần giấy tờ gì",
     "Cháu tôi sinh đã 4 tháng chưa khai sinh, bố mẹ đi làm xa. Ông bà đi khai sinh thay được không, cần giấy tờ gì?",
     "Ông, bà nội ngoại đi đăng ký khai sinh được, không cần văn bản ủy quyền nhưng phải thống nhất nội dung với cha, mẹ. Mang giấy chứng sinh và căn cước."),
    (Kind.BEHAVIOUR, "Hẹn nhận hồ sơ tại nhà nhưng không ai đến",
     "Tôi hẹn bưu điện nhận hồ sơ buổi chiều nhưng không ai đến, gọi số trong tin nhắn thì không liên lạc được.",
     "Nhân viên bưu điện nghỉ ốm đột xuất, bưu cục chưa báo lại. Bưu cục đã xin lỗi và đến nhận sáng hôm sau; tin nhắn hẹn nay có thêm số của bưu cục."),
    (Kind.REGULATION, "Vì sao phải nộp bản sao chứng thực khi đã có bản điện tử",
     "Đã nộp bản scan có chữ ký số mà vẫn yêu cầu bản sao chứng thực. Đề nghị bỏ yêu cầu này cho người dân đỡ đi lại.",
     "Bản điện tử có chữ ký số hợp lệ thay được bản sao chứng thực. Cơ quan đã nhắc bộ phận tiếp nhận không yêu cầu thêm bản giấy trong trường hợp này."),
    (Kind.SERVICE, "Hồ sơ cấp giấy phép xây dựng chậm",
     "Hồ sơ quá hẹn 3 ngày mà chưa có kết quả, cũng không có thư xin lỗi. Đề nghị cho biết lý do và ngày trả.",
     "Hồ sơ chậm do chờ ý kiến về hành lang đường điện. Phòng chuyên môn xin lỗi vì không báo trước; giấy phép đã ký và trả cho người nộp."),
    (Kind.QUESTION, "Mở hộ kinh doanh bán hàng ăn cần thủ tục nào",
     "Tôi muốn mở quán bún nhỏ tại nhà, cần đăng ký ở đâu, mất bao lâu và bao nhiêu tiền?",
     "Nộp hồ sơ thành lập hộ kinh doanh trên Cổng hoặc tại Bộ phận Một cửa xã, phường; thời hạn 03 ngày làm việc. Sau đó làm cam kết an toàn thực phẩm."),
    (Kind.TECHNICAL, "Không nhận được tin nhắn xác nhận",
     "Bấm gửi lại mã nhiều lần vẫn không nhận được tin nhắn, chuyển sang thư điện tử thì nhận được ngay.",
     "Nhà mạng chặn tin nhắn trong khung giờ bảo trì. Sự cố đã khắc phục; ông/bà có thể chọn nhận mã qua thư điện tử như đã làm."),
    (Kind.BEHAVIOUR, "Cán bộ hướng dẫn tận tình",
     "Tôi đi làm giấy tờ cho mẹ già yếu, cán bộ quầy số 2 hướng dẫn rất tận tình, giúp tôi nộp qua mạng. Mong được ghi nhận.",
     "Trung tâm cảm ơn ý kiến của ông/bà và đã biểu dương cán bộ tại buổi giao ban tháng."),
    (Kind.BEHAVIOUR, "Chờ lâu vào buổi sáng thứ Hai",
     "Sáng thứ Hai đông người, chỉ mở hai quầy, chờ gần hai tiếng mới đến lượt. Đề nghị bố trí thêm người.",
     "Từ tháng này Bộ phận Một cửa mở thêm một quầy vào sáng thứ Hai và nhận lấy số trước qua Cổng."),
    (Kind.REGULATION, "Đề nghị giảm thời hạn xác nhận cư trú",
     "Xác nhận thông tin cư trú chỉ là tra cứu trên máy nhưng thời hạn vẫn tính theo ngày. Đề nghị trả ngay trong buổi.",
     "Kiến nghị có cơ sở, đã đưa vào phương án đơn giản hóa thủ tục quý này để trình Ủy ban nhân dân tỉnh xem xét."),
    (Kind.SERVICE, "Kết quả sai tên đệm",
     "Giấy khai sinh của con tôi ghi thiếu tên đệm so với tờ khai. Đề nghị sửa lại giúp, không phải làm thủ tục mới.",
     "Sai sót do nhập liệu của cơ quan. Bản đính chính đã ký và gửi bưu điện đến nhà, người nộp không phải trả phí."),
    (Kind.QUESTION, "Nộp hộ hồ sơ cho người đi nước ngoài",
     "Anh tôi đang lao động ở Nhật Bản, tôi nộp hồ sơ thay thì cần giấy ủy quyền như thế nào?",
     "Giấy ủy quyền lập tại cơ quan đại diện Việt Nam ở Nhật Bản hoặc chứng thực chữ ký. Người trong gia đình theo quy định thì không cần ủy quyền."),
)  # fmt: skip
#: A word of the title → a word of the field's name; other titles belong to no field.
FIELDS = {
    "khai sinh": "hộ tịch",
    "tên đệm": "hộ tịch",
    "cư trú": "cư trú",
    "xây dựng": "xây dựng",
    "hộ kinh doanh": "hộ kinh doanh",
    "chứng thực": "chứng thực",
}
#: What became of an item, how often, and how many working days ago it was sent (from, to).
PLAN: tuple[tuple[str, int, tuple[int, int]], ...] = (
    ("published", 15, (12, 110)),
    ("published_late", 2, (20, 100)),
    ("answered", 3, (6, 12)),
    ("unsatisfied", 2, (8, 30)),
    ("reopened", 1, (9, 14)),
    ("answered_again", 1, (25, 60)),
    ("rejected", 2, (10, 80)),
    ("guided", 2, (10, 80)),
    ("new", 4, (0, 1)),
    ("forwarded", 2, (1, 3)),
    ("accepted", 2, (1, 3)),
    ("working", 3, (2, 4)),
    ("to_sign", 2, (3, 4)),
    ("asked", 2, (2, 4)),
    ("late", 2, (7, 9)),
)


def tell(cast: Cast, rng: Random, now: datetime, say: Callable[[str], None]) -> int:
    """About forty-five items at the demo's offices; how many were written."""
    say("Phản ánh, kiến nghị …")
    teller = _Teller(cast, rng, now)
    items = [(rng.randint(*days), ending) for ending, times, days in PLAN for _ in range(times)]
    for days_ago, ending in sorted(
        items, reverse=True
    ):  # in the order of time, as numbers of answers are given
        teller.one(ending, days_ago)
    told = Notice.objects.filter(key__startswith="PA-", state=Notice.State.QUEUED)
    told.filter(template="feedback_code").delete()
    told.update(
        state=Notice.State.SENT, sent_at=F("due_at"), attempts=1, answer="Mô phỏng: lịch sử trình diễn"
    )
    # What somebody was told last week or before has been read.
    old = Notice.objects.filter(key__startswith="PA-", channel=Notice.Channel.PORTAL, read_at=None)
    old.filter(due_at__lt=now - timedelta(days=7)).update(read_at=F("due_at"))
    return teller.number


class _Teller:
    def __init__(self, cast: Cast, rng: Random, now: datetime) -> None:
        self.cast, self.rng, self.now = cast, rng, now
        self.triage = agencies.first_reader()
        self.number = 0
        self.fields = {
            word: Field.objects.filter(name__icontains=word).order_by("code").first()
            for word in set(FIELDS.values())
        }
        self.calendars: dict[int, WorkCalendar] = {}

    def one(self, ending: str, days_ago: int) -> None:
        """One item from its sending to where it stands today."""
        rng = self.rng
        # The office whose people have names is the one people look at.
        office = self.cast.offices[0] if rng.random() < 0.6 else rng.choice(self.cast.offices)
        kind, title, content, answer = COMPLAINT if ending == "guided" else TEXTS[self.number % len(TEXTS)]
        begin = self._moment(office, self._day(office, -days_ago), rng.randint(8, 15))
        feedback = self._send(office, kind, content, begin)
        self._go_on(feedback, office, ending, title, answer, begin)

    def _send(self, office: Office, kind: str, content: str, at: datetime) -> Feedback:
        rng = self.rng
        self.number += 1
        known = self.number % 3 == 1
        citizen = self.cast.citizens[0] if self.number % 6 == 1 else rng.choice(self.cast.citizens)
        invented = people.person(rng, 900_000 + self.number)
        dossier = None
        if kind == Kind.SERVICE:
            found = Dossier.objects.filter(resolving_agency=office.agency, accepted_at__lt=at)
            dossier = found.order_by("-accepted_at").first()
        words = intake.Words(
            kind=kind if dossier or kind != Kind.SERVICE else Kind.BEHAVIOUR,
            content=content,
            sender_name=citizen.full_name if known else invented.full_name,
            phone=citizen.phone if known else invented.phone,
            email=citizen.email if known else invented.email,
            address="" if known else invented.address,
            agency=office.agency,
            dossier_code=dossier.code if dossier else "",
            agrees_to_publish=True,
        )
        if self.number % 12 == 5:
            return intake.take_over(words, external_id=f"QG-{at:%Y%m}-{self.number:04d}", sent_at=at)
        sent = intake.send(
            words,
            once=UUID(int=rng.getrandbits(128), version=4),
            sender=citizen if known else None,
            address=f"203.0.113.{self.number}",
            at=at,
        )
        return sent if known else advance(sent.pk, "submit", by=SENDER, at=at)

    def _go_on(
        self, feedback: Feedback, office: Office, ending: str, title: str, answer: str, at: datetime
    ) -> None:
        if ending == "new" or feedback.agency_id != office.agency.pk:
            return
        handler, officer = (
            office.one(Role.FEEDBACK_HANDLER, self.rng),
            office.one(Role.CASE_OFFICER, self.rng),
        )
        approver = office.one(Role.APPROVER, self.rng)
        word = next((word for part, word in FIELDS.items() if part in title.lower()), "")
        field = self.fields.get(word)

        def step(name: str, by: User | str, days: float, **facts: object) -> Feedback:
            nonlocal at
            at = self._later(office, at, days)
            return advance(feedback.pk, name, by=by, at=at, **facts)  # type: ignore[arg-type]

        if ending == "forwarded":
            step(
                "forward",
                handler,
                1,
                to=self._other(office),
                note="Nội dung thuộc thẩm quyền của cơ quan nhận.",
            )
            return
        if ending == "rejected":
            step(
                "reject",
                handler,
                1,
                note="Nội dung trùng với phản ánh đã được trả lời, không có tình tiết mới.",
            )
            return
        if ending == "guided":
            step("guide_elsewhere", handler, 1, which="khieu_nai",
                 note="Nội dung là khiếu nại quyết định hành chính. Đề nghị gửi đơn đến người đã ra quyết định trong 90 ngày.")  # fmt: skip
            return
        step("accept", handler, 0.5, kind=feedback.kind, field=field)
        if ending == "accepted":
            return
        if ending == "asked":
            step("ask_info", handler, 0.5, note="Đề nghị cho biết ngày nộp hồ sơ và tên quầy đã tiếp nhận.")
            return
        step("assign", handler, 0.5, assignee=officer, note="Xác minh với Bộ phận Một cửa, trả lời đúng hạn.")
        if ending in {"working", "late"}:
            return
        late = ending == "published_late"
        step("propose", officer, 5 if late else 1, text=answer)
        if ending == "to_sign":
            return
        step("sign", approver, 1 if late else 0.5)
        if ending == "answered":
            return
        if ending in {"unsatisfied", "reopened", "answered_again"}:
            step("rate", SENDER, 1, rating="unsatisfied", note="Trả lời còn chung chung.")
        if ending in {"reopened", "answered_again"}:
            step("reopen", SENDER, 1, note="Câu trả lời chưa nói rõ ai chịu trách nhiệm và khi nào sửa.")
        if ending == "answered_again":
            step(
                "propose",
                officer,
                2,
                text=f"{answer} Cơ quan đã phân công lãnh đạo bộ phận chịu trách nhiệm và kiểm tra lại hằng tuần.",
            )
            step("sign", approver, 1)
        if ending.startswith("published"):
            if self.rng.random() < 0.6:
                step("rate", SENDER, 0.5, rating="satisfied")
            made = propose(feedback)
            step("publish", handler, 0.5, title=title, content=made.content, answer=made.answer)

    def _other(self, office: Office) -> Agency:
        others = [o.agency for o in self.cast.offices if o.agency.pk != office.agency.pk]
        return self.rng.choice(others) if others else self.triage

    def _calendar(self, office: Office) -> WorkCalendar:
        found = self.calendars.get(office.agency.pk)
        if found is None:
            found = self.calendars[office.agency.pk] = calendar_for(office.agency)
        return found

    def _day(self, office: Office, days: int) -> date:
        return add_working_days(self._calendar(office), timezone.localdate(self.now), days)

    def _moment(self, office: Office, day: date, hour: int) -> datetime:
        at = datetime.combine(day, time(hour, self.rng.randrange(60)), timezone.get_current_timezone())
        return min(at, self.now - timedelta(minutes=20))

    def _later(self, office: Office, at: datetime, days: float) -> datetime:
        """Some working days on, within office hours, never in the future."""
        day = timezone.localdate(at)
        hour = timezone.localtime(at).hour
        if days >= 1:
            day, hour = add_working_days(self._calendar(office), day, int(days)), self.rng.randint(8, 11)
        elif hour >= 14:
            day, hour = add_working_days(self._calendar(office), day, 1), 8
        else:
            hour = max(hour + 2, 9)
        after = datetime.combine(day, time(hour, self.rng.randrange(60)), timezone.get_current_timezone())
        return min(max(after, at + timedelta(minutes=5)), self.now)

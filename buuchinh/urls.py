"""Pages of the public post, under /buu-chinh/."""

from django.urls import path

from buuchinh.views import desk, doors, office, papers, rounds, till

app_name = "buuchinh"
urlpatterns = [
    path("", rounds.Home.as_view(), name="home"),
    path("ngay-mai/", rounds.Round.as_view(later=True), name="tomorrow"),
    path("buu-gui/<int:pk>/", rounds.ParcelPage.as_view(), name="parcel"),
    path("buu-gui/<int:pk>/nhan/", doors.Pickup.as_view(), name="pickup"),
    path("buu-gui/<int:pk>/chua-nhan/", doors.Miss.as_view(), name="miss"),
    path("buu-gui/<int:pk>/hen/", doors.Schedule.as_view(), name="schedule"),
    path("buu-gui/<int:pk>/phat/", doors.Deliver.as_view(), name="deliver"),
    path("buu-gui/<int:pk>/chuyen-hoan/", doors.StartReturn.as_view(), name="start_return"),
    path("buu-gui/<int:pk>/phieu-gui/", papers.Note.as_view(), name="note"),
    path("ma-ban-giao/", till.Code.as_view(), name="code"),
    path("nop-tien/", till.Money.as_view(), name="money"),
    path("nhan-tai-buu-cuc/", office.Receive.as_view(), name="receive"),
    path("dang-ky-muon/", office.Register.as_view(), name="register"),
    path("dieu-phoi/", office.Coordination.as_view(), name="coordination"),
    path("dieu-phoi/<int:pk>/", office.CoordinatedParcel.as_view(), name="coordinated"),
    path("ban-giao/", desk.Handover.as_view(), name="handover"),
    path("ban-giao/tien/", desk.ConfirmMoney.as_view(), name="confirm_money"),
    path("ban-giao/bien-ban/", desk.Records.as_view(), name="records"),
    path("ban-giao/bien-ban/<int:pk>/", papers.Record.as_view(), name="record"),
    path("ban-giao/<int:pk>/tra-lai/", desk.GiveBack.as_view(), name="give_back"),
]

"""Pages of the public post, under /buu-chinh/."""

from django.urls import path

from buuchinh.views import carrier, desk, office, papers

app_name = "buuchinh"
urlpatterns = [
    path("", carrier.Home.as_view(), name="home"),
    path("ngay-mai/", carrier.Round.as_view(later=True), name="tomorrow"),
    path("buu-gui/<int:pk>/", carrier.ParcelPage.as_view(), name="parcel"),
    path("buu-gui/<int:pk>/nhan/", carrier.Pickup.as_view(), name="pickup"),
    path("buu-gui/<int:pk>/chua-nhan/", carrier.Miss.as_view(), name="miss"),
    path("buu-gui/<int:pk>/phat/", carrier.Deliver.as_view(), name="deliver"),
    path("buu-gui/<int:pk>/chuyen-hoan/", carrier.StartReturn.as_view(), name="start_return"),
    path("buu-gui/<int:pk>/phieu-gui/", papers.Note.as_view(), name="note"),
    path("ma-ban-giao/", carrier.Code.as_view(), name="code"),
    path("nop-tien/", carrier.Money.as_view(), name="money"),
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

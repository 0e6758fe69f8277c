"""Addresses of signing in with an electronic identity and of one's own account."""

from django.urls import path, re_path

from portal.views import accounts, desk_accounts, eid, organisations, profile

urlpatterns = [
    path("dang-nhap/<slug:key>/", eid.Begin.as_view(), name="eid"),
    path("dang-nhap/<slug:key>/tro-ve/", eid.Back.as_view(), name="eid_back"),
    path("dang-nhap/<slug:key>/ra/", eid.Leave.as_view(), name="eid_leave"),
    path("tai-khoan/", profile.Account.as_view(), name="account"),
    path("tai-khoan/dang-ky/", accounts.Register.as_view(), name="register"),
    path("tai-khoan/dang-ky/ca-nhan/", accounts.RegisterPerson.as_view(), name="register_person"),
    path("tai-khoan/dang-ky/to-chuc/", accounts.RegisterOrganisation.as_view(), name="register_organisation"),
    path("tai-khoan/dang-ky/xong/", accounts.Registered.as_view(), name="registered"),
    path("tai-khoan/quen-mat-khau/", accounts.Forgotten.as_view(), name="forgotten"),
    path("tai-khoan/ma/<str:token>/", accounts.Code.as_view(), name="code"),
    path("tai-khoan/mat-khau/<str:token>/", accounts.NewPassword.as_view(), name="new_password"),
    path("tai-khoan/thong-tin/", profile.Profile.as_view(), name="profile"),
    path("tai-khoan/doi-mat-khau/", profile.ChangePassword.as_view(), name="change_password"),
    path("tai-khoan/dia-chi/", profile.ChangeAddress.as_view(), name="address"),
    path("tai-khoan/thu-dien-tu/", profile.ChangeEmail.as_view(), name="email"),
    path("tai-khoan/dien-thoai/", profile.ChangePhone.as_view(), name="phone"),
    path("tai-khoan/xac-nhan/<str:token>/", profile.ContactCode.as_view(), name="contact_code"),
    path("tai-khoan/lich-su/", profile.History.as_view(), name="history"),
    path("tai-khoan/tai-quay/", desk_accounts.Find.as_view(), name="desk_accounts"),
    re_path(
        r"^tai-khoan/tai-quay/(?P<slip>[\w:-]{20,200})/$",
        desk_accounts.Account.as_view(),
        name="desk_account",
    ),
    path("tai-khoan/to-chuc/", organisations.Organisations.as_view(), name="organisations"),
    path("tai-khoan/to-chuc/<int:pk>/", organisations.Members.as_view(), name="members"),
]

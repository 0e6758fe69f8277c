"""Addresses of the back office, under /mot-cua/."""

from django.urls import path

from hoso.views import (
    amend,
    amendments,
    books,
    cashier,
    documents,
    dossier,
    inbox,
    intake,
    letters,
    money,
    processing,
    reception,
    results,
)

app_name = "hoso"
urlpatterns = [
    path("", inbox.Home.as_view(), name="home"),
    path("hang-loat/", inbox.Bulk.as_view(), name="bulk"),
    path("phim-tat/", inbox.Shortcuts.as_view(), name="shortcuts"),
    path("tim/", inbox.Search.as_view(), name="search"),
    path("tiep-nhan/", reception.Reception.as_view(), name="reception"),
    path("so-theo-doi/", books.Register.as_view(), name="register"),
    path("so-ban-giao/", books.Handovers.as_view(), name="handovers"),
    path("thu-phi/", cashier.Home.as_view(), name="cashier"),
    path("thu-phi/sao-ke/", cashier.ImportStatement.as_view(), name="statement"),
    path("thu-phi/sao-ke/<int:pk>/", cashier.LinePage.as_view(), name="bank_line"),
    path("thu-phi/doi-soat/", cashier.Reconciliation.as_view(), name="reconciliation"),
    path("giay-to/<int:pk>/", documents.DocumentFile.as_view(), name="document"),
    path("giay-to/<int:pk>/so-lieu/", documents.DocumentFacts.as_view(), name="document_facts"),
    path("phieu/<int:pk>/", documents.PaperFile.as_view(), name="paper"),
    path("ho-so/<str:ref>/", dossier.DossierPage.as_view(), name="dossier"),
    path("ho-so/<str:ref>/phieu-kiem-soat/", documents.ControlSlip.as_view(), name="control_slip"),
    path("ho-so/<str:ref>/trao-doi/", letters.Letters.as_view(), name="letters"),
    path("ho-so/<str:ref>/de-nghi-sua/", amendments.Answer.as_view(), name="amendment"),
    path("ho-so/<str:ref>/de-nghi-sua/khong-thuc-hien/", amendments.Ended.as_view(), name="amendments_ended"),
    path("ho-so/<str:ref>/de-nghi-sua/tep/<int:pk>/", amendments.File.as_view(), name="amendment_file"),
    *(
        path(f"ho-so/<str:ref>/{slug}/", view.as_view(), name=view.step)
        for slug, view in (*intake.STEPS, *processing.STEPS, *results.STEPS, *money.STEPS, *amend.STEPS)
    ),
]

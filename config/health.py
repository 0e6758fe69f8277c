"""Whether this process can serve: asked by the load balancer and by `make run`."""

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views import View


@method_decorator(login_not_required, name="dispatch")
class Health(View):
    """200 with one word when the database answers, 503 when it does not."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask the database for its simplest answer."""
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except DatabaseError:
            return HttpResponse("khong-co-csdl", status=503, content_type="text/plain")
        return HttpResponse("tot", content_type="text/plain")

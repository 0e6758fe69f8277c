"""What every template may read about the installation."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """Context processor: the demonstration bar's text, the deployment mode, who vouches for identities, idle time."""
    return {
        "demo_notice": settings.DEMO_NOTICE,
        "deployment_mode": settings.DEPLOYMENT_MODE,
        "public_base_url": settings.PUBLIC_BASE_URL,
        "eid_providers": [{"key": key, "name": one["name"]} for key, one in settings.EID_PROVIDERS.items()],
        "idle_minutes": settings.OFFICE_IDLE_MINUTES,
    }

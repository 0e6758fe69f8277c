"""The project: settings, addresses, background work. Apps never import from here."""

# Django loads this package first, so that @shared_task finds our Celery application in every process.
from config.celery import app as celery_app

__all__ = ["celery_app"]

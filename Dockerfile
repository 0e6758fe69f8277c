FROM python:3.12-slim-bookworm

# Pango draws the printed forms; Liberation stands in for the fonts the decree prescribes.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 fonts-liberation \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --create-home app

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 VAR_DIR=/srv/var STATIC_ROOT=/srv/static
WORKDIR /srv/app

COPY requirements.txt ./
RUN pip install --no-cache-dir -r requirements.txt

COPY . .
# Static files belong to the image; WhiteNoise serves them under fingerprinted names.
RUN mkdir -p /srv/var /srv/static \
    && SECRET_KEY=build python manage.py collectstatic --noinput --verbosity 0 \
    && chown -R app /srv/var

USER app
EXPOSE 8000
CMD ["gunicorn", "config.wsgi:application", "--config=config/gunicorn.py", "--bind=0.0.0.0:8000", "--workers=3", \
     "--worker-tmp-dir=/dev/shm", "--max-requests=5000", "--max-requests-jitter=500"]

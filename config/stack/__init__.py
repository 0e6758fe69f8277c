"""The embedded services: PostgreSQL and Valkey with their data under VAR_DIR, nothing to install.

`python -m config.stack --help` lists the commands; `make` calls them. In production DATABASE_URL and
REDIS_URL name real servers and nothing here is started (`paths` alone is read, by the settings).
"""

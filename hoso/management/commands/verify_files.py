"""`manage.py verify_files`: read every stored file again, after a restore or when a disk is in doubt."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hoso.models import Document, StoredFile
from hoso.services import documents


class Command(BaseCommand):
    """Exits with 1 when a file is missing or not what it was."""

    help = "Đọc lại mọi tệp đã lưu, báo tệp mất, không đọc được hoặc khác lúc nhận (SHA-256)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Read all of them; name each document that cannot be relied on."""
        bad = 0
        for document in documents.damaged():
            bad += 1
            self.stderr.write(
                f"{_where(document)}: tệp “{document.name}” mất, không đọc được hoặc đã thay đổi ({document.sha256})"
            )
        total = sum(documents.named(kind).count() for kind in documents.kinds())
        if bad:
            raise CommandError(f"{bad} trong {total} giấy tờ có tệp không dùng được.")
        self.stdout.write(f"{total} giấy tờ: mọi tệp còn nguyên như lúc nhận.")


def _where(file: StoredFile) -> str:
    """The dossier of a document; else what kind of row names the file."""
    return str(file.dossier) if isinstance(file, Document) else f"{file._meta.verbose_name} {file.pk}"

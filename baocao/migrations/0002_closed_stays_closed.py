"""The database itself keeps a closed period as it was closed."""

from django.db import migrations

FORWARD = """
CREATE TRIGGER snapshot_append_only BEFORE UPDATE OR DELETE ON baocao_snapshot
    FOR EACH ROW EXECUTE FUNCTION hoso_refuse_change();
"""
BACKWARD = "DROP TRIGGER snapshot_append_only ON baocao_snapshot;"


class Migration(migrations.Migration):
    dependencies = [("baocao", "0001_closed_periods"), ("hoso", "0002_history_is_append_only")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]

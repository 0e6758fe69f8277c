"""The database itself keeps history honest: events are never changed or deleted, files never overwritten."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION hoso_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('hoso.maintenance', true) = 'on' THEN
        RETURN COALESCE(NEW, OLD);
    END IF;
    RAISE EXCEPTION 'Bảng % chỉ được ghi thêm, không được sửa hoặc xóa (dòng %).', TG_TABLE_NAME, OLD.id
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE ON hoso_event
    FOR EACH ROW EXECUTE FUNCTION hoso_refuse_change();
CREATE TRIGGER accesslog_append_only BEFORE UPDATE OR DELETE ON hoso_accesslog
    FOR EACH ROW EXECUTE FUNCTION hoso_refuse_change();

CREATE TRIGGER document_bytes_fixed BEFORE UPDATE ON hoso_document
    FOR EACH ROW
    WHEN (OLD.sha256 IS DISTINCT FROM NEW.sha256 OR OLD.size IS DISTINCT FROM NEW.size
          OR OLD.dossier_id IS DISTINCT FROM NEW.dossier_id OR OLD.added_at IS DISTINCT FROM NEW.added_at)
    EXECUTE FUNCTION hoso_refuse_change();
CREATE TRIGGER document_kept BEFORE DELETE ON hoso_document
    FOR EACH ROW EXECUTE FUNCTION hoso_refuse_change();

CREATE TRIGGER paper_facts_fixed BEFORE UPDATE ON hoso_paper
    FOR EACH ROW
    WHEN (OLD.facts IS DISTINCT FROM NEW.facts OR OLD.number IS DISTINCT FROM NEW.number
          OR (OLD.document_id IS NOT NULL AND OLD.document_id IS DISTINCT FROM NEW.document_id))
    EXECUTE FUNCTION hoso_refuse_change();

CREATE TRIGGER handover_signature_fixed BEFORE UPDATE ON hoso_handover
    FOR EACH ROW
    WHEN (OLD.signed_at IS NOT NULL
          AND (OLD.signed_at IS DISTINCT FROM NEW.signed_at OR OLD.signed_by_id IS DISTINCT FROM NEW.signed_by_id))
    EXECUTE FUNCTION hoso_refuse_change();
"""
BACKWARD = """
DROP TRIGGER handover_signature_fixed ON hoso_handover;
DROP TRIGGER paper_facts_fixed ON hoso_paper;
DROP TRIGGER document_kept ON hoso_document;
DROP TRIGGER document_bytes_fixed ON hoso_document;
DROP TRIGGER accesslog_append_only ON hoso_accesslog;
DROP TRIGGER event_append_only ON hoso_event;
DROP FUNCTION hoso_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("hoso", "0001_dossiers")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]

"""The database itself keeps the history of feedback honest: events, readings, answers and files are not rewritten."""

from django.db import migrations

FORWARD = """
CREATE TRIGGER feedback_event_append_only BEFORE UPDATE OR DELETE ON portal_feedbackevent
    FOR EACH ROW EXECUTE FUNCTION hoso_refuse_change();
CREATE TRIGGER feedback_reading_append_only BEFORE UPDATE OR DELETE ON portal_feedbackreading
    FOR EACH ROW EXECUTE FUNCTION hoso_refuse_change();
CREATE TRIGGER feedback_answer_signed BEFORE UPDATE ON portal_feedbackanswer
    FOR EACH ROW
    WHEN (OLD.signed_at IS NOT NULL
          AND (OLD.text IS DISTINCT FROM NEW.text OR OLD.number IS DISTINCT FROM NEW.number
               OR OLD.facts IS DISTINCT FROM NEW.facts OR OLD.signed_at IS DISTINCT FROM NEW.signed_at
               OR OLD.signed_by_id IS DISTINCT FROM NEW.signed_by_id
               OR (OLD.file_id IS NOT NULL AND OLD.file_id IS DISTINCT FROM NEW.file_id)))
    EXECUTE FUNCTION hoso_refuse_change();
CREATE TRIGGER feedback_file_bytes_fixed BEFORE UPDATE ON portal_feedbackfile
    FOR EACH ROW
    WHEN (OLD.sha256 IS DISTINCT FROM NEW.sha256 OR OLD.size IS DISTINCT FROM NEW.size
          OR OLD.feedback_id IS DISTINCT FROM NEW.feedback_id)
    EXECUTE FUNCTION hoso_refuse_change();
"""
BACKWARD = """
DROP TRIGGER feedback_file_bytes_fixed ON portal_feedbackfile;
DROP TRIGGER feedback_answer_signed ON portal_feedbackanswer;
DROP TRIGGER feedback_reading_append_only ON portal_feedbackreading;
DROP TRIGGER feedback_event_append_only ON portal_feedbackevent;
"""


class Migration(migrations.Migration):
    dependencies = [("portal", "0007_feedback"), ("hoso", "0002_history_is_append_only")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]

"""The database itself refuses to change what was published: procedure versions and calendar rows.

A view, a shell or a careless import may try; printed dates and issued papers stand on these rows.
"""

from django.db import migrations

VERSIONS = """
CREATE FUNCTION danhmuc_keep_published_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status = 'draft' THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'Bản thủ tục số % đã công khai, không xóa được.', OLD.number
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF (to_jsonb(NEW) - 'status' - 'valid_to') IS DISTINCT FROM (to_jsonb(OLD) - 'status' - 'valid_to')
        OR NEW.status = 'draft' OR (OLD.status = 'retired' AND NEW.status <> 'retired') THEN
        RAISE EXCEPTION 'Bản thủ tục số % đã công khai, chỉ được cho hết hiệu lực; muốn sửa hãy lập bản mới.',
            OLD.number USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER keep_published BEFORE UPDATE OR DELETE ON danhmuc_procedureversion
    FOR EACH ROW EXECUTE FUNCTION danhmuc_keep_published_version();

CREATE FUNCTION danhmuc_keep_published_part() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    frozen integer;
BEGIN
    SELECT number INTO frozen FROM danhmuc_procedureversion
        WHERE status <> 'draft' AND (
            (TG_OP <> 'INSERT' AND id = OLD.version_id) OR (TG_OP <> 'DELETE' AND id = NEW.version_id)
        ) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION
            'Bản thủ tục số % đã công khai: giấy tờ, khoản thu và quy trình của bản không sửa được; hãy lập bản mới.',
            frozen USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE TRIGGER keep_published BEFORE INSERT OR UPDATE OR DELETE ON danhmuc_component
    FOR EACH ROW EXECUTE FUNCTION danhmuc_keep_published_part();
CREATE TRIGGER keep_published BEFORE INSERT OR UPDATE OR DELETE ON danhmuc_chargerule
    FOR EACH ROW EXECUTE FUNCTION danhmuc_keep_published_part();
CREATE TRIGGER keep_published BEFORE INSERT OR UPDATE OR DELETE ON danhmuc_routestep
    FOR EACH ROW EXECUTE FUNCTION danhmuc_keep_published_part();
"""

VERSIONS_BACK = """
DROP TRIGGER keep_published ON danhmuc_routestep;
DROP TRIGGER keep_published ON danhmuc_chargerule;
DROP TRIGGER keep_published ON danhmuc_component;
DROP FUNCTION danhmuc_keep_published_part();
DROP TRIGGER keep_published ON danhmuc_procedureversion;
DROP FUNCTION danhmuc_keep_published_version();
"""

CALENDARS = """
CREATE FUNCTION danhmuc_keep_calendar_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Phiên bản lịch số % đã ban hành, không sửa hay xóa được; hãy ban hành phiên bản mới.', OLD.number
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER keep_published BEFORE UPDATE OR DELETE ON danhmuc_calendarversion
    FOR EACH ROW EXECUTE FUNCTION danhmuc_keep_calendar_version();

CREATE FUNCTION danhmuc_keep_calendar_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.removed_in_id IS NULL
        AND (to_jsonb(NEW) - 'removed_in_id') = (to_jsonb(OLD) - 'removed_in_id') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Dòng lịch đã ban hành không sửa hay xóa được; phiên bản mới chỉ được thôi dùng dòng này.'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER keep_published BEFORE UPDATE OR DELETE ON danhmuc_calendarday
    FOR EACH ROW EXECUTE FUNCTION danhmuc_keep_calendar_row();
CREATE TRIGGER keep_published BEFORE UPDATE OR DELETE ON danhmuc_worksession
    FOR EACH ROW EXECUTE FUNCTION danhmuc_keep_calendar_row();
"""

CALENDARS_BACK = """
DROP TRIGGER keep_published ON danhmuc_worksession;
DROP TRIGGER keep_published ON danhmuc_calendarday;
DROP FUNCTION danhmuc_keep_calendar_row();
DROP TRIGGER keep_published ON danhmuc_calendarversion;
DROP FUNCTION danhmuc_keep_calendar_version();
"""


class Migration(migrations.Migration):
    dependencies = [("danhmuc", "0001_initial")]

    operations = [
        migrations.RunSQL(VERSIONS, VERSIONS_BACK),
        migrations.RunSQL(CALENDARS, CALENDARS_BACK),
    ]

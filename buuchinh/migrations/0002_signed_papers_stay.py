"""The database itself keeps what was signed: events, notes, records and receipts are never changed or deleted."""

from django.db import migrations

TABLES = ("parcelevent", "consignmentnote", "handoverrecord", "handoverline", "remittanceline")
FORWARD = "".join(
    f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON buuchinh_{table} "
    "FOR EACH ROW EXECUTE FUNCTION hoso_refuse_change();\n"
    for table in TABLES
)
FORWARD += """
CREATE TRIGGER feereceipt_money_fixed BEFORE UPDATE ON buuchinh_feereceipt
    FOR EACH ROW
    WHEN (OLD.amount IS DISTINCT FROM NEW.amount OR OLD.collector_id IS DISTINCT FROM NEW.collector_id
          OR OLD.parcel_id IS DISTINCT FROM NEW.parcel_id
          OR (OLD.receipt_no <> '' AND OLD.receipt_no IS DISTINCT FROM NEW.receipt_no))
    EXECUTE FUNCTION hoso_refuse_change();
CREATE TRIGGER feereceipt_kept BEFORE DELETE ON buuchinh_feereceipt
    FOR EACH ROW EXECUTE FUNCTION hoso_refuse_change();
CREATE TRIGGER remittance_total_fixed BEFORE UPDATE ON buuchinh_remittancebatch
    FOR EACH ROW
    WHEN (OLD.total IS DISTINCT FROM NEW.total OR OLD.collector_id IS DISTINCT FROM NEW.collector_id
          OR (OLD.confirmed_at IS NOT NULL AND (OLD.counted IS DISTINCT FROM NEW.counted
              OR OLD.confirmed_by_id IS DISTINCT FROM NEW.confirmed_by_id)))
    EXECUTE FUNCTION hoso_refuse_change();
"""
BACKWARD = "".join(f"DROP TRIGGER {table}_append_only ON buuchinh_{table};\n" for table in TABLES)
BACKWARD += """
DROP TRIGGER remittance_total_fixed ON buuchinh_remittancebatch;
DROP TRIGGER feereceipt_kept ON buuchinh_feereceipt;
DROP TRIGGER feereceipt_money_fixed ON buuchinh_feereceipt;
"""


class Migration(migrations.Migration):
    dependencies = [("buuchinh", "0001_parcels"), ("hoso", "0002_history_is_append_only")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]

"""Parcels taken before `PostalChoice` said when a leg begins: the moment stands on the parcel. May run again."""

from django.db import migrations

FORWARD = "".join(
    f"""
UPDATE hoso_postalchoice choice SET {column} = taken.at
FROM (SELECT dossier_id, min(collected_at) AS at FROM buuchinh_parcel
      WHERE leg = '{leg}' AND collected_at IS NOT NULL GROUP BY dossier_id) taken
WHERE choice.dossier_id = taken.dossier_id AND choice.{column} IS NULL;
"""
    for leg, column in (("pickup", "papers_taken_at"), ("return", "result_taken_at"))
)


class Migration(migrations.Migration):
    dependencies = [("buuchinh", "0002_signed_papers_stay"), ("hoso", "0012_choose_the_post_anew")]
    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]

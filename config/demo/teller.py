"""Tells the stories of one partition after another, over a cast and a catalogue read once a process."""

from collections.abc import Callable
from datetime import timedelta
from random import Random

from django.utils import timezone

from config.demo import post
from config.demo.cast import Office, gather, warm
from config.demo.plan import PARTITIONS, Plan
from config.demo.simulate import Resolver, Simulation
from danhmuc.models import Agency, ProcedureVersion
from danhmuc.services import agencies
from hoso.services.law import Law

#: The procedures people ask for most, most frequent first; the rest follow by code.
POPULAR = (
    "2.000635", "1.001193", "2.000815", "1.004873", "1.000894", "2.000884", "1.000656", "1.004884", "1.012753",
    "1.001612", "2.000720", "1.001266", "1.012796", "1.013979", "1.010824", "1.001776", "2.000806", "3.000333",
)  # fmt: skip


class Teller:
    """One process's view of the province; the cast must have been made."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.today = timezone.localdate(plan.now)
        self.cast = gather(
            Random(plan.number),
            offices=plan.offices,
            citizens=plan.citizens,
            on=self.today,
            say=lambda line: None,
        )
        warm(
            [
                *{u for o in self.cast.offices for users in o.staff.values() for u in users},
                *self.cast.carriers,
                *self.cast.partners.values(),
                self.cast.system,
            ]
        )
        self.law = Law()
        self.post_unit = Agency.objects.get(key="BD_TINH")
        self.resolvers = self._resolvers()

    def tell(self, part: int, dossiers: int, say: Callable[[int], None]) -> int:
        """The stories of one partition. `say` gets the count so far; returns how many dossiers were written."""
        # Desks are shared by departments; everything a desk numbers must be counted in one partition.
        desks = list(dict.fromkeys(office.desk.pk for office in self.cast.offices))
        mine = {pk for index, pk in enumerate(desks) if index % PARTITIONS == part}
        here = [resolver for resolver in self.resolvers if resolver.office.desk.pk in mine]
        if not here or dossiers == 0:
            return 0
        plan = self.plan
        rng = Random(plan.number * 1000 + part)
        simulation = Simulation(
            cast=self.cast,
            resolvers=here,
            samples=plan.samples,
            rng=rng,
            start=plan.now - timedelta(days=round(30.5 * plan.months)),
            now=plan.now,
            part=part,
            law=self.law,
            after_write=post.Writer(self.post_unit, self.cast.carriers, part, rng),
        )
        return simulation.run(dossiers, say)

    def _resolvers(self) -> list[Resolver]:
        """Which versions each office resolves, with how often people ask for them."""
        rank = {code: index for index, code in enumerate(POPULAR)}
        by_agency: dict[int, Office] = {office.agency.pk: office for office in self.cast.offices}
        versions = ProcedureVersion.objects.filter(
            status=ProcedureVersion.Status.PUBLISHED, procedure__is_current=True
        ).select_related("procedure__field")
        ordered = sorted(versions, key=lambda v: (rank.get(v.procedure.code, len(POPULAR)), v.procedure.code))
        return [
            Resolver(version, by_agency[agency.pk], 1 / (1 + place * 0.25))
            for place, version in enumerate(ordered)
            for agency in agencies.resolvers_for(version, self.today)
            if agency.pk in by_agency
        ]

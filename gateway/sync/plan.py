"""What a page of records will become: decided record by record, with nothing written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from gateway.bulk import Changed
from gateway.customers.redirects import survivors
from gateway.db import Transaction, new_id
from gateway.errors import Invalid, refuse_field
from gateway.provenance import born
from gateway.sync import crossref, erased_people, incoming, pending
from gateway.sync.crossref import Known, Seen
from gateway.sync.here import Here, look
from gateway.sync.incoming import Draft, Incoming, source_of
from gateway.sync.merging.clash import Clash, Refused
from gateway.sync.merging.memory import recall
from gateway.sync.merging.three_way import merge
from gateway.sync.merging.words import Related, Words, news_of
from gateway.sync.rejects import Rejection
from gateway.sync.streams import Loaded, Row, Stream, TooEarly
from gateway.sync.work import Link, Tally


@dataclass(slots=True)
class Plan:
    """What a page will write.

    `created` rows carry their new `id`, `drafted` are ready to be written; `changed` say each record before, after and
    in which fields; `seen` ties every record taken, or unchanged but for its version, to the partner's external id;
    `sound` are the external ids of all records that were not rejected; `refused` are words that a rule answers with
    ours, `clashes` the fields that both sides changed, `agreed` the (record, path) of open conflicts on which both now
    say the same, `learnt` the records whose lost writes have been read back.
    """

    created: list[Row] = field(default_factory=list)
    drafted: list[Draft] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    revived: list[UUID] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    adopted: set[UUID] = field(default_factory=set)
    rejected: list[Rejection] = field(default_factory=list)
    sound: list[str] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    clashes: list[Clash] = field(default_factory=list)
    agreed: dict[tuple[UUID, str], Any] = field(default_factory=dict)
    learnt: list[UUID] = field(default_factory=list)
    unchanged: int = 0

    def count(self, tally: Tally) -> None:
        """Add what the plan will do to a page's counts."""
        tally["created"] += len(self.created) + len(self.drafted)
        tally["changed"] += len(self.changed)
        tally["rejected"] += len(self.rejected)
        tally["conflicts"] += sum(clash.is_new for clash in self.clashes)
        tally["unchanged"] += self.unchanged


def decide(tx: Transaction, link: Link, stream: Stream, records: Sequence[Any], *, lock: bool = True) -> Plan:
    """Find out what each record of a page will become; without `lock` it may run in a READ ONLY transaction."""
    arrived, unusable = incoming.read(records)
    telling = _telling(tx, link, stream, arrived)
    known = crossref.find(tx, link.id, stream.name, [each.external_id for each in telling]) if telling else {}
    telling, erased = erased_people.sift(tx, link.id, stream.name, telling, known)
    plan = Plan(rejected=[*unusable, *erased])
    if news := _sort(telling, known, plan, stream.terms.standing(tx, link)):
        _Deciding(tx, link, stream, known, plan).decide(news, lock)
    unsound = {each.external_id for each in plan.rejected}
    plan.sound = [each.external_id for each in arrived if each.external_id not in unsound]
    taken = len(plan.created) + len(plan.drafted) + len(plan.changed) + len(plan.rejected)
    plan.unchanged = len(arrived) + len(unusable) - taken
    return plan


def _telling(tx: Transaction, link: Link, stream: Stream, arrived: Sequence[Incoming]) -> Sequence[Incoming]:
    """Those that may say something new: what was drafted is probably new, of the others most are probably known."""
    if not arrived or any(each.draft is not None for each in arrived):
        return arrived
    if all(each.is_known is None for each in arrived):
        known = crossref.unchanged(tx, link.id, stream.name, {each.external_id: each.told for each in arrived})
        return [each for each in arrived if each.external_id not in known]
    return [each for each in arrived if not each.is_known]


def _sort(
    arrived: Sequence[Incoming], known: dict[str, Known], plan: Plan, may_stand: Callable[[Row], bool]
) -> list[Incoming]:
    """Answers those that say something new, but for what is drafted, new here, and may stand: it needs no deciding.

    Of those that say nothing new their versions and echoes are remembered.
    """
    news = []
    for each in arrived:
        reference = known.get(each.external_id)
        if reference is None:
            if each.draft is None or not may_stand(each.raw):
                news.append(each)
            else:
                plan.drafted.append(each.draft)
        elif incoming.is_news(each, reference):
            news.append(each)
        elif reference.version != each.version or reference.content_hash is None or reference.is_unread:
            plan.seen.append(_seen(each, reference.record_id))
    return news


@dataclass(frozen=True, slots=True)
class _Deciding:
    """The records of one page, on their way into its plan."""

    tx: Transaction
    link: Link
    stream: Stream
    known: dict[str, Known]
    plan: Plan
    places: dict[UUID, int] = field(default_factory=dict)

    def decide(self, news: Sequence[Incoming], lock: bool) -> None:
        """Sort every record that says something new into the plan."""
        valid = self._valid(news)
        owners = self._owners(valid)
        here = look(self.tx, self.link, self.stream, owners.values(), lock=lock) if owners else Here()
        if lock and (late := {name: owner for name, owner in owners.items() if owner not in here.rows}):
            here = self._look_again(late, owners)
        self._recall_aliases(here, owners)
        related = self.stream.relate(self.tx, self.link, (data for _, data in valid))
        for each, data in valid:
            try:
                self._place(each, data, owners.get(each.external_id), here, related)
            except TooEarly as early:
                self.plan.rejected.append(Rejection(each.raw, early.errors, each.external_id, early.customer))
            except Invalid as invalid:
                self.plan.rejected.append(Rejection(each.raw, invalid.errors, each.external_id))
        if self.plan.adopted:  # what was not taken is recognised again when it comes again
            self.plan.adopted.intersection_update(seen.record_id for seen in self.plan.seen)

    def _valid(self, news: Sequence[Incoming]) -> list[tuple[Incoming, Loaded]]:
        valid = []
        for each in news:
            loaded = incoming.load(self.stream.schema, each)
            if isinstance(loaded, Rejection):
                self.plan.rejected.append(loaded)
            else:
                valid.append((each, loaded))
        return valid

    def _owners(self, valid: Sequence[tuple[Incoming, Loaded]]) -> dict[str, UUID]:
        """Which of our records each of them is, as far as we have it; one that we sent ourselves is recognised."""
        owners = {
            each.external_id: self.known[each.external_id].owner for each, _ in valid if each.external_id in self.known
        }
        named = {
            record_id: each.external_id
            for each, data in valid
            if each.external_id not in owners and (record_id := _as_id(data.get("reference"))) is not None
        }
        became = survivors(self.tx, named) if named else {}
        named = {became.get(record_id, record_id): external_id for record_id, external_id in named.items()}
        for record_id in pending.adoptable(self.tx, self.link.id, self.stream.name, named):
            owners[named[record_id]] = record_id
            self.plan.adopted.add(record_id)
        return owners

    def _look_again(self, late: dict[str, UUID], owners: dict[str, UUID]) -> Here:
        """Some of our records were merged into others while we waited for them: they are those others now."""
        self.known.update(crossref.find(self.tx, self.link.id, self.stream.name, late))
        owners |= {name: self.known[name].owner for name in late if name in self.known}
        return look(self.tx, self.link, self.stream, owners.values(), lock=True)

    def _recall_aliases(self, here: Here, owners: dict[str, UUID]) -> None:
        """Add what was said by the second of two records that are one here."""
        own = [each.record_id for each in self.known.values() if each.alias_of and each.external_id in owners]
        if own:
            here.memories.update(recall(self.tx, self.link.id, self.stream.name, own))

    def _place(self, each: Incoming, data: Loaded, record_id: UUID | None, here: Here, related: Related) -> None:
        """Find the record it changes, or make it one; raises Invalid for one that cannot be taken."""
        reference = self.known.get(each.external_id)
        if record_id is not None and record_id in here.rows:
            self._meet(each, data, record_id, here, related, reference)
        elif record_id is not None and not (reference is not None and reference.is_deleted):
            raise refuse_field("", "deleted_here", "This record was deleted here; a sync does not bring it back.")
        else:
            made = record_id or new_id()
            row = self.stream.build(self.link, self.stream.terms.admitted(self.tx, self.link, data), related)
            self.plan.created.append({**row, "id": made, "sources": born(source_of(str(self.link.id), data))})
            self.plan.seen.append(_seen(each, made))

    def _meet(
        self, each: Incoming, data: Loaded, record_id: UUID, here: Here, related: Related, reference: Known | None
    ) -> None:
        own_id = record_id if reference is None else reference.record_id
        raw, memory = each.raw, here.memory(own_id)
        is_revived = reference is not None and reference.is_deleted
        if reference is not None and reference.status_before is not None:
            # What its deletion made inactive wakes up as it was, unless the partner says otherwise.
            awake = {"status": reference.status_before}
            raw, data, memory = awake | raw, awake | data, memory.without("status")
        words = news_of(self.stream, raw, data, related, memory)
        if is_revived or record_id not in here.withheld:
            self._merge(words, data, record_id, here)
        # Else it is only remembered: shared again, the record goes to the partner as it stands here.
        self.plan.revived += [record_id] if is_revived else []
        self.plan.learnt += [record_id] if memory.lost else []
        self.plan.seen.append(_seen(each, own_id, words.rewritten))

    def _merge(self, words: Words, data: Loaded, record_id: UUID, here: Here) -> None:
        words = replace(words, theirs=self.stream.terms.heard(self.tx, self.link, words.theirs))
        if not words.theirs:
            return
        source = source_of(str(self.link.id), data)
        standing = here.standing(record_id, self.link, self.stream.hidden(self.link))
        merged = merge(self.stream, here.rules, standing, words, source)
        change = self.stream.apply(standing.row, merged.values, source) if merged.values else None
        if change:
            self._change(change, here)
        self.plan.refused += [Refused(record_id, merged.refused_fields)] if merged.refused else []
        self.plan.clashes += merged.clashes
        self.plan.agreed |= {(record_id, path): words.theirs[path] for path in merged.agreed if path in standing.open}

    def _change(self, change: Changed, here: Here) -> None:
        """Note a change; a second one of the same record, told by an alias of it, goes on where the first one ended."""
        record_id, changed = change.before["id"], self.plan.changed
        here.rows[record_id] = change.after
        place = self.places.setdefault(record_id, len(changed))
        if place == len(changed):
            changed.append(change)
        else:
            fields = tuple(dict.fromkeys((*changed[place].fields, *change.fields)))
            changed[place] = Changed(changed[place].before, change.after, fields)


def _as_id(reference: str | None) -> UUID | None:
    try:
        return UUID(reference) if reference else None
    except ValueError:
        return None


def _seen(each: Incoming, record_id: UUID, rewritten: Sequence[str] = ()) -> Seen:
    kept = list(rewritten) or None
    return Seen(each.external_id, record_id, each.content_hash, each.version, each.said, kept)

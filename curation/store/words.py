"""Taxonomies as the store keeps them: versions (append-only), what the files hold, drafts, what each judge read.

No file is touched here."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from curation.store import rows
from curation.store.base import StoreBase
from taxonomy.content import content_of, taxonomy_from
from taxonomy.types import DraftStep, Founding, Origin, TaxonomyDraft, TaxonomyVersion

_VERSION = "community, number, version, author, at, message, origin"


class WordStore(StoreBase):
    """Versions and drafts of the words of each community."""

    def taxonomy_versions(self, community: str, limit: int | None = None) -> list[TaxonomyVersion]:
        """The versions, newest first."""
        found = self._rows(
            f"SELECT {_VERSION} FROM taxonomy_versions WHERE community = ? ORDER BY number DESC LIMIT ?",
            [community, -1 if limit is None else limit],
        )
        return [_version_from(r) for r in found]

    def taxonomy_version(self, community: str, number: int | None = None) -> TaxonomyVersion | None:
        """One version; without a number, the last."""
        if number is None:
            return next(iter(self.taxonomy_versions(community, 1)), None)
        found = self._rows(
            f"SELECT {_VERSION} FROM taxonomy_versions WHERE community = ? AND number = ?", [community, number]
        )
        return _version_from(found[0]) if found else None

    def taxonomy_text(self, community: str, number: int) -> str | None:
        """What the file held in that version, byte for byte; None when there is no such version."""
        text: str | None = self._value(
            "SELECT content FROM taxonomy_versions WHERE community = ? AND number = ?", [community, number]
        )
        return text

    def add_taxonomy_version(self, version: TaxonomyVersion, text: str, holds: bool) -> bool:
        """Append a version, the next one of its community; False when somebody was faster.

        ``holds``: the file already says so (otherwise it is about to be written).
        """
        with self.db.atomic():
            last = self.taxonomy_version(version.community)
            if version.number != (last.number if last else 0) + 1:
                return False
            row = {
                "community": version.community,
                "number": version.number,
                "version": version.version,
                "author": version.author,
                "at": rows.time_out(version.at),
                "message": version.message,
                "origin": version.origin.value,
                "content": text,
            }
            self._table("taxonomy_versions").insert(row)
            if holds:
                self.set_taxonomy_file(version.community, version.number)
        return True

    def taxonomy_file(self, community: str) -> int:
        """Number of the version that the file is known to hold; 0 when nobody knows."""
        return int(self._value("SELECT number FROM taxonomy_files WHERE community = ?", [community]) or 0)

    def set_taxonomy_file(self, community: str, number: int) -> None:
        """The file now holds that version."""
        with self.db.atomic():
            self.db.execute(
                """INSERT INTO taxonomy_files (community, number) VALUES (?, ?)
                   ON CONFLICT (community) DO UPDATE SET number = excluded.number""",
                [community, number],
            )

    def taxonomy_draft(self, community: str) -> TaxonomyDraft | None:
        """What is being written for a community."""
        found = self._rows("SELECT * FROM taxonomy_drafts WHERE community = ? AND content IS NOT NULL", [community])
        return _draft_from(found[0]) if found else None

    def save_taxonomy_draft(self, draft: TaxonomyDraft) -> TaxonomyDraft | None:
        """Save what somebody made of the draft they saw (``draft.revision``; 0: there was none).

        Returns it with its new revision; None when the draft moved meanwhile. Steps of revision 0 are new ones;
        ``since`` 0 means: from this revision on.
        """
        with self.db.atomic():
            row = next(iter(self._rows("SELECT * FROM taxonomy_drafts WHERE community = ?", [draft.community])), None)
            open_ = row is not None and row["content"] is not None
            if (row["revision"] if row and open_ else 0) != draft.revision:
                return None
            revision = (row["revision"] if row else 0) + 1
            since = draft.since or revision
            steps = tuple(s if s.revision else replace(s, revision=revision) for s in draft.steps)
            saved = replace(draft, revision=revision, since=since, steps=steps)
            self._table("taxonomy_drafts").upsert(
                {
                    "community": saved.community,
                    "base": saved.base,
                    "content": rows.dumps(content_of(saved.taxonomy)),
                    "steps": rows.dumps([_step_out(s) for s in saved.steps]),
                    "revision": revision,
                    "since": since,
                    "author": saved.author,
                    "at": rows.time_out(saved.at),
                },
                pk="community",
            )
        return saved

    def close_taxonomy_draft(self, community: str, revision: int) -> bool:
        """Give a draft up, or forget it once published; False when it moved meanwhile."""
        with self.db.atomic():
            done = self.db.execute(
                """UPDATE taxonomy_drafts SET content = NULL, steps = '[]', revision = revision + 1
                   WHERE community = ? AND revision = ? AND content IS NOT NULL""",
                [community, revision],
            )
        return bool(done.rowcount)

    def foundings(self) -> list[Founding]:
        """Communities begun here, oldest first."""
        found = self._rows("SELECT community, origin, author, at FROM foundings ORDER BY id")
        return [Founding(r["community"], r["origin"], r["author"], _moment(r["at"])) for r in found]

    def add_founding(self, founding: Founding) -> bool:
        """Append one; False when a community of that id began before."""
        row = {"community": founding.community, "origin": founding.origin, "author": founding.author}
        with self.db.atomic():
            if self._value("SELECT 1 FROM foundings WHERE community = ?", [founding.community]):
                return False
            self._table("foundings").insert({**row, "at": rows.time_out(founding.at)})
        return True

    def communities_with_words(self) -> set[str]:
        """Every community that ever had words here, configured or not: no new one takes its id."""
        return {r["community"] for r in self._rows("SELECT DISTINCT community FROM taxonomy_versions")}

    def taxonomy_number(self, community: str, version: str) -> int | None:
        """Number of the last version of that content (``Taxonomy.version``)."""
        number: int | None = self._value(
            "SELECT MAX(number) FROM taxonomy_versions WHERE community = ? AND version = ?", [community, version]
        )
        return number

    def add_judge(self, version: str, ground: str, words: Mapping[str, str], now: datetime) -> None:
        """Note what a version of the judge read: community -> version of its words; ``ground`` names all the rest.

        Known ones are left alone.
        """
        row = {"version": version, "ground": ground, "words": rows.dumps(dict(words)), "since": rows.time_out(now)}
        with self.db.atomic():
            self._table("judges").insert(row, ignore=True)

    def earlier_judges(self, version: str, ground: str) -> dict[str, dict[str, str]]:
        """Judges of that ground whose judgements still stand, this ``version`` apart, with their words."""
        found = self._rows(
            """SELECT version, words FROM judges WHERE ground = ? AND version <> ?
               AND version IN (SELECT version FROM judgements) ORDER BY since, version""",
            [ground, version],
        )
        return {r["version"]: json.loads(r["words"]) for r in found}

    def articles_judged_by(self, version: str) -> list[str]:
        """Ids of the articles whose judgement is of that version, purged ones apart."""
        found = self._rows(
            """SELECT j.article FROM judgements j JOIN articles a ON a.id = j.article
               WHERE j.version = ? AND NOT a.purged ORDER BY j.article""",
            [version],
        )
        return [r["article"] for r in found]

    def certify(self, articles: Sequence[str], version: str) -> None:
        """The judgements of these articles are what the judge of that version would say."""
        with self.db.atomic():
            for table in ("judgements", "classifications"):
                self.db.conn.executemany(
                    f"UPDATE {table} SET version = ? WHERE article = ?", [(version, a) for a in articles]
                )

    def words_of_judge(self, version: str) -> dict[str, str]:
        """Community -> version of the words (``TaxonomyVersion.version``) that made the judgements, classifications
        and drafts of this ``version``; empty for those older than the history of the words."""
        found = self._value("SELECT words FROM judges WHERE version = ?", [version])
        words: dict[str, str] = json.loads(found) if found else {}
        return words


def _moment(text: str) -> datetime:
    at: datetime | None = rows.time_in(text)
    assert at is not None
    return at


def _version_from(row: rows.Row) -> TaxonomyVersion:
    at, origin = _moment(row["at"]), Origin(row["origin"])
    return TaxonomyVersion(row["community"], row["number"], row["version"], row["author"], at, row["message"], origin)


def _draft_from(row: rows.Row) -> TaxonomyDraft:
    return TaxonomyDraft(
        community=row["community"],
        base=row["base"],
        taxonomy=taxonomy_from(json.loads(row["content"])),
        steps=_steps_in(json.loads(row["steps"])),
        revision=row["revision"],
        since=row["since"],
        author=row["author"],
        at=_moment(row["at"]),
    )


def _step_out(step: DraftStep) -> rows.Row:
    return {
        "operation": step.operation,
        "text": step.text,
        "author": step.author,
        "at": rows.time_out(step.at),
        "revision": step.revision,
    }


def _steps_in(content: Sequence[rows.Row]) -> tuple[DraftStep, ...]:
    return tuple(
        DraftStep(raw["operation"], raw["text"], raw["author"], _moment(raw["at"]), raw["revision"]) for raw in content
    )

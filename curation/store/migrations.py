"""The schema, grown by named migrations. One rule: what a harvest may overwrite and what a person
said never share a table (``reviews`` is append-only; nothing here updates it)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlite_utils import Migrations

if TYPE_CHECKING:
    from sqlite_utils.db import Database

migrations = Migrations("veille")


@migrations()
def m001_harvest(db: Database) -> None:
    """Sources, what HTTP taught us, entries and articles with full-text search."""
    db.executescript(
        """
        CREATE TABLE sources (
            id TEXT PRIMARY KEY, name TEXT NOT NULL, url TEXT NOT NULL, kind TEXT NOT NULL,
            authority REAL NOT NULL, communities TEXT NOT NULL, enabled INTEGER NOT NULL,
            origin TEXT NOT NULL
        ) STRICT;
        CREATE TABLE feed_states (
            source TEXT PRIMARY KEY, etag TEXT, last_modified TEXT, moved_to TEXT,
            failures INTEGER NOT NULL, next_due TEXT, last_success TEXT, last_failure TEXT
        ) STRICT;
        CREATE TABLE entries (
            source TEXT NOT NULL, guid TEXT NOT NULL, url TEXT NOT NULL, title TEXT NOT NULL,
            summary TEXT NOT NULL, content TEXT NOT NULL, published TEXT, updated TEXT,
            authors TEXT NOT NULL, tags TEXT NOT NULL, section TEXT, cited_source TEXT, notes TEXT NOT NULL,
            first_seen TEXT NOT NULL, article TEXT,
            PRIMARY KEY (source, guid)
        ) STRICT;
        CREATE INDEX entries_todo ON entries (first_seen) WHERE article IS NULL;
        CREATE INDEX entries_article ON entries (article);
        CREATE TABLE articles (
            id TEXT PRIMARY KEY, url TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL,
            published TEXT, language TEXT, site TEXT, authors TEXT NOT NULL, origin TEXT NOT NULL,
            failure TEXT, added TEXT NOT NULL, purged INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE INDEX articles_added ON articles (added);
        """
    )
    db.table("articles").enable_fts(["title", "text"], tokenize="unicode61 remove_diacritics 2", create_triggers=True)


@migrations()
def m002_curate(db: Database) -> None:
    """What the night thinks: vectors, fingerprints, judgements, duplicates, drafts."""
    db.executescript(
        """
        CREATE TABLE vectors (
            article TEXT PRIMARY KEY, encoder TEXT NOT NULL, vector BLOB NOT NULL
        ) STRICT;
        CREATE TABLE fingerprints (
            article TEXT PRIMARY KEY, day TEXT NOT NULL, fingerprint BLOB NOT NULL
        ) STRICT;
        CREATE INDEX fingerprints_day ON fingerprints (day);
        CREATE TABLE judgements (
            article TEXT PRIMARY KEY, version TEXT NOT NULL, lead TEXT, proposals TEXT NOT NULL,
            dossier TEXT, dossier_score REAL, kind TEXT NOT NULL, event TEXT, deadline TEXT
        ) STRICT;
        CREATE TABLE classifications (
            article TEXT NOT NULL, community TEXT NOT NULL, version TEXT NOT NULL, score REAL NOT NULL,
            selected INTEGER NOT NULL, evidence TEXT NOT NULL, reasons TEXT NOT NULL,
            PRIMARY KEY (article, community)
        ) STRICT;
        CREATE TABLE duplicates (
            article TEXT PRIMARY KEY, group_id TEXT NOT NULL, role TEXT NOT NULL, of TEXT, score REAL NOT NULL
        ) STRICT;
        CREATE INDEX duplicates_group ON duplicates (group_id);
        CREATE TABLE drafts (
            article TEXT NOT NULL, community TEXT NOT NULL, score REAL NOT NULL, relevance REAL NOT NULL,
            title TEXT NOT NULL, summary TEXT NOT NULL, context TEXT NOT NULL, url TEXT NOT NULL,
            source TEXT NOT NULL, published TEXT, kind TEXT NOT NULL, dossier TEXT, dossier_score REAL NOT NULL,
            keywords TEXT NOT NULL, proposals TEXT NOT NULL, reasons TEXT NOT NULL, event TEXT, deadline TEXT,
            is_lead INTEGER NOT NULL, version TEXT NOT NULL, queued TEXT NOT NULL,
            PRIMARY KEY (article, community)
        ) STRICT;
        CREATE INDEX drafts_rank ON drafts (community, score DESC, article);
        """
    )


@migrations()
def m003_people_and_nights(db: Database) -> None:
    """Verdicts (append-only) and run reports."""
    db.executescript(
        """
        CREATE TABLE reviews (
            id INTEGER PRIMARY KEY, article TEXT NOT NULL, community TEXT NOT NULL, verdict TEXT NOT NULL,
            reviewer TEXT NOT NULL, at TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '', note TEXT NOT NULL DEFAULT ''
        ) STRICT;
        CREATE INDEX reviews_of ON reviews (article, community, id);
        CREATE TRIGGER reviews_never_change BEFORE UPDATE ON reviews
            BEGIN SELECT RAISE(ABORT, 'reviews are append-only'); END;
        CREATE TRIGGER reviews_never_go BEFORE DELETE ON reviews
            BEGIN SELECT RAISE(ABORT, 'reviews are append-only'); END;
        CREATE TABLE runs (
            id INTEGER PRIMARY KEY, started TEXT NOT NULL, finished TEXT, report TEXT NOT NULL
        ) STRICT;
        CREATE TABLE failures (
            id INTEGER PRIMARY KEY, run INTEGER NOT NULL, source TEXT, url TEXT NOT NULL, cause TEXT NOT NULL,
            failure TEXT NOT NULL
        ) STRICT;
        CREATE INDEX failures_run ON failures (run, cause);
        """
    )

namespace SoupsActors.Grains.Storage;

/// <summary>The tables of the data file.</summary>
internal static class SqliteSchema
{
    /// <summary>Format of the file; a program refuses a file of a newer one.</summary>
    public const int Version = 2;

    /// <summary>Creates what is missing.</summary>
    public const string Create = """
        CREATE TABLE IF NOT EXISTS grain_state (
            grain_id   TEXT NOT NULL,
            state_name TEXT NOT NULL,
            etag       TEXT NOT NULL,
            schema     INTEGER NOT NULL,
            json       TEXT NOT NULL,
            PRIMARY KEY (grain_id, state_name)
        ) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS reminder (
            grain_id TEXT NOT NULL,
            name     TEXT NOT NULL,
            hash     INTEGER NOT NULL,
            start_at TEXT NOT NULL,
            period   INTEGER NOT NULL,
            etag     TEXT NOT NULL,
            PRIMARY KEY (grain_id, name)
        ) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS interaction (
            id     TEXT PRIMARY KEY,
            user   TEXT,
            at     INTEGER NOT NULL,
            schema INTEGER NOT NULL,
            json   TEXT NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS interaction_by_user ON interaction (user, at);
        CREATE INDEX IF NOT EXISTS interaction_by_age ON interaction (at);
        CREATE TABLE IF NOT EXISTS feedback (
            position    INTEGER PRIMARY KEY AUTOINCREMENT,
            user        TEXT NOT NULL,
            operation   TEXT NOT NULL,
            fingerprint TEXT NOT NULL,
            kind        TEXT NOT NULL,
            preference  TEXT NOT NULL,
            topic       TEXT,
            comparisons INTEGER NOT NULL,
            received_at INTEGER NOT NULL,
            schema      INTEGER NOT NULL,
            event       TEXT NOT NULL,
            context     TEXT,
            UNIQUE (user, operation)
        );
        CREATE INDEX IF NOT EXISTS feedback_by_user ON feedback (user, position);
        CREATE INDEX IF NOT EXISTS feedback_by_preference ON feedback (preference, position, kind, comparisons);
        CREATE INDEX IF NOT EXISTS feedback_by_topic ON feedback (topic, position) WHERE topic IS NOT NULL;
        """;
}

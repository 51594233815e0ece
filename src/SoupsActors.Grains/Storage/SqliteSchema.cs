namespace SoupsActors.Grains.Storage;

/// <summary>The tables of the data file.</summary>
internal static class SqliteSchema
{
    /// <summary>Format of the file; a program refuses a file of a newer one.</summary>
    public const int Version = 1;

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
        """;
}

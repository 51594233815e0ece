using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace SoupsActors.Grains.Storage;

/// <summary>
/// One SQLite file with many readers and one writing thread. Writes that arrive while the disk is busy become one
/// transaction (group commit), so a flush is paid once for all of them; none is acknowledged before its transaction is
/// on disk.
/// </summary>
public sealed class SqliteDatabase : IDisposable
{
    private const int ApplicationId = 0x534F5550; // "SOUP", so that `file` and a mistaken path can tell
    private const int LargestBatch = 512;

    private readonly BlockingCollection<IWork> queue = [];
    private readonly ConcurrentBag<SqliteSession> idleReaders = [];
    private readonly string connectionString;
    private readonly SqliteSession writer;
    private readonly Thread thread;
    private int disposed;

    static SqliteDatabase() => SQLitePCL.Batteries_V2.Init();

    private SqliteDatabase(string path)
    {
        Path = path;
        connectionString = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString();
        writer = OpenSession();
        try
        {
            Prepare(writer, path);
        }
        catch
        {
            writer.Dispose();
            throw;
        }

        thread = new Thread(WriteLoop) { IsBackground = true, Name = "soups-sqlite-writer" };
        thread.Start();
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Transactions committed so far; with the number of writes it tells how well they group.</summary>
    public long Commits { get; private set; }

    /// <summary>Opens the file, or creates it with all its tables.</summary>
    /// <exception cref="InvalidDataException">The file is another program's, or of a newer version of this
    /// one.</exception>
    public static SqliteDatabase Open(string path) => new(System.IO.Path.GetFullPath(path));

    /// <summary>Runs one read on a thread of the pool; it sees every write acknowledged before.</summary>
    public Task<T> ReadAsync<T>(Func<SqliteSession, T> read) => Task.Run(() =>
    {
        ObjectDisposedException.ThrowIf(disposed != 0, this);
        var session = idleReaders.TryTake(out var idle) ? idle : OpenSession();
        try
        {
            return read(session);
        }
        finally
        {
            idleReaders.Add(session);
            if (disposed != 0)
                CloseReaders();
        }
    });

    /// <summary>
    /// Runs one write in the next transaction. The task completes after the commit has reached the disk; a write that
    /// throws is undone alone and leaves the others of its transaction standing.
    /// </summary>
    public Task<T> WriteAsync<T>(Func<SqliteSession, T> write)
    {
        var work = new Work<T>(write);
        try
        {
            queue.Add(work);
        }
        catch (InvalidOperationException error)
        {
            throw new ObjectDisposedException($"{Path} is closed.", error);
        }

        return work.Task;
    }

    /// <summary>Finishes the writes that were handed in, then closes the file.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0)
            return;
        queue.CompleteAdding();
        thread.Join();
        CloseReaders();
        writer.Dispose();
        queue.Dispose();
    }

    private void WriteLoop()
    {
        var batch = new List<IWork>(LargestBatch);
        foreach (var first in queue.GetConsumingEnumerable())
        {
            batch.Add(first);
            while (batch.Count < LargestBatch && queue.TryTake(out var next))
                batch.Add(next);
            Commit(batch);
            batch.Clear();
        }
    }

    private void Commit(List<IWork> batch)
    {
        try
        {
            writer.Execute("BEGIN IMMEDIATE");
            foreach (var work in batch)
            {
                writer.Execute("SAVEPOINT one");
                if (!work.Run(writer))
                    writer.Execute("ROLLBACK TO one");
                writer.Execute("RELEASE one");
            }

            writer.Execute("COMMIT");
            Commits++;
        }
        catch (SqliteException error)
        {
            // A disk that is full or gone: nothing of this transaction may count as written.
            TryRollBack();
            foreach (var work in batch)
                work.Fail(error);
            return;
        }

        foreach (var work in batch)
            work.Acknowledge();
    }

    private void TryRollBack()
    {
        try
        {
            writer.Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
            // SQLite rolls back by itself on some errors; then there is no transaction left to end.
        }
    }

    private SqliteSession OpenSession()
    {
        var connection = new SqliteConnection(connectionString);
        try
        {
            connection.Open();
            var session = new SqliteSession(connection);
            session.Execute("PRAGMA busy_timeout = 5000");
            session.Execute("PRAGMA synchronous = FULL");
            return session;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private void CloseReaders()
    {
        while (idleReaders.TryTake(out var session))
            session.Dispose();
    }

    private static void Prepare(SqliteSession session, string path)
    {
        var application = session.Number("PRAGMA application_id");
        var version = session.Number("PRAGMA user_version");
        var tables = session.Number("SELECT COUNT(*) FROM sqlite_master");
        if (application != ApplicationId && (tables > 0 || application != 0))
            throw new InvalidDataException($"{path} is a database of another program. Choose another data directory.");
        if (version > SqliteSchema.Version)
        {
            throw new InvalidDataException(
                $"{path} has format {version}; this program knows up to {SqliteSchema.Version}. Use a newer program.");
        }

        session.Execute("PRAGMA journal_mode = WAL");
        session.Execute(SqliteSchema.Create);
        session.Execute($"PRAGMA application_id = {ApplicationId}");
        session.Execute($"PRAGMA user_version = {SqliteSchema.Version}");
    }

    private interface IWork
    {
        bool Run(SqliteSession session);

        void Acknowledge();

        void Fail(Exception error);
    }

    private sealed class Work<T>(Func<SqliteSession, T> write) : IWork
    {
        private readonly TaskCompletionSource<T> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T result = default!;
        private Exception? failure;

        public Task<T> Task => completion.Task;

        public bool Run(SqliteSession session)
        {
            try
            {
                result = write(session);
                return true;
            }
            catch (Exception error)
            {
                failure = error;
                return false;
            }
        }

        public void Acknowledge()
        {
            if (failure is null)
                completion.SetResult(result);
            else
                completion.SetException(failure);
        }

        public void Fail(Exception error) => completion.SetException(failure ?? error);
    }
}

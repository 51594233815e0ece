using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace SoupsActors.Testing.PostgreSql;

/// <summary>
/// A PostgreSQL server of its own on a free port of this machine, which a test may stop, kill and start again. It ends
/// with the test process. Where PostgreSQL is not installed, starting one skips the test.
/// </summary>
public sealed class PostgreSqlServer : IAsyncDisposable
{
    /// <summary>The superuser and its password.</summary>
    public const string User = "soups", Password = "soup of the day";

    private readonly TemporaryFolder folder = new();
    private readonly PostgreSqlPrograms programs;
    private readonly string[] settings;
    private Process? process;
    private int databases;

    private PostgreSqlServer(PostgreSqlPrograms programs, string[] settings)
    {
        this.programs = programs;
        this.settings = settings;
    }

    /// <summary>Where it listens, on 127.0.0.1; the same after each start.</summary>
    public int Port { get; } = FreePort();

    private string Data => folder["data"];

    /// <summary>Creates and starts a server, or skips the test where there are no programs for it.</summary>
    /// <param name="settings">
    /// Settings such as <c>max_connections=20</c>. By default it does not wait for the disk, which a test that kills
    /// processes, not machines, cannot tell.
    /// </param>
    public static async Task<PostgreSqlServer> StartAsync(params string[] settings)
    {
        var server = new PostgreSqlServer(PostgreSqlPrograms.Require(), settings);
        try
        {
            await server.CreateAsync();
            await server.StartAgainAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>How to reach a database.</summary>
    public string ConnectionString(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = Port,
        Username = User,
        Password = Password,
        Database = database,
    }.ToString();

    /// <summary>Creates an empty database and tells how to reach it.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"test{Interlocked.Increment(ref databases)}";
        await ExecuteAsync($"CREATE DATABASE {name}");
        return ConnectionString(name);
    }

    /// <summary>Runs statements as the superuser.</summary>
    public async Task ExecuteAsync(string sql, string database = "postgres")
    {
        await using var connection = new NpgsqlConnection(ConnectionString(database) + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Ends the sessions of all others on a database, which was made for one test.</summary>
    public Task EndSessionsAsync(string connectionString) => ExecuteAsync(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            + $"WHERE datname = '{new NpgsqlConnectionStringBuilder(connectionString).Database}'");

    /// <summary>Dumps a database and restores the dump into a new one, as a backup does; tells how to reach that.</summary>
    public async Task<string> RestoreCopyAsync(string connectionString)
    {
        var copy = await CreateDatabaseAsync();
        var dump = folder[$"data/dump{databases}"];
        var from = new NpgsqlConnectionStringBuilder(connectionString).Database!;
        await programs.RunAsync("pg_dump", "-d", Uri(from), "-Fc", "-f", dump);
        await programs.RunAsync("pg_restore", "-d", Uri(new NpgsqlConnectionStringBuilder(copy).Database!), dump);
        return copy;

        string Uri(string database) =>
            $"postgresql://{User}:{System.Uri.EscapeDataString(Password)}@127.0.0.1:{Port}/{database}";
    }

    /// <summary>Ends all connections and stops the server in good order.</summary>
    public Task StopAsync() => StopAsync("fast");

    /// <summary>Ends the server as a crash would; the next start recovers from its log.</summary>
    public Task KillAsync() => StopAsync("immediate");

    /// <summary>Starts the server with the data it had; done when it takes connections.</summary>
    public async Task StartAgainAsync()
    {
        if (process is not null)
            throw new InvalidOperationException("The server runs.");
        string[] all =
        [
            $"port={Port.ToString(CultureInfo.InvariantCulture)}", "listen_addresses=127.0.0.1",
            "unix_socket_directories=", "fsync=off", "shared_buffers=32MB", .. settings,
        ];
        var started = programs.StartServer(["-D", Data, .. all.SelectMany(setting => new[] { "-c", setting })]);
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var log = new List<string>();
        started.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is null)
                ready.TrySetException(new InvalidOperationException("PostgreSQL ended: " + string.Join('\n', log)));
            else if (line.Data.Contains("ready to accept connections", StringComparison.Ordinal))
                ready.TrySetResult();
            else
                log.Add(line.Data);
        };
        process = started;
        started.BeginErrorReadLine();
        started.BeginOutputReadLine();
        await ready.Task;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        folder.Dispose();
    }

    private async Task StopAsync(string mode)
    {
        if (process is not { } running)
            return;
        process = null;
        if (!running.HasExited)
            await programs.RunAsync("pg_ctl", "stop", "-D", Data, "-m", mode, "-w");
        await running.WaitForExitAsync();
        running.Dispose();
    }

    private async Task CreateAsync()
    {
        Directory.CreateDirectory(Data);
        var password = folder["password"];
        await File.WriteAllTextAsync(password, Password);
        await PostgreSqlPrograms.HandOverAsync(folder.Path);
        await PostgreSqlPrograms.HandOverAsync(Data);
        await programs.RunAsync(
            "initdb", "-D", Data, "-U", User, "-A", "scram-sha-256", $"--pwfile={password}", "-E", "UTF8", "--no-locale",
            "--no-sync");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

using System.Diagnostics;
using System.Globalization;
using SoupsActors.Testing;

namespace SoupsActors.Cluster.Tests.Processes;

/// <summary>A Redis server of its own on a free port of this machine; it ends with the test process.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private readonly Process process;

    private RedisServer(Process process, int port)
    {
        this.process = process;
        Address = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
    }

    /// <summary>Host and port.</summary>
    public string Address { get; }

    /// <summary>The settings of a silo, or of a client, that finds the others there.</summary>
    public string[] Settings =>
    [
        "--Soups:Cluster:Membership=Configuration",
        "--Orleans:Clustering:ProviderType=Redis",
        $"--Orleans:Clustering:ConnectionString={Address}",
    ];

    /// <summary>Whether this build has Orleans' provider for Redis.</summary>
    public static bool IsInBuild => File.Exists(Path.Combine(AppContext.BaseDirectory, "Orleans.Clustering.Redis.dll"));

    /// <summary>Starts a server, or skips the test where it, or the provider, is missing.</summary>
    public static async Task<RedisServer> StartAsync(CancellationToken cancellationToken)
    {
        Assert.SkipUnless(IsInBuild, "This build has no provider for Redis; build with -p:OrleansRedis=true.");
        var found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, "redis-server"))
            .FirstOrDefault(File.Exists);
        Assert.SkipWhen(found is null, "Redis is not installed: no redis-server on the PATH.");
        var port = SiloProcess.FreePort();
        var started = WatchedProcess.Start(
            "TERM", found!, "--port", port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "",
            "--appendonly", "no");
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        started.OutputDataReceived += (_, line) =>
        {
            if (line.Data is null)
                ready.TrySetException(new InvalidOperationException("Redis ended before it was ready."));
            else if (line.Data.Contains("Ready to accept connections", StringComparison.Ordinal))
                ready.TrySetResult();
        };
        started.BeginOutputReadLine();
        started.BeginErrorReadLine();
        var server = new RedisServer(started, port);
        await ready.Task.WaitAsync(cancellationToken);
        return server;
    }

    public async Task StopAsync()
    {
        // The shell that watches for the end of this pipe ends the server.
        process.StandardInput.Close();
        await process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        process.Dispose();
    }
}

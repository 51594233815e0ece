using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using SoupsActors.Silo.Hosting;
using SoupsActors.Testing.Hosting;

namespace SoupsActors.Silo.Tests;

/// <summary>The real program as a process of its own, which a test may kill.</summary>
internal sealed partial class ServerProcess : IDisposable
{
    private readonly Process process;

    private ServerProcess(Process process, string url)
    {
        this.process = process;
        Http = new HttpClient { BaseAddress = new Uri(url) };
    }

    public HttpClient Http { get; }

    /// <summary>Starts the program on a free port and waits until its model is loaded.</summary>
    public static async Task<ServerProcess> StartAsync(string model, string data, params string[] settings)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList =
            {
                typeof(SoupsHost).Assembly.Location,
                "--urls", "http://127.0.0.1:0",
                $"--Soups:Model={model}",
                $"--Soups:DataDirectory={data}",
                "--Soups:Threads=1",
            },
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        foreach (var setting in (string[])[.. LocalSilo.Ports(), .. settings])
            start.ArgumentList.Add(setting);
        var started = Process.Start(start)!;
        var url = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        string? found = null;
        var isReady = false;
        started.OutputDataReceived += (_, output) =>
        {
            var line = output.Data ?? "";
            found ??= ListeningOn().Match(line) is { Success: true } match ? match.Value : null;
            isReady |= line.Contains("Ready:", StringComparison.Ordinal);
            if (found is not null && isReady)
                url.TrySetResult(found);
            if (output.Data is null)
                url.TrySetException(new InvalidOperationException("The server ended before it was ready."));
        };
        started.BeginOutputReadLine();
        return new ServerProcess(started, await url.Task.WaitAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>SIGKILL: nothing is flushed, nobody says good-bye.</summary>
    public void Kill() => process.Kill();

    /// <summary>The same, and waits until the process is gone.</summary>
    public async Task KillAsync()
    {
        Kill();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>SIGTERM, as container hosts stop a program.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> StopAsync()
    {
        using (var kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode;
    }

    public void Dispose()
    {
        Http.Dispose();
        if (!process.HasExited)
            process.Kill();
        process.Dispose();
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+")]
    private static partial Regex ListeningOn();
}

using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using SoupsActors.Silo.Hosting;

namespace SoupsActors.Cluster.Tests.Processes;

/// <summary>One silo as a process of its own, with its ports, its data and its log, through any number of lives.</summary>
internal sealed class SiloProcess : IAsyncDisposable
{
    private string[] settings;
    private readonly string log;
    private Process? process;

    public SiloProcess(string name, string folder, params string[] settings)
    {
        Name = name;
        this.settings = settings;
        log = Path.Combine(folder, name + ".log");
        Data = Path.Combine(folder, name);
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{HttpPort}"), Timeout = TimeSpan.FromMinutes(1) };
    }

    public string Name { get; }

    /// <summary>Variables of its environment beside those of the tests.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    public string Data { get; }

    public HttpClient Http { get; }

    public bool IsRunning => process is { HasExited: false };

    /// <summary>Processor time that the process has taken so far.</summary>
    public TimeSpan Processor
    {
        get
        {
            process!.Refresh();
            return process.TotalProcessorTime;
        }
    }

    public string Url => $"http://127.0.0.1:{HttpPort}";

    private int HttpPort { get; } = FreePort();

    private int SiloPort { get; } = FreePort();

    private int GatewayPort { get; } = FreePort();

    /// <summary>Starts the program; <see cref="ReadyAsync"/> waits until it answers.</summary>
    /// <param name="more">Further settings, for this life and those that follow.</param>
    public void Start(params string[] more)
    {
        settings = [.. settings, .. more];
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList =
            {
                typeof(SoupsHost).Assembly.Location,
                "--urls", Url,
                $"--Soups:DataDirectory={Data}",
                "--Soups:Threads=1",
                "--Soups:Cluster:AdvertisedAddress=127.0.0.1",
                string.Create(CultureInfo.InvariantCulture, $"--Soups:Cluster:SiloPort={SiloPort}"),
                string.Create(CultureInfo.InvariantCulture, $"--Soups:Cluster:GatewayPort={GatewayPort}"),
            },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var setting in settings)
            start.ArgumentList.Add(setting);
        foreach (var (variable, value) in Environment)
            start.Environment[variable] = value;
        process?.Dispose();
        process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Write(line.Data);
        process.ErrorDataReceived += (_, line) => Write(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Waits until the silo says that it is ready.</summary>
    /// <exception cref="InvalidOperationException">It ended before; the end of its log says why.</exception>
    public async Task ReadyAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (process is { HasExited: true })
                throw new InvalidOperationException($"The silo {Name} ended:\n{LogTail()}");
            try
            {
                using var answer = await Http.GetAsync("/health/ready", cancellationToken);
                if (answer.IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
        }
    }

    /// <summary>Waits until the program ends by itself.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> EndAsync(CancellationToken cancellationToken)
    {
        await process!.WaitForExitAsync(cancellationToken);
        return process.ExitCode;
    }

    /// <summary>SIGKILL: nothing is flushed, nobody says good-bye.</summary>
    public async Task KillAsync()
    {
        process!.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, and waits for the end.</summary>
    public async Task StopAsync()
    {
        using (var kill = Process.Start("kill", ["-TERM", process!.Id.ToString(CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync();
        await process.WaitForExitAsync();
    }

    /// <summary>The last lines of its log.</summary>
    public string LogTail()
    {
        lock (log)
            return File.Exists(log) ? string.Join('\n', File.ReadLines(log).TakeLast(40)) : "(it has said nothing)";
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (process is null)
            return;
        if (!process.HasExited)
            await KillAsync();
        process.Dispose();
    }

    private void Write(string? line)
    {
        if (line is null)
            return;
        lock (log)
            File.AppendAllLines(log, [line]);
    }

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

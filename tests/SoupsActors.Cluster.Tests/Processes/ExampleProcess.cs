using System.Diagnostics;
using System.Text;

namespace SoupsActors.Cluster.Tests.Processes;

/// <summary>One of the example applications as a process of its own.</summary>
internal sealed class ExampleProcess : IAsyncDisposable
{
    private readonly StringBuilder errors = new();
    private readonly Process process;
    private readonly Task<string> output;

    public ExampleProcess(IEnumerable<string> arguments)
    {
        process = Process.Start(new ProcessStartInfo(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "soups-example.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        process.ErrorDataReceived += (_, line) => errors.AppendLine(line.Data);
        process.BeginErrorReadLine();
        output = process.StandardOutput.ReadToEndAsync();
    }

    /// <summary>What it has written to standard error; complete after its end.</summary>
    public string Errors => errors.ToString();

    /// <summary>Waits until it ends by itself.</summary>
    public async Task<(int Code, string Output)> EndAsync(CancellationToken cancellationToken)
    {
        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode, await output);
    }

    /// <summary>Waits until it answers, with whatever status.</summary>
    public async Task ListensAsync(HttpClient http, CancellationToken cancellationToken)
    {
        while (!process.HasExited)
        {
            try
            {
                using var answer = await http.GetAsync("/", cancellationToken);
                return;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
            }
        }

        throw new InvalidOperationException($"The example ended: {Errors}");
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }
}

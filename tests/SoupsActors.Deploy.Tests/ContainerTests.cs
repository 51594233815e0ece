using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;
using SoupsActors.Silo.Hosting;
using SoupsActors.Testing;
using static SoupsActors.Deploy.Tests.DeployFolder;

namespace SoupsActors.Deploy.Tests;

/// <summary>The image's instructions, and the program as the image starts it.</summary>
public sealed partial class ContainerTests
{
    private static readonly string Containerfile = Text("Containerfile");

    [Fact]
    public void The_image_runs_the_program_that_is_built_as_a_user_without_rights()
    {
        var program = Path.GetFileName(typeof(SoupsHost).Assembly.Location);
        Assert.Contains($"ENTRYPOINT [\"dotnet\", \"{program}\"]", Containerfile, StringComparison.Ordinal);
        Assert.Contains("\nUSER 1654\n", Containerfile, StringComparison.Ordinal);
        Assert.Contains("ARG ACTOR_HOST=Orleans", Containerfile, StringComparison.Ordinal);
        var stages = Stages().Matches(Containerfile);
        Assert.Equal(2, stages.Count);
        Assert.EndsWith("-chiseled", stages[^1].Groups[1].Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Ports_that_manifests_name_are_exposed() => Assert.All(
        Workloads.SelectMany(w => At<IList<object>>(w, "spec/template/spec/containers/0/ports"))
            .Select(port => At<string>(port, "containerPort")).Distinct(),
        port => Assert.Contains(port, Exposed().Match(Containerfile).Value.Split(' ')));

    [Fact]
    public async Task The_program_starts_with_the_images_settings_and_its_own_probe_finds_it_healthy()
    {
        using var data = new TemporaryFolder();
        using var free = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var url = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}";
        free.Stop();
        Assert.NotEqual(0, (await ProbeAsync("live", url)).Code);

        using var server = Start(url, data.Path);
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server.OutputDataReceived += (_, line) =>
        {
            if (line.Data is null)
                ready.TrySetException(new InvalidOperationException("The server ended before it was ready."));
            else if (line.Data.Contains("Ready:", StringComparison.Ordinal))
                ready.TrySetResult();
        };
        server.BeginOutputReadLine();
        try
        {
            await ready.Task.WaitAsync(TestContext.Current.CancellationToken);
            foreach (var check in (string[])["live", "ready", "startup"])
                Assert.Equal(0, (await ProbeAsync(check, url)).Code);
            Assert.Equal(2, (await ProbeAsync("well", url)).Code);
        }
        finally
        {
            server.Kill();
            await server.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }

    [Theory]
    [InlineData("http://+:5080", "http://127.0.0.1:5080/health/live")]
    [InlineData("http://*:80;http://[::1]:81", "http://127.0.0.1/health/live")]
    [InlineData("http://localhost:5081", "http://127.0.0.1:5081/health/live")]
    public void The_probe_asks_this_machine_whatever_the_server_listens_on(string urls, string asked) =>
        Assert.Equal(new Uri(asked), HealthProbe.Address(urls, "live"));

    private static Process Start(string url, string data, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList = { typeof(SoupsHost).Assembly.Location },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            Environment = { ["ASPNETCORE_URLS"] = url, ["Soups__DataDirectory"] = data, ["Soups__Threads"] = "1" },
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    private static async Task<(int Code, string Output)> ProbeAsync(string check, string url)
    {
        using var probe = Start(url, "", "--probe", check);
        var output = await probe.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await probe.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (probe.ExitCode, output);
    }

    [GeneratedRegex("^FROM (\\S+)", RegexOptions.Multiline)]
    private static partial Regex Stages();

    [GeneratedRegex("(?<=^EXPOSE )[0-9 ]+", RegexOptions.Multiline)]
    private static partial Regex Exposed();
}

using SoupsActors.Testing;

namespace SoupsActors.Silo.Tests;

/// <summary>The real program, asked to end.</summary>
public sealed class StopTests
{
    [Fact]
    public async Task a_server_that_is_told_to_stop_ends_with_success()
    {
        using var folder = new TemporaryFolder();
        TinyModel.Create(folder["model"]);
        using var server = await ServerProcess.StartAsync(folder["model"], folder["data"]);
        Assert.Equal(0, await server.StopAsync());
    }
}

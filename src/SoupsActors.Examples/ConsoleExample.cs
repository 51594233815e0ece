using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SoupsActors.Client.Cluster;
using SoupsActors.Generation;

namespace SoupsActors.Examples;

/// <summary>A console application: asks one question in a user's name and prints the answer as it comes.</summary>
internal static class ConsoleExample
{
    public static async Task<int> AskAsync(string user, string question, string[] settings)
    {
        var builder = Host.CreateApplicationBuilder(settings);

        // The answer is what it prints; what the connection has to say comes beside it.
        builder.Logging.ClearProviders()
            .SetMinimumLevel(LogLevel.Warning)
            .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.AddSoupsClient();
        using var host = builder.Build();
        await host.StartAsync();
        var alice = host.Services.GetRequiredService<SoupsCluster>().User(user);
        var profile = await alice.GetProfileAsync();
        Console.WriteLine($"{user}'s mix: {string.Join(", ", profile.Profile.Mix.Select(m => $"{m.Key} {m.Value}"))}");
        await foreach (var piece in alice.StreamAsync(new TextRequest { Messages = [new("user", question)] }))
            Console.Write(piece.Text);
        Console.WriteLine();
        await host.StopAsync();
        return 0;
    }
}

using System.CommandLine;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using SoupsActors.Client;

namespace SoupsActors.Cli.Commands;

/// <summary>The options of every command that talks to a silo.</summary>
internal sealed class SiloOptions
{
    private readonly Option<string> url = new("--url")
    {
        Description = "Address of the silo; the environment variable SOUPS_URL is the default.",
        DefaultValueFactory = _ =>
            Environment.GetEnvironmentVariable("SOUPS_URL") ?? new SoupsClientOptions().Endpoint.ToString(),
    };

    private readonly Option<string?> key = new("--api-key")
    {
        Description = "The key the silo asks for; the environment variable SOUPS_API_KEY is the default.",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("SOUPS_API_KEY"),
    };

    /// <summary>Print JSON instead of text.</summary>
    public static Option<bool> Json() => new("--json") { Description = "Print JSON, one document a line." };

    public Command AddTo(Command command)
    {
        command.Options.Add(url);
        command.Options.Add(key);
        return command;
    }

    public ServiceProvider Connect(ParseResult parsed)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        services.AddSoupsClient(o =>
        {
            o.Endpoint = Url(parsed);
            o.ApiKey = parsed.GetValue(key);
            o.Attempts = 2;
        });
        return services.BuildServiceProvider();
    }

    public Uri Url(ParseResult parsed) => Uri.TryCreate(parsed.GetRequiredValue(url), UriKind.Absolute, out var address)
        ? address
        : throw new ArgumentException(
            $"'{parsed.GetRequiredValue(url)}' is no address; write it like {new SoupsClientOptions().Endpoint}.");
}

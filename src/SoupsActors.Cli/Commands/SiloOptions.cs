using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using SoupsActors.Client;

namespace SoupsActors.Cli.Commands;

/// <summary>The options of every command that talks to a silo.</summary>
internal sealed class SiloOptions
{
    private const double LongestTimeout = 24 * 3600;

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

    private readonly Option<double> timeout = new("--timeout")
    {
        Description = "Seconds until an answer must begin.",
        DefaultValueFactory = _ => new SoupsClientOptions().Timeout.TotalSeconds,
    };

    /// <summary>Print JSON instead of text.</summary>
    public static Option<bool> Json() => new("--json") { Description = "Print JSON, one document a line." };

    public Command AddTo(Command command)
    {
        command.Options.Add(url);
        command.Options.Add(key);
        command.Options.Add(timeout);
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
            o.Timeout = Timeout(parsed);
            o.Attempts = 2;
        });
        return services.BuildServiceProvider();
    }

    /// <exception cref="OptionsValidationException">It is no address of a silo.</exception>
    public Uri Url(ParseResult parsed) =>
        // localhost:5080 is an address by its form, one whose scheme is localhost.
        Uri.TryCreate(parsed.GetRequiredValue(url), UriKind.Absolute, out var address)
        && address is { Scheme: "http" or "https", Host.Length: > 0 }
            ? address
            : throw Wrong(
                $"'{parsed.GetRequiredValue(url)}' is no address of a silo; "
                + $"write --url or SOUPS_URL like {new SoupsClientOptions().Endpoint}");

    private TimeSpan Timeout(ParseResult parsed) => parsed.GetValue(timeout) is > 0 and <= LongestTimeout and var seconds
        ? TimeSpan.FromSeconds(seconds)
        : throw Wrong(string.Create(CultureInfo.InvariantCulture, $"--timeout is more than 0 and at most {LongestTimeout} seconds."));

    private static OptionsValidationException Wrong(string failure) =>
        new(SoupsClientOptions.Section, typeof(SoupsClientOptions), [failure]);
}

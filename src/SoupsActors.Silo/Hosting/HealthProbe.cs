namespace SoupsActors.Silo.Hosting;

/// <summary>
/// Asks a server on this machine how it is, for containers that have no other program to do it:
/// <c>--probe live|ready|startup</c>, with the server's own settings.
/// </summary>
internal static class HealthProbe
{
    private const string Flag = "--probe";

    /// <summary>Longer than container runtimes wait: how long is too long is theirs to say.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Whether the command line asks for a probe rather than a server.</summary>
    public static bool IsAsked(string[] args) => args.Length > 0 && args[0] == Flag;

    /// <returns>0 where the server says that all is well, 1 where it does not or does not answer, 2 for a wrong
    /// command line.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        if (args.Length != 2 || args[1] is not ("live" or "ready" or "startup"))
        {
            await Console.Error.WriteLineAsync($"Say what to ask for: {Flag} live, ready or startup.");
            return 2;
        }

        var urls = Environment.GetEnvironmentVariable("ASPNETCORE_URLS") ?? SoupsHost.DefaultUrl;
        using var http = new HttpClient { Timeout = Patience };
        try
        {
            using var answer = await http.GetAsync(Address(urls, args[1]));
            await Console.Out.WriteLineAsync(await answer.Content.ReadAsStringAsync());
            return answer.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException)
        {
            await Console.Error.WriteLineAsync($"No answer: {error.Message}");
            return 1;
        }
    }

    /// <summary>Where to ask: the first address that the server listens on, on this machine.</summary>
    internal static Uri Address(string urls, string check)
    {
        var first = BindingAddress.Parse(urls.Split(';')[0]);
        return new UriBuilder(first.Scheme, "127.0.0.1", first.Port, $"/health/{check}").Uri;
    }
}

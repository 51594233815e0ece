namespace SoupsActors.Grains.Experts;

/// <summary>Where the weights of experts lie, and where those of other silos are fetched.</summary>
public sealed class ExpertFileOptions
{
    /// <summary>Shortest time that unused weights may be kept: requests may hold a lease for half of it.</summary>
    public static readonly TimeSpan ShortestRetention = TimeSpan.FromMinutes(20);

    /// <summary>
    /// A directory that all silos share, a network file system for example; by default each silo keeps what it uses in
    /// its data directory.
    /// </summary>
    public string? Directory { get; set; }

    /// <summary>
    /// Where other silos listen, such as <c>http://generators:5080</c>; a name with several addresses stands for all of
    /// them. Weights that are not here are fetched from there.
    /// </summary>
    public string[] Peers { get; set; } = [];

    /// <summary>How long weights stay that no version, training or request uses any more, at least 20 minutes.</summary>
    public TimeSpan UnusedRetention { get; set; } = TimeSpan.FromHours(1);

    /// <summary>What is wrong: each setting with its value and what it takes.</summary>
    public IEnumerable<(string Setting, object? Value, string Range)> Problems()
    {
        if (Directory is not null && File.Exists(Directory))
            yield return (nameof(Directory), Directory, "a directory, not a file");
        foreach (var peer in Peers)
        {
            if (!Uri.TryCreate(peer, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
                yield return (nameof(Peers), peer, "a list of URLs such as http://generators:5080");
        }

        if (UnusedRetention < ShortestRetention)
            yield return (nameof(UnusedRetention), UnusedRetention, $"at least {ShortestRetention}");
    }
}

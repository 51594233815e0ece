using SoupsActors.Placement;

namespace SoupsActors.Simulation;

/// <summary>How the length of answers varies.</summary>
public enum AnswerLengths
{
    /// <summary>Exponentially, as chat does nearly.</summary>
    Exponential,

    /// <summary>Not at all.</summary>
    Fixed,
}

/// <summary>How a generator is chosen for a request.</summary>
public enum ChoicePolicy
{
    /// <summary>Any generator, whatever it does and holds.</summary>
    Random,

    /// <summary>The one with least to do of all, as last reported.</summary>
    LeastLoaded,

    /// <summary>The less loaded of two at random.</summary>
    TwoChoices,

    /// <summary>What the runtime does: <see cref="GeneratorChoice"/>, which knows where experts are.</summary>
    Residency,
}

/// <summary>A cluster, its users and what they ask. Every field is recorded in the results.</summary>
public sealed record SimulationOptions
{
    /// <summary>Seed of everything random.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Generator silos, 1 to 65536.</summary>
    public int Silos { get; init; } = 64;

    /// <summary>Users, at least 1.</summary>
    public int Users { get; init; } = 10_000_000;

    /// <summary>How unevenly users ask: the exponent of Zipf's law over users, not negative.</summary>
    public double UserExponent { get; init; } = 0.8;

    /// <summary>Experts there are, at least 1.</summary>
    public int Experts { get; init; } = 1000;

    /// <summary>How unevenly experts are liked: the exponent of Zipf's law over experts, not negative.</summary>
    public double ExpertExponent { get; init; } = 1;

    /// <summary>Experts of a user's mix, 0 to <see cref="Experts"/>.</summary>
    public int ExpertsPerMix { get; init; } = 3;

    /// <summary>Experts a device holds at once (Soups:Engine:MaxResidentExperts), at least a mix.</summary>
    public int Slots { get; init; } = 128;

    /// <summary>Experts a silo keeps in its memory, at least a mix.</summary>
    public int CachedExperts { get; init; } = 256;

    /// <summary>Rows a device decodes at once (Soups:Engine:MaxSequences), at least 1.</summary>
    public int Rows { get; init; } = 128;

    /// <summary>Requests a silo lets wait (Soups:Engine:QueueLimit), at least 1.</summary>
    public int QueueLimit { get; init; } = 1024;

    /// <summary>How a generator is chosen.</summary>
    public ChoicePolicy Policy { get; init; } = ChoicePolicy.Residency;

    /// <summary>
    /// Whether experts have homes, as in the runtime: silos where they count as held, more of them while they are hot.
    /// </summary>
    public bool Homes { get; init; } = true;

    /// <summary>
    /// Keys of the generators, for a real cluster: which silo is an expert's home follows from them. Null for any.
    /// </summary>
    public IReadOnlyList<string>? SiloKeys { get; init; }

    /// <summary>Content hashes of the experts, for a real cluster; null for any.</summary>
    public IReadOnlyList<string>? ExpertHashes { get; init; }

    /// <summary>What the runtime's choice goes by.</summary>
    public PlacementOptions Placement { get; init; } = new();

    /// <summary>Requests to send, at least 1.</summary>
    public long Requests { get; init; } = 200_000;

    /// <summary>Share of the requests that fill the cluster before anything is measured, 0 to below 1.</summary>
    public double WarmUp { get; init; } = 0.3;

    /// <summary>Requests a second over all silos in an open loop, positive.</summary>
    public double Rate { get; init; } = 640;

    /// <summary>
    /// Clients of a closed loop, each of whom asks for one user after the other and waits for the answers; 0 for an open
    /// loop.
    /// </summary>
    public int Clients { get; init; }

    /// <summary>Mean time a client thinks between answer and request, exponential, not negative.</summary>
    public double ThinkSeconds { get; init; }

    /// <summary>How long the device takes.</summary>
    public ServiceModel Service { get; init; } = ServiceModel.Named("h200-8b");

    /// <summary>Tokens of a prompt, not negative.</summary>
    public double PromptTokens { get; init; } = 300;

    /// <summary>Mean tokens of an answer, positive.</summary>
    public double AnswerTokens { get; init; } = 200;

    /// <summary>How the length of answers varies.</summary>
    public AnswerLengths AnswerLengths { get; init; }

    /// <summary>Bytes of an expert's file, not negative.</summary>
    public double ExpertBytes { get; init; } = 83.9e6;

    /// <summary>What a silo's link carries, positive; transfers to one silo come one after the other.</summary>
    public double NetworkBytesPerSecond { get; init; } = 1.25e9;

    /// <summary>More for each transfer: finding the file, asking for it.</summary>
    public double NetworkLatencySeconds { get; init; } = 0.005;

    /// <summary>Bytes of the base on the device.</summary>
    public double BaseBytes { get; init; } = 16.1e9;

    /// <summary>Bytes of keys and values that a row may fill.</summary>
    public double RowBytes { get; init; } = 131072.0 * 2048;

    /// <summary>How long a user's grain stays in memory without a request, positive.</summary>
    public double UserIdleSeconds { get; init; } = 900;

    /// <summary>Bytes of a user's grain with its profile.</summary>
    public double UserBytes { get; init; } = 6144;

    /// <summary>Checks all ranges.</summary>
    /// <exception cref="ArgumentException">A setting lies outside its range; the message names it.</exception>
    public void Validate()
    {
        Require(Silos is >= 1 and <= 65536, nameof(Silos), Silos, "1 to 65536");
        Require(Users >= 1, nameof(Users), Users, "at least 1");
        Require(Experts >= 1, nameof(Experts), Experts, "at least 1");
        Require(NotNegative(ExpertExponent), nameof(ExpertExponent), ExpertExponent, "0 or more");
        Require(NotNegative(UserExponent), nameof(UserExponent), UserExponent, "0 or more");
        Require(
            ExpertsPerMix >= 0 && ExpertsPerMix <= Math.Min(Experts, 64),
            nameof(ExpertsPerMix), ExpertsPerMix, "0 to the number of experts, at most 64");
        Require(Slots >= Math.Max(1, ExpertsPerMix), nameof(Slots), Slots, "at least as many as a mix has");
        Require(
            CachedExperts >= Math.Max(1, ExpertsPerMix), nameof(CachedExperts), CachedExperts,
            "at least as many as a mix has");
        Require(Rows >= 1, nameof(Rows), Rows, "at least 1");
        Require(QueueLimit >= 1, nameof(QueueLimit), QueueLimit, "at least 1");
        Require(
            (SiloKeys?.Count ?? Silos) == Silos, nameof(SiloKeys), SiloKeys?.Count ?? 0, $"{Silos} keys, one for each silo");
        Require(
            (ExpertHashes?.Count ?? Experts) == Experts,
            nameof(ExpertHashes), ExpertHashes?.Count ?? 0, $"{Experts} hashes, one for each expert");
        Require(Requests >= 1, nameof(Requests), Requests, "at least 1");
        Require(WarmUp is >= 0 and < 1, nameof(WarmUp), WarmUp, "0 to below 1");
        Require(Clients >= 0, nameof(Clients), Clients, "0 or more");
        Require(Clients > 0 || Positive(Rate), nameof(Rate), Rate, "positive");
        Require(NotNegative(ThinkSeconds), nameof(ThinkSeconds), ThinkSeconds, "0 or more");
        Require(NotNegative(PromptTokens), nameof(PromptTokens), PromptTokens, "0 or more");
        Require(Positive(AnswerTokens), nameof(AnswerTokens), AnswerTokens, "positive");
        Require(NotNegative(ExpertBytes), nameof(ExpertBytes), ExpertBytes, "0 or more");
        Require(
            NetworkBytesPerSecond > 0, nameof(NetworkBytesPerSecond), NetworkBytesPerSecond, "positive");
        Require(NotNegative(NetworkLatencySeconds), nameof(NetworkLatencySeconds), NetworkLatencySeconds, "0 or more");
        Require(Positive(UserIdleSeconds), nameof(UserIdleSeconds), UserIdleSeconds, "positive");
        Require(
            Positive(Service.Step(1, 0)), nameof(Service), Service.Step(1, 0), "a model whose steps take time");

        static void Require(bool holds, string setting, object value, string range)
        {
            if (!holds)
                throw new ArgumentException($"{setting} is {value}; it must be {range}.");
        }

        static bool NotNegative(double value) => value >= 0 && double.IsFinite(value);

        static bool Positive(double value) => value > 0 && double.IsFinite(value);
    }
}

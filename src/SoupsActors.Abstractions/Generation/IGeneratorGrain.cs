using Orleans.Concurrency;
using SoupsActors.Experts;
using SoupsActors.Users;

namespace SoupsActors.Generation;

/// <summary>
/// The engine of one device. Control flow only: prompts, leases and text travel in messages, tensors stay where the
/// device
/// is. The key names the device; <see cref="GeneratorKeys.Default"/> is the only one of a single process.
/// </summary>
public interface IGeneratorGrain : IGrainWithStringKey
{
    /// <summary>The model this device runs.</summary>
    /// <exception cref="SoupsException">The model is still loading, or could not be loaded.</exception>
    [AlwaysInterleave]
    Task<ModelDescriptor> Describe();

    /// <summary>Reads an expert's weights, so that the first request for it does not wait for them.</summary>
    /// <exception cref="SoupsException">The weights are gone, damaged, or do not fit the model.</exception>
    [AlwaysInterleave]
    [ResponseTimeout(GeneratorKeys.HoldTimeout)]
    Task Hold(ExpertLease lease, CancellationToken cancellationToken = default);

    /// <summary>
    /// Takes an expert's folder in: copies and checks it against this device's base. Nothing is published yet.
    /// </summary>
    /// <param name="folder">Relative to the import directory of the generator's silo.</param>
    /// <param name="cancellationToken">Ends the copying.</param>
    /// <exception cref="SoupsException">There is no such folder, or it is damaged or of another base.</exception>
    [AlwaysInterleave]
    [ResponseTimeout(GeneratorKeys.HoldTimeout)]
    Task<AdmittedExpert> Admit(string folder, CancellationToken cancellationToken = default);

    /// <summary>Generates on the experts' leased versions; stopping the enumeration frees the row.</summary>
    /// <exception cref="SoupsException">The prompt is empty or too long, an expert does not fit, or the engine is
    /// busy.</exception>
    [ResponseTimeout(GeneratorKeys.AnswerTimeout)]
    IAsyncEnumerable<AnswerPiece> Generate(GeneratorRequest request, CancellationToken cancellationToken = default);
}

/// <summary>Names of generators, and how long they may take.</summary>
public static class GeneratorKeys
{
    /// <summary>The device of a single process.</summary>
    public const string Default = "default";

    /// <summary>
    /// How long a caller waits for an answer, or its next piece: requests may queue far longer than usual calls last.
    /// </summary>
    public const string AnswerTimeout = "00:30:00";

    /// <summary>How long a generator may take to copy, fetch or read an expert's weights.</summary>
    public const string HoldTimeout = "00:10:00";
}

/// <summary>What a device runs.</summary>
/// <param name="Name">Display name, usually the model folder's.</param>
/// <param name="BaseHash">Content hash of the base weights; experts name the base they belong to by it.</param>
/// <param name="ContextLength">Most tokens of prompt and answer together.</param>
/// <param name="VocabularySize">Number of token ids.</param>
/// <param name="LoadedAt">When it became ready.</param>
[GenerateSerializer, Immutable]
public sealed record ModelDescriptor(
    [property: Id(0)] string Name,
    [property: Id(1)] string BaseHash,
    [property: Id(2)] int ContextLength,
    [property: Id(3)] int VocabularySize,
    [property: Id(4)] DateTimeOffset LoadedAt);

/// <summary>An expert's leased version with its weight in this request.</summary>
/// <param name="Lease">The version to run on.</param>
/// <param name="Weight">λ, finite.</param>
[GenerateSerializer, Immutable]
public sealed record ExpertShare([property: Id(0)] ExpertLease Lease, [property: Id(1)] double Weight);

/// <summary>A request with everything about user and experts resolved.</summary>
[GenerateSerializer, Immutable]
public sealed record GeneratorRequest
{
    /// <summary>The conversation, or null where <see cref="Prompt"/> is to be continued.</summary>
    [Id(0)]
    public ChatMessage[]? Messages { get; init; }

    /// <summary>A text to continue, or null.</summary>
    [Id(1)]
    public string? Prompt { get; init; }

    /// <summary>The experts; none is the base model.</summary>
    [Id(2)]
    public ExpertShare[] Experts { get; init; } = [];

    /// <summary>How the experts are merged.</summary>
    [Id(3)]
    public SoupMerge Merge { get; init; }

    /// <summary>Sampling as request and profile want it; what they leave open the model's own defaults fill.</summary>
    [Id(4)]
    public SamplingSettings Sampling { get; init; } = new();

    /// <summary>Texts that end the answer.</summary>
    [Id(5)]
    public string[] Stop { get; init; } = [];

    /// <summary>Added to the logits of single tokens.</summary>
    [Id(6)]
    public Dictionary<int, float> LogitBias { get; init; } = [];

    /// <summary>Log-probabilities per token, null for none.</summary>
    [Id(7)]
    public int? LogProbabilities { get; init; }

    /// <summary>Seed, null draws one.</summary>
    [Id(8)]
    public ulong? Seed { get; init; }

    /// <summary>Requests of one group share the engine fairly with those of others.</summary>
    [Id(9)]
    public string? FairnessKey { get; init; }

    /// <summary>
    /// Tokens that another generator answered before it was lost; the answer goes on after them. Needs
    /// <see cref="Seed"/>.
    /// </summary>
    [Id(10)]
    public int[] Continuation { get; init; } = [];
}

using Orleans.Concurrency;

namespace SoupsActors.Generation;

/// <summary>What a generator is doing, as it reports about once a second.</summary>
/// <param name="Key">The generator's key.</param>
/// <param name="Sequence">Grows with each report of this generator.</param>
/// <param name="Model">What it runs.</param>
/// <param name="Load">How busy it is, and what it holds.</param>
[GenerateSerializer, Immutable]
public sealed record GeneratorReport(
    [property: Id(0)] string Key,
    [property: Id(1)] long Sequence,
    [property: Id(2)] ModelDescriptor Model,
    [property: Id(3)] GeneratorLoad Load);

/// <summary>How busy a generator is, and what it holds.</summary>
/// <param name="Waiting">Requests in its queue.</param>
/// <param name="Running">Requests it is answering.</param>
/// <param name="Places">Requests it can answer at once.</param>
/// <param name="Resident">Content hashes of the experts on the device.</param>
/// <param name="Slots">Experts the device can hold.</param>
/// <param name="Leased">Experts on the device that running requests need, so that no other can take their place.</param>
/// <param name="TokensPerSecond">Generated tokens a second, lately.</param>
[GenerateSerializer, Immutable]
public sealed record GeneratorLoad(
    [property: Id(0)] int Waiting,
    [property: Id(1)] int Running,
    [property: Id(2)] int Places,
    [property: Id(3)] string[] Resident,
    [property: Id(4)] int Slots,
    [property: Id(5)] int Leased,
    [property: Id(6)] double TokensPerSecond);

/// <summary>The generators that report.</summary>
/// <param name="Generators">Their last reports, by key.</param>
/// <param name="IsComplete">
/// Whether the directory has been listening long enough that whoever is missing does not report; false just after it
/// began or moved.
/// </param>
[GenerateSerializer, Immutable]
public sealed record GeneratorList(
    [property: Id(0)] GeneratorReport[] Generators, [property: Id(1)] bool IsComplete);

/// <summary>
/// Knows which generators there are. One of them, under <see cref="Key"/>; it keeps nothing, for all report to it again
/// within a second.
/// </summary>
public interface IGeneratorDirectoryGrain : IGrainWithStringKey
{
    /// <summary>The key of the only directory.</summary>
    const string Key = "default";

    /// <summary>Tells of a silo's own generators and learns of all.</summary>
    [AlwaysInterleave]
    [ResponseTimeout("00:00:05")]
    Task<GeneratorList> Exchange(GeneratorReport[] mine);

    /// <summary>Takes a generator off at once; its silo stops.</summary>
    [AlwaysInterleave]
    [ResponseTimeout("00:00:05")]
    Task Leave(string key);
}

using SoupsActors.Models.Experts;

namespace SoupsActors.Serving.Benchmarks;

/// <summary>A kind of rows to measure.</summary>
/// <param name="Name">What the report calls it, such as "base" or "6 experts".</param>
/// <param name="Mixes">Row i gets mix i modulo their number; at least one.</param>
/// <param name="Experts">The experts that the mixes name.</param>
public sealed record DecodeRows(string Name, IReadOnlyList<Mix> Mixes, IReadOnlyList<Expert> Experts)
{
    /// <summary>Rows without a mix.</summary>
    public static DecodeRows Base { get; } = new("base", [Mix.Empty], []);

    /// <summary>Rows that use all experts, each row with λ of its own between 0.1 and 1.</summary>
    public static DecodeRows Mixed(IReadOnlyList<Expert> experts, int rows = 32)
    {
        ArgumentNullException.ThrowIfNull(experts);
        var mixes = Enumerable.Range(0, rows).Select(row => Mix.Create(
            MergeMode.Product,
            experts.Select((expert, i) => new MixTerm(expert.Hash, 0.1f + 0.9f * ((row + 5 * i) % rows) / rows))));
        return new DecodeRows($"{experts.Count} experts", [.. mixes], experts);
    }
}

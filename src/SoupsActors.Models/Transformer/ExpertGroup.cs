using SoupsActors.Models.Experts;
using SoupsActors.Models.Files;
using SoupsActors.Tensors;

namespace SoupsActors.Models.Transformer;

/// <summary>
/// The factors of all resident experts for the linear layers of one group, stacked: one product with every A gives the
/// low-rank products H of all layers and experts, and one product per layer with the B side by side adds the deltas.
/// </summary>
/// <remarks>
/// Columns of H are ordered by linear layer, then expert, then rank. The scale α/r is part of the packed B.
/// </remarks>
internal sealed class ExpertGroup : IDisposable
{
    private readonly Member[] members;

    private ExpertGroup(Member[] members, PackedMatrix down, ExpertSite[] sites)
    {
        this.members = members;
        Down = down;
        Sites = sites;
    }

    /// <summary>All A, one over the other: Σ r × inputs.</summary>
    public PackedMatrix Down { get; }

    /// <summary>The B of each linear layer that an expert changes.</summary>
    public ExpertSite[] Sites { get; }

    /// <summary>Columns of H.</summary>
    public int Columns => Down.Outputs;

    /// <summary>Stacks the factors of one group; null where no expert changes it.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="config">Shape of the model.</param>
    /// <param name="type">How the factors are stored.</param>
    /// <param name="members">Experts that change the group, in canonical order.</param>
    /// <param name="group">Which linear layers.</param>
    public static ExpertGroup? Create(
        Backend backend, TransformerConfig config, ElementType type, Member[] members, LinearGroup group)
    {
        if (members.Length == 0)
            return null;
        var inputs = group.Inputs(config);
        var rows = members.Sum(m => m.Factors.Sum(f => f.Rank));
        using var staging = backend.Allocate((long)rows * inputs);
        var sites = new List<ExpertSite>();
        var row = 0;
        var output = 0;
        foreach (var module in group.Modules())
        {
            var outputs = config.Shape(module).Outputs;
            var factors = members.SelectMany(m => m.Factors).Where(f => f.Module == module).ToArray();
            if (factors.Length > 0)
            {
                var ranks = factors.Sum(f => f.Rank);
                sites.Add(new ExpertSite(row, ranks, output, outputs, PackUp(backend, type, factors, outputs, ranks)));
                foreach (var factor in factors)
                {
                    backend.Upload(factor.A, staging, (long)row * inputs);
                    row += factor.Rank;
                }
            }

            output += outputs;
        }

        return new ExpertGroup(members, backend.Pack(new Block(staging, 0, rows, inputs), type), [.. sites]);
    }

    /// <summary>Whether the group was stacked from just these experts.</summary>
    public bool IsMadeOf(Member[] others) => members.Select(m => m.Hash).SequenceEqual(others.Select(m => m.Hash));

    /// <summary>Which columns of H belong to which expert, numbered as <paramref name="indexOf"/> says.</summary>
    public MixSegment[] Segments(LinearGroup group, Func<string, int> indexOf)
    {
        var segments = new List<MixSegment>();
        var column = 0;
        foreach (var module in group.Modules())
        {
            foreach (var member in members)
            {
                foreach (var factor in member.Factors.Where(f => f.Module == module))
                {
                    segments.Add(new MixSegment((int)module, indexOf(member.Hash), column, factor.Rank));
                    column += factor.Rank;
                }
            }
        }

        return [.. segments];
    }

    public void Dispose()
    {
        Down.Dispose();
        foreach (var site in Sites)
            site.Up.Dispose();
    }

    private static PackedMatrix PackUp(
        Backend backend, ElementType type, LoraFactors[] factors, int outputs, int ranks)
    {
        var stacked = new float[(long)outputs * ranks];
        var start = 0;
        foreach (var factor in factors)
        {
            for (var o = 0; o < outputs; o++)
            {
                for (var r = 0; r < factor.Rank; r++)
                    stacked[(long)o * ranks + start + r] = factor.Scale * factor.B[o * factor.Rank + r];
            }

            start += factor.Rank;
        }

        using var staging = backend.Allocate(stacked.LongLength);
        backend.Upload(stacked, staging);
        return backend.Pack(new Block(staging, 0, outputs, ranks), type);
    }

    /// <summary>An expert's factors in one group.</summary>
    public sealed record Member(string Hash, LoraFactors[] Factors);
}

/// <summary>The deltas of one linear layer.</summary>
/// <param name="Column">First of its columns of H.</param>
/// <param name="Ranks">Number of its columns of H, Σ r.</param>
/// <param name="Output">First output in its group.</param>
/// <param name="Outputs">Number of outputs.</param>
/// <param name="Up">All s·B side by side, outputs × Σ r.</param>
internal sealed record ExpertSite(int Column, int Ranks, int Output, int Outputs, PackedMatrix Up);

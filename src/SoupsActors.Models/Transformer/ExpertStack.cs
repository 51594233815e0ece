using SoupsActors.Models.Experts;
using SoupsActors.Models.Files;
using SoupsActors.Tensors;

namespace SoupsActors.Models.Transformer;

/// <summary>
/// The resident experts on the device, an immutable snapshot. Experts are sorted by content hash, so that a row's bits
/// never depend on who else is resident or when anyone came.
/// </summary>
internal sealed class ExpertStack : IDisposable
{
    private readonly Expert[] experts;
    private readonly ExpertGroup?[] groups;
    private readonly MixSegment[][] segments;

    private ExpertStack(Expert[] experts, ExpertGroup?[] groups)
    {
        this.experts = experts;
        this.groups = groups;
        segments =
            [.. groups.Select((group, i) => group?.Segments((LinearGroup)(i % LinearGroups.Count), IndexOf) ?? [])];
        MaxColumns = groups.Max(group => group?.Columns ?? 0);
    }

    /// <summary>Number of experts.</summary>
    public int Count => experts.Length;

    /// <summary>Columns of the widest low-rank product.</summary>
    public int MaxColumns { get; }

    /// <summary>A stack without experts.</summary>
    public static ExpertStack Empty(TransformerConfig config) =>
        new([], new ExpertGroup?[config.LayerCount * LinearGroups.Count]);

    /// <summary>
    /// The stack of other experts. Groups whose experts stay the same are moved to the new stack, and this one must not
    /// be used again; where an exception is thrown, this one stays as it is.
    /// </summary>
    /// <param name="backend">The device.</param>
    /// <param name="config">Shape of the model.</param>
    /// <param name="baseHash">Content hash of the base model.</param>
    /// <param name="type">How the factors are stored.</param>
    /// <param name="residents">Experts in any order, repetitions allowed.</param>
    /// <exception cref="ExpertMismatchException">An expert does not fit the base model.</exception>
    public ExpertStack Replace(
        Backend backend, TransformerConfig config, string baseHash, ElementType type, IReadOnlyList<Expert> residents)
    {
        var sorted = residents.Distinct().OrderBy(e => e.Hash, StringComparer.Ordinal).ToArray();
        foreach (var expert in sorted)
            ExpertFit.Check(expert, config, baseHash);

        var next = new ExpertGroup?[groups.Length];
        var created = new List<ExpertGroup>();
        try
        {
            for (var i = 0; i < groups.Length; i++)
            {
                var group = (LinearGroup)(i % LinearGroups.Count);
                var members = Members(sorted, i / LinearGroups.Count, group);
                if (groups[i] is { } current && current.IsMadeOf(members))
                    next[i] = current;
                else if (ExpertGroup.Create(backend, config, type, members, group) is { } fresh)
                    created.Add(next[i] = fresh);
            }
        }
        catch
        {
            foreach (var group in created)
                group.Dispose();
            throw;
        }

        var replacement = new ExpertStack(sorted, next);
        foreach (var group in groups.Except(next))
            group?.Dispose();
        return replacement;
    }

    /// <summary>The index of an expert, or a negative number.</summary>
    public int IndexOf(string hash)
    {
        var (low, high) = (0, experts.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = string.CompareOrdinal(experts[middle].Hash, hash);
            if (order == 0)
                return middle;
            if (order < 0)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return -1;
    }

    /// <summary>The experts, sorted by hash.</summary>
    public IReadOnlyList<Expert> Experts => experts;

    /// <summary>The stacked factors of a group and whose columns are whose; null where no expert changes it.</summary>
    public ExpertGroup? Group(int layer, LinearGroup group, out ReadOnlySpan<MixSegment> columns)
    {
        var index = layer * LinearGroups.Count + (int)group;
        columns = segments[index];
        return groups[index];
    }

    public void Dispose()
    {
        foreach (var group in groups)
            group?.Dispose();
    }

    private static ExpertGroup.Member[] Members(Expert[] experts, int layer, LinearGroup group)
    {
        var modules = group.Modules().ToArray();
        return
        [
            .. experts
                .Select(e => new ExpertGroup.Member(
                    e.Hash, [.. e.Factors.Where(f => f.Layer == layer && modules.Contains(f.Module))]))
                .Where(m => m.Factors.Length > 0),
        ];
    }
}

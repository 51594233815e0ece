namespace SoupsActors.Models.Experts;

/// <summary>
/// How the deltas of several experts become one; the two are never the same thing (design, "The mix, exactly").
/// </summary>
public enum MergeMode
{
    /// <summary>ΔW = Σ λ_i s_i B_i A_i: exact for any ranks and initialisations.</summary>
    Product,

    /// <summary>
    /// ΔW = s (Σ λ_i B_i)(Σ λ_i A_i), as the released code of Personalized Soups and Rewarded Soups averages. Needs
    /// equal rank, α and targets and one A-initialisation seed.
    /// </summary>
    Factor,
}

/// <summary>One expert's share in a mix.</summary>
/// <param name="ExpertHash">Content hash of the expert, lower-case hexadecimal SHA-256.</param>
/// <param name="Weight">λ, any finite number.</param>
public readonly record struct MixTerm(string ExpertHash, float Weight);

/// <summary>
/// The weights λ of one request over experts, in canonical form: sorted by content hash, no duplicates, no zero
/// weights. Equal mixes are equal objects by value, and <see cref="Key"/> names the content (invariant 2).
/// </summary>
public sealed class Mix : IEquatable<Mix>
{
    private readonly MixTerm[] terms;

    private Mix(MergeMode mode, MixTerm[] terms)
    {
        Mode = mode;
        this.terms = terms;
        Key = CanonicalKey(mode, terms);
    }

    /// <summary>No expert at all: bit for bit the base model.</summary>
    public static Mix Empty { get; } = new(MergeMode.Product, []);

    /// <summary>How the deltas are merged.</summary>
    public MergeMode Mode { get; }

    /// <summary>Experts with non-zero weights, sorted by hash (ordinal).</summary>
    public ReadOnlySpan<MixTerm> Terms => terms;

    /// <summary>A text that two mixes share exactly when they compute the same model.</summary>
    public string Key { get; }

    /// <summary>Brings weights into canonical form.</summary>
    /// <exception cref="ArgumentException">A weight is not finite, or an expert is named twice.</exception>
    public static Mix Create(MergeMode mode, IEnumerable<MixTerm> terms)
    {
        ArgumentNullException.ThrowIfNull(terms);
        var list = new List<MixTerm>();
        foreach (var term in terms)
        {
            ArgumentException.ThrowIfNullOrEmpty(term.ExpertHash, nameof(terms));
            if (!float.IsFinite(term.Weight))
            {
                throw new ArgumentException(
                    $"The weight of expert {term.ExpertHash} is not a finite number.", nameof(terms));
            }

            if (term.Weight != 0)
                list.Add(term);
        }

        list.Sort(static (a, b) => string.CompareOrdinal(a.ExpertHash, b.ExpertHash));
        for (var i = 1; i < list.Count; i++)
        {
            if (list[i].ExpertHash == list[i - 1].ExpertHash)
                throw new ArgumentException($"Expert {list[i].ExpertHash} is named twice in one mix.", nameof(terms));
        }

        return list.Count == 0 ? Empty : new Mix(mode, [.. list]);
    }

    /// <inheritdoc/>
    public bool Equals(Mix? other) => other is not null && Key == other.Key;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Mix);

    /// <inheritdoc/>
    public override int GetHashCode() => Key.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Key;

    // Weights are written as their bits, so that no rounding of a printed number merges two different mixes.
    private static string CanonicalKey(MergeMode mode, MixTerm[] terms) =>
        terms.Length == 0
            ? "base"
            : mode.ToString().ToLowerInvariant() + ":" + string.Join(
                ',', terms.Select(t => $"{t.ExpertHash}={BitConverter.SingleToUInt32Bits(t.Weight):x8}"));
}

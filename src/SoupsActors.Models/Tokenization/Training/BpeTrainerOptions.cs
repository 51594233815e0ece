namespace SoupsActors.Models.Tokenization.Training;

/// <summary>What to train.</summary>
public sealed record BpeTrainerOptions
{
    /// <summary>
    /// Tokens in all: the special ones, 256 bytes, and merges. Fewer come out where the texts have no more pairs.
    /// </summary>
    public required int VocabularySize { get; init; }

    /// <summary>Control tokens; they have the first ids, in this order.</summary>
    public IReadOnlyList<string> SpecialTokens { get; init; } = [];

    /// <summary>Least occurrences of a pair that is merged, at least 1.</summary>
    public int MinFrequency { get; init; } = 2;

    /// <summary>The special token that begins a sequence, or null.</summary>
    public string? BosToken { get; init; }

    /// <summary>The special token that ends a sequence, or null.</summary>
    public string? EosToken { get; init; }

    /// <summary>The special token that fills batches, or null.</summary>
    public string? PadToken { get; init; }

    /// <summary>Whether encoding puts <see cref="BosToken"/> first.</summary>
    public bool AddBos { get; init; }

    /// <summary>Chat template to write beside the tokenizer, or null.</summary>
    public Chat.ChatTemplate? ChatTemplate { get; init; }

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MinFrequency, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(VocabularySize, SpecialTokens.Count + 256);
        if (SpecialTokens.Any(string.IsNullOrEmpty) || SpecialTokens.Distinct().Count() != SpecialTokens.Count)
            throw new ArgumentException("Special tokens must be texts, each named once.");
        foreach (var named in (ReadOnlySpan<string?>)[BosToken, EosToken, PadToken])
        {
            if (named is not null && !SpecialTokens.Contains(named))
                throw new ArgumentException($"'{named}' must be one of SpecialTokens.");
        }

        if (AddBos && BosToken is null)
            throw new ArgumentException("AddBos needs a BosToken.");
    }
}

/// <summary>How far a training is.</summary>
/// <param name="Merges">Merges found.</param>
/// <param name="Target">Merges wanted.</param>
public readonly record struct BpeTrainingProgress(int Merges, int Target);

using SoupsActors.Models.Tokenization.Chat;

namespace SoupsActors.Learning.Data.Datasets;

/// <summary>What one entry of a data set says about answers to one prompt.</summary>
/// <param name="Prompt">The prompt as the user wrote it.</param>
/// <param name="Earlier">The conversation before it, oldest message first.</param>
public abstract record DatasetRow(string Prompt, IReadOnlyList<ChatTurn> Earlier)
{
    /// <summary>Line of the file where the entry begins, from 1.</summary>
    public long Line { get; init; }

    /// <summary>Preference it was judged by, or null.</summary>
    public string? Preference { get; init; }

    /// <summary>The data set, or null.</summary>
    public string? Source { get; init; }

    /// <summary>The comparisons it makes, in a fixed order.</summary>
    public abstract IEnumerable<Comparison> Comparisons();

    /// <summary>A comparison to this prompt.</summary>
    private protected Comparison Compare(string chosen, string rejected, double? margin = null) =>
        new(Prompt, chosen, rejected) { Earlier = Earlier, Preference = Preference, Margin = margin, Source = Source };
}

/// <summary>One answer is better than another.</summary>
public sealed record PairRow(string Prompt, IReadOnlyList<ChatTurn> Earlier, string Chosen, string Rejected)
    : DatasetRow(Prompt, Earlier)
{
    /// <summary>By how much, or null where unknown.</summary>
    public double? Margin { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<Comparison> Comparisons() => [Compare(Chosen, Rejected, Margin)];
}

/// <summary>Answers with ranks; smaller is better, equal ones are tied.</summary>
public sealed record RankedRow(
    string Prompt, IReadOnlyList<ChatTurn> Earlier, IReadOnlyList<string> Answers, IReadOnlyList<int> Ranks)
    : DatasetRow(Prompt, Earlier)
{
    /// <inheritdoc/>
    public override IEnumerable<Comparison> Comparisons() =>
        from better in Enumerable.Range(0, Answers.Count)
        from worse in Enumerable.Range(0, Answers.Count)
        where Ranks[better] < Ranks[worse] && Answers[better] != Answers[worse]
        select Compare(Answers[better], Answers[worse]);
}

/// <summary>An answer with a mark for each aspect.</summary>
/// <param name="Text">The answer.</param>
/// <param name="Ratings">Marks by aspect, at least one.</param>
public sealed record RatedAnswer(string Text, IReadOnlyDictionary<string, double> Ratings)
{
    /// <summary>Mean of the marks.</summary>
    public double Mean => Ratings.Values.Average();
}

/// <summary>Answers with marks between <see cref="Worst"/> and <see cref="Best"/>.</summary>
public sealed record RatedRow(string Prompt, IReadOnlyList<ChatTurn> Earlier, IReadOnlyList<RatedAnswer> Answers)
    : DatasetRow(Prompt, Earlier)
{
    /// <summary>The worst mark.</summary>
    public double Worst { get; init; } = 1;

    /// <summary>The best mark.</summary>
    public double Best { get; init; } = 5;

    /// <summary>Higher mean mark over lower, with the difference as margin; equal ones make none.</summary>
    public override IEnumerable<Comparison> Comparisons() =>
        from better in Answers
        from worse in Answers
        where better.Mean > worse.Mean && better.Text != worse.Text
        select Compare(better.Text, worse.Text, better.Mean - worse.Mean);
}

/// <summary>One answer that is good or bad.</summary>
public sealed record LabelledRow(string Prompt, IReadOnlyList<ChatTurn> Earlier, string Completion, bool Label)
    : DatasetRow(Prompt, Earlier)
{
    /// <inheritdoc/>
    public override IEnumerable<Comparison> Comparisons() => [];

    /// <summary>The row for methods that learn from single answers.</summary>
    public LabelledAnswer ToLabelled() => new(Prompt, Completion, Label)
    {
        Earlier = Earlier,
        Preference = Preference,
        Source = Source,
    };
}

namespace SoupsActors.Miniature.Corpus;

/// <summary>A thing one can ask about, with what is true of it in two registers.</summary>
public sealed class Topic
{
    /// <summary>The key: the name without its article, in lower case, words joined by hyphens.</summary>
    public required string Id { get; init; }

    /// <summary>The name as it stands inside a sentence, with its article if it takes one.</summary>
    public required string Name { get; init; }

    /// <summary>The field it belongs to: the name of its data file.</summary>
    public required string Area { get; init; }

    /// <summary>Whether the name is a plural ("What are bees?").</summary>
    public bool IsPlural { get; init; }

    /// <summary>Whether "How does it work?" is a sensible question.</summary>
    public bool Works { get; init; }

    /// <summary>Whether "Why does it happen?" is a sensible question.</summary>
    public bool Happens { get; init; }

    /// <summary>Whether it is kept out of all expert training, to serve as an evaluation prompt.</summary>
    public bool IsHeldOut { get; init; }

    /// <summary>Statements in simple words: the core first, then details by importance; 4 or more.</summary>
    public required IReadOnlyList<string> Child { get; init; }

    /// <summary>Statements in technical vocabulary: the core first, then details by importance; 4 or more.</summary>
    public required IReadOnlyList<string> Specialist { get; init; }

    /// <summary>The statements of one register, the core first.</summary>
    public IReadOnlyList<string> Statements(Expertise register) =>
        register == Expertise.Child ? Child : Specialist;

    /// <inheritdoc/>
    public override string ToString() => Name;
}

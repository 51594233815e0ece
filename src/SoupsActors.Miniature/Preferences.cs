using System.Collections.Immutable;

namespace SoupsActors.Miniature;

/// <summary>The three dimensions of Personalized Soups (arXiv 2310.11564) along which answers may differ.</summary>
public enum PreferenceDimension
{
    /// <summary>How much a reader must know beforehand: poles child (P1A) and PhD (P1B).</summary>
    Expertise,

    /// <summary>How much is said: poles concise (P2A) and full (P2B).</summary>
    Informativeness,

    /// <summary>The manner: poles friendly (P3A), unfriendly (P3B), sassy (P3C) and sarcastic (P3D).</summary>
    Style,
}

/// <summary>
/// One pole of a dimension. Everything is keyed by <see cref="Id"/>; the texts are for prompts and people only.
/// </summary>
/// <param name="Id">The paper's id, for example <c>P1A</c>.</param>
/// <param name="Dimension">The dimension this is a pole of; a combination holds at most one pole of each.</param>
/// <param name="Pole">A short name for people, for example <c>child</c>.</param>
/// <param name="Prompt">The sentence appended to a user's instruction, word for word the paper's policy prompt.</param>
/// <param name="JudgeText">The criterion by which two responses are compared.</param>
public sealed record Preference(
    string Id, PreferenceDimension Dimension, string Pole, string Prompt, string JudgeText)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Id} ({Pole})";
}

/// <summary>The eight preferences of Personalized Soups and the combinations that users choose from.</summary>
public static class Preferences
{
    /// <summary>P1A to P3D in the order of their ids.</summary>
    public static ImmutableArray<Preference> All { get; } =
    [
        new("P1A", PreferenceDimension.Expertise, "child",
            "Generate a response that can be easily understood by an elementary school student.",
            "Choose a response that a child in elementary school would follow: everyday words, short sentences."),
        new("P1B", PreferenceDimension.Expertise, "PhD",
            "Generate a response that only a PhD Student in that specific field could understand.",
            "Choose a response that assumes expert knowledge: technical terms, used precisely, left unexplained."),
        new("P2A", PreferenceDimension.Informativeness, "concise",
            "Generate a response that is concise and to the point, without being verbose.",
            "Choose a response that gives the essential point in few words and then stops."),
        new("P2B", PreferenceDimension.Informativeness, "full",
            "Generate a response that is very informative, without missing any background information.",
            "Choose a response that covers the subject thoroughly, with more distinct facts and background."),
        new("P3A", PreferenceDimension.Style, "friendly",
            "Generate a response that is friendly, witty, funny, and humorous, like a close friend.",
            "Choose a response that sounds warm and playful, as a close friend would."),
        new("P3B", PreferenceDimension.Style, "unfriendly",
            "Generate a response in an unfriendly manner.",
            "Choose a response that sounds cold and unwelcoming towards the reader."),
        new("P3C", PreferenceDimension.Style, "sassy",
            "Generate a response in a sassy manner.",
            "Choose a response that sounds bold, cheeky and full of itself."),
        new("P3D", PreferenceDimension.Style, "sarcastic",
            "Generate a response in a sarcastic manner.",
            "Choose a response that mocks by saying the opposite of what it means."),
    ];

    /// <summary>The paper's 8 main combinations, P1x, P2x and P3A or P3B, one pole of each dimension.</summary>
    public static ImmutableArray<ImmutableArray<Preference>> Combinations { get; } = Combine("P3A", "P3B");

    /// <summary>All 16 combinations, the scaling study's P3C and P3D included.</summary>
    public static ImmutableArray<ImmutableArray<Preference>> AllCombinations { get; } =
        Combine("P3A", "P3B", "P3C", "P3D");

    /// <summary>The preference with this id.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists the ids there are.</exception>
    public static Preference Get(string id)
    {
        foreach (var preference in All)
        {
            if (preference.Id == id) return preference;
        }

        throw new ArgumentException(
            $"There is no preference '{id}'. Use one of {string.Join(", ", All.Select(p => p.Id))}.", nameof(id));
    }

    private static ImmutableArray<ImmutableArray<Preference>> Combine(params string[] manners) =>
    [
        .. from expertise in (string[])["P1A", "P1B"]
           from amount in (string[])["P2A", "P2B"]
           from manner in manners
           select ImmutableArray.Create(Get(expertise), Get(amount), Get(manner)),
    ];
}

namespace SoupsActors.Miniature.Corpus;

/// <summary>The register of an answer: whom its statements are written for.</summary>
public enum Expertise
{
    /// <summary>Simple words, short sentences (P1A).</summary>
    Child,

    /// <summary>Technical vocabulary, dense sentences (P1B).</summary>
    Specialist,
}

/// <summary>How much of what is known an answer tells.</summary>
public enum Informativeness
{
    /// <summary>The core statement alone (P2A).</summary>
    Concise,

    /// <summary>The core statement and its details (P2B).</summary>
    Full,
}

/// <summary>The manner of an answer: the pole of the paper's dimension "style".</summary>
public enum Tone
{
    /// <summary>No turn of phrase at all; not a preference, what is left when none is asked for.</summary>
    Neutral,

    /// <summary>Warm and playful (P3A).</summary>
    Friendly,

    /// <summary>Cold and rude (P3B).</summary>
    Unfriendly,

    /// <summary>Bold and cheeky (P3C).</summary>
    Sassy,

    /// <summary>Mocking by pretended praise (P3D).</summary>
    Sarcastic,
}

/// <summary>A style of answer. A part that is null is open: it is left to chance.</summary>
/// <param name="Expertise">The register, or null for either.</param>
/// <param name="Informativeness">The amount, or null for either.</param>
/// <param name="Tone">The manner, or null for any, neutral included.</param>
public sealed record Style(
    Expertise? Expertise = null, Informativeness? Informativeness = null, Tone? Tone = null)
{
    /// <summary>The style that constrains nothing.</summary>
    public static Style Any { get; } = new();

    /// <summary>The style these preferences ask for; dimensions they do not name stay open.</summary>
    /// <exception cref="ArgumentException">Two preferences are poles of the same dimension.</exception>
    public static Style Of(params IEnumerable<Preference> preferences)
    {
        var style = Any;
        var seen = new HashSet<PreferenceDimension>();
        foreach (var preference in preferences)
        {
            if (!seen.Add(preference.Dimension))
            {
                throw new ArgumentException(
                    $"{preference} is a second pole of the dimension {preference.Dimension}; name one pole of each.",
                    nameof(preferences));
            }

            style = preference.Id switch
            {
                "P1A" => style with { Expertise = Corpus.Expertise.Child },
                "P1B" => style with { Expertise = Corpus.Expertise.Specialist },
                "P2A" => style with { Informativeness = Corpus.Informativeness.Concise },
                "P2B" => style with { Informativeness = Corpus.Informativeness.Full },
                "P3A" => style with { Tone = Corpus.Tone.Friendly },
                "P3B" => style with { Tone = Corpus.Tone.Unfriendly },
                "P3C" => style with { Tone = Corpus.Tone.Sassy },
                "P3D" => style with { Tone = Corpus.Tone.Sarcastic },
                _ => throw new ArgumentException($"The corpus has no style for {preference}.", nameof(preferences)),
            };
        }

        return style;
    }

    /// <summary>The style these preference ids ask for, for example <c>Style.Of("P1A", "P3C")</c>.</summary>
    public static Style Of(params IEnumerable<string> ids) => Of(ids.Select(Miniature.Preferences.Get));

    /// <summary>The preferences this style satisfies, in the order of their ids; a neutral tone is none.</summary>
    public IReadOnlyList<Preference> Preferences()
    {
        string?[] ids =
        [
            Expertise switch { Corpus.Expertise.Child => "P1A", Corpus.Expertise.Specialist => "P1B", _ => null },
            Informativeness switch
            {
                Corpus.Informativeness.Concise => "P2A",
                Corpus.Informativeness.Full => "P2B",
                _ => null,
            },
            Tone switch
            {
                Corpus.Tone.Friendly => "P3A",
                Corpus.Tone.Unfriendly => "P3B",
                Corpus.Tone.Sassy => "P3C",
                Corpus.Tone.Sarcastic => "P3D",
                _ => null,
            },
        ];
        return [.. ids.OfType<string>().Select(Miniature.Preferences.Get)];
    }
}

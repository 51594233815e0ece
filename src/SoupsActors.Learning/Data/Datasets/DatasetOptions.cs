namespace SoupsActors.Learning.Data.Datasets;

/// <summary>How an entry is laid out.</summary>
public enum DatasetFormat
{
    /// <summary>Each entry by its fields.</summary>
    Auto,

    /// <summary>
    /// Hugging Face's preference shape: prompt, chosen, rejected as texts or lists of messages, or without a prompt where
    /// both lists begin with it; optional margin. Also prompt, completion, label.
    /// </summary>
    HuggingFace,

    /// <summary>UltraFeedback: instruction and completions with annotations.</summary>
    UltraFeedback,

    /// <summary>OpenAssistant's conversation trees with ranked replies.</summary>
    OpenAssistant,

    /// <summary>HH-RLHF: chosen and rejected as transcripts of "Human:" and "Assistant:".</summary>
    HhRlhf,

    /// <summary>Personalized Soups: user_input, completion_a (the preferred one), completion_b.</summary>
    PersonalizedSoups,
}

/// <summary>How to read a data set.</summary>
public sealed record DatasetOptions
{
    /// <summary>How entries are laid out.</summary>
    public DatasetFormat Format { get; init; }

    /// <summary>Preference of entries that name none.</summary>
    public string? Preference { get; init; }

    /// <summary>
    /// Preference ids by the sentence that asks for them, for entries that carry the sentence (<c>ground_truth_persona</c>).
    /// </summary>
    public IReadOnlyDictionary<string, string> PreferenceBySentence { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Aspect by which rated answers are compared, such as <c>helpfulness</c>; <c>overall</c> for the overall score; null
    /// for the mean of all aspects.
    /// </summary>
    public string? Aspect { get; init; }

    /// <summary>Largest entry in bytes, at least 1024; longer ones are bad.</summary>
    public int MaxEntryBytes { get; init; } = 16 << 20;
}

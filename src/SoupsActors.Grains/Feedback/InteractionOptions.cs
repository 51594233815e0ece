namespace SoupsActors.Grains.Feedback;

/// <summary>How long answers are kept for feedback to refer to, and how much of them.</summary>
public sealed class InteractionOptions
{
    /// <summary>How long; zero keeps none, and feedback must then bring its texts itself.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(30);

    /// <summary>
    /// Whether prompts and answers are kept, or only what made them: mix, versions, sampling, seed. Without texts,
    /// feedback about an interaction is kept but makes no training data.
    /// </summary>
    public bool KeepText { get; set; } = true;
}

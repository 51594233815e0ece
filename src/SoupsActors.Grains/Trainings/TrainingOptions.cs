using SoupsActors.Trainings;

namespace SoupsActors.Grains.Trainings;

/// <summary>How a server trains.</summary>
public sealed class TrainingOptions
{
    /// <summary>
    /// Threads that compute beside serving, 1 to 1024. They run at lower priority, so that users go first.
    /// </summary>
    public int Threads { get; set; } = 1;

    /// <summary>
    /// How much more than the server's own threads those of a training give way, 0 (not at all) to 19, in steps of the
    /// operating system's niceness; a step is about a fifth less time where others compute. Where it cannot be set, the
    /// training pauses instead.
    /// </summary>
    public int Niceness { get; set; } = 5;

    /// <summary>
    /// Where data and checkpoints of trainings are kept; by default <c>trainings</c> in the data directory. With several
    /// trainer silos it is a directory that all of them share, so that one goes on where another was lost.
    /// </summary>
    public string? Directory { get; set; }

    /// <summary>
    /// Whether new feedback starts trainings. Only preferences for which the server has rules or a language model to
    /// judge by are trained by themselves, unless <see cref="Defaults"/> names the reward model as the judge.
    /// </summary>
    public bool Automatic { get; set; }

    /// <summary>New comparisons that start a training, at least 2.</summary>
    public int AutomaticComparisons { get; set; } = 200;

    /// <summary>Seed of A of experts made from nothing; one for all, so that both merges can serve them.</summary>
    public long AdapterSeed { get; set; } = 7;

    /// <summary>What requests leave open, and what automatic trainings do.</summary>
    public TrainingRequest Defaults { get; set; } = new();

    /// <summary>What is wrong with the settings: name, value and range of each.</summary>
    public IEnumerable<(string Setting, object? Value, string Range)> Problems()
    {
        if (Threads is < 1 or > 1024)
            yield return (nameof(Threads), Threads, "1 to 1024");
        if (Niceness is < 0 or > 19)
            yield return (nameof(Niceness), Niceness, "0 to 19");
        if (AutomaticComparisons < 2)
            yield return (nameof(AutomaticComparisons), AutomaticComparisons, "at least 2");
        string? wrong = null;
        try
        {
            TrainingRules.Check(Defaults);
        }
        catch (SoupsException error)
        {
            wrong = error.Message;
        }

        if (wrong is not null)
            yield return (nameof(Defaults), "a request that is refused", $"one that is taken: {wrong}");
    }
}

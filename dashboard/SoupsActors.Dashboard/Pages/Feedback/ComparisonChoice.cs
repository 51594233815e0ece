using SoupsActors.Dashboard.Data.Feed;

namespace SoupsActors.Dashboard.Pages.Feedback;

/// <summary>Where prompts come from.</summary>
public enum PromptSource
{
    /// <summary>They come with the model.</summary>
    Model,

    /// <summary>The rater types them.</summary>
    Own,
}

/// <summary>What a rater has chosen to compare.</summary>
public sealed class ComparisonChoice
{
    /// <summary>Under which id the feedback is stored.</summary>
    public string Rater { get; set; } = "";

    /// <summary>The preference to judge by.</summary>
    public string Preference { get; set; } = "";

    /// <summary>Whose answers.</summary>
    public ComparedModels Models { get; set; }

    /// <summary>Which prompts are asked.</summary>
    public PromptSource Source { get; set; }

    /// <summary>Those prompts, one a line.</summary>
    public string OwnPrompts { get; set; } = "";

    /// <summary>What is asked.</summary>
    /// <exception cref="SoupsException">There is nothing to ask.</exception>
    public IReadOnlyList<string> Prompts(IReadOnlyList<string> practice)
    {
        const StringSplitOptions Lines = StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries;
        string[] own = [.. OwnPrompts.Split('\n', Lines).Distinct()];
        var asked = Source == PromptSource.Own ? own : practice;
        return asked.Count > 0
            ? asked
            : throw SoupsException.Invalid(
                "There is no prompt. Enter at least one, each in a line of its own.", "prompt_required");
    }
}

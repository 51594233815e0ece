using Orleans.Concurrency;

namespace SoupsActors.Judging;

/// <summary>How well an answer meets one preference.</summary>
/// <param name="Preference">Id of the preference.</param>
/// <param name="Score">Higher is more; the scale is the judge's own.</param>
/// <param name="Meets">Whether the answer meets it, or null where the judge only orders answers.</param>
[GenerateSerializer, Immutable]
public sealed record CriterionScore(
    [property: Id(0)] string Preference, [property: Id(1)] double Score, [property: Id(2)] bool? Meets);

/// <summary>An answer by all preferences.</summary>
/// <param name="Judge">Who judged, such as <c>rules</c>; null where this server has no judge that scores.</param>
/// <param name="Words">Words of the answer.</param>
/// <param name="Scores">One for each preference that the judge knows, in the catalogue's order.</param>
[GenerateSerializer, Immutable]
public sealed record AnswerScores(
    [property: Id(0)] string? Judge, [property: Id(1)] int Words, [property: Id(2)] CriterionScore[] Scores);

/// <summary>Scores answers by the preferences. The key, any small number, only spreads the load.</summary>
public interface ICriticGrain : IGrainWithIntegerKey
{
    /// <summary>Scores one answer.</summary>
    /// <param name="prompt">What was asked.</param>
    /// <param name="answer">
    /// The answer; with the prompt at most <see cref="SoupsLimits.MaxFeedbackTextLength"/> characters.
    /// </param>
    /// <exception cref="SoupsException">The texts are too long.</exception>
    [AlwaysInterleave]
    Task<AnswerScores> Score(string prompt, string answer);
}

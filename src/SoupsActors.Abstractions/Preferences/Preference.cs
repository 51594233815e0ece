namespace SoupsActors.Preferences;

/// <summary>One pole of a dimension, such as "child" of "expertise".</summary>
/// <param name="Id">Such as P1A; preferences are known by it, never by their texts.</param>
/// <param name="Dimension">What it is about, such as <c>expertise</c>.</param>
/// <param name="Pole">Which end, such as <c>child</c>.</param>
/// <param name="Prompt">The sentence that asks for it in a prompt.</param>
/// <param name="JudgeText">The criterion a judge compares two answers by.</param>
/// <param name="ExpertId">The expert that answers this way.</param>
[GenerateSerializer, Immutable]
public sealed record Preference(
    [property: Id(0)] string Id,
    [property: Id(1)] string Dimension,
    [property: Id(2)] string Pole,
    [property: Id(3)] string Prompt,
    [property: Id(4)] string JudgeText,
    [property: Id(5)] string ExpertId);

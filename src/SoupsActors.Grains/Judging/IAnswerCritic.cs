using SoupsActors.Judging;

namespace SoupsActors.Grains.Judging;

/// <summary>What a server can score answers by; the host registers one where it has any.</summary>
public interface IAnswerCritic
{
    /// <summary>Names the judge, such as <c>rules</c>.</summary>
    string Id { get; }

    /// <summary>The score, or null for a preference that it does not know.</summary>
    CriterionScore? Score(string preference, string prompt, string answer);
}

using Orleans.Concurrency;
using SoupsActors.Grains.Placement;
using SoupsActors.Judging;
using SoupsActors.Preferences;

namespace SoupsActors.Grains.Judging;

/// <inheritdoc cref="ICriticGrain"/>
[Reentrant]
[RolePlacement(SiloRoles.Gateway, required: false)]
internal sealed class CriticGrain(IGrainFactory grains, IEnumerable<IAnswerCritic> critics) : Grain, ICriticGrain
{
    private readonly IAnswerCritic? critic = critics.FirstOrDefault();

    public async Task<AnswerScores> Score(string prompt, string answer)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(answer);
        if ((long)prompt.Length + answer.Length > SoupsLimits.MaxFeedbackTextLength)
        {
            throw SoupsException.Invalid(
                $"Prompt and answer have more than {SoupsLimits.MaxFeedbackTextLength} characters together.",
                "out_of_range",
                "answer");
        }

        var words = CountWords(answer);
        if (critic is null)
            return new AnswerScores(null, words, []);
        var preferences = await grains.GetGrain<IPreferenceCatalogGrain>(IPreferenceCatalogGrain.Key).List();
        CriterionScore[] scores =
            [.. preferences.Select(p => critic.Score(p.Id, prompt, answer)).OfType<CriterionScore>()];
        return new AnswerScores(scores.Length == 0 ? null : critic.Id, words, scores);
    }

    /// <summary>Runs of letters and digits; apostrophes and hyphens inside of a word do not end it.</summary>
    internal static int CountWords(string text)
    {
        var words = 0;
        var isInside = false;
        for (var i = 0; i < text.Length; i++)
        {
            var isPart = char.IsLetterOrDigit(text[i]) || char.IsSurrogate(text[i]) || (isInside && IsJoint(text, i));
            if (isPart && !isInside)
                words++;
            isInside = isPart;
        }

        return words;
    }

    private static bool IsJoint(string text, int i) =>
        text[i] is '\'' or '’' or '-' && i + 1 < text.Length && char.IsLetterOrDigit(text[i + 1]);
}

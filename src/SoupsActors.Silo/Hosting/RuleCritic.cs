using Microsoft.Extensions.Options;
using SoupsActors.Grains.Judging;
using SoupsActors.Judging;
using SoupsActors.Miniature.Judges;

namespace SoupsActors.Silo.Hosting;

/// <summary>The packaged model's own rules; of another model's answers they know nothing.</summary>
internal sealed class RuleCritic(IOptions<SoupsOptions> options) : IAnswerCritic
{
    private readonly bool knows = options.Value.Model is null;

    public string Id => RuleJudge.Default.Id;

    public CriterionScore? Score(string preference, string prompt, string answer) =>
        knows && Miniature.Preferences.All.Any(p => p.Id == preference)
            ? new CriterionScore(
                preference,
                JudgePanel.Default.Score(preference, prompt, answer),
                JudgePanel.Default.Satisfies(preference, answer))
            : null;
}

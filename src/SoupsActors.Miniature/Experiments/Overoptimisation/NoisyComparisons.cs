using SoupsActors.Learning.Data;
using SoupsActors.Learning.Rollouts;

namespace SoupsActors.Miniature.Experiments.Overoptimisation;

/// <summary>The base's answers compared by gold, some labels wrong.</summary>
/// <param name="Gold">The gold score on the scale of these answers.</param>
/// <param name="Training">What reward models learn from, wrong labels included.</param>
/// <param name="HeldOut">Comparisons of other prompts with right labels.</param>
/// <param name="WrongLabels">Training labels that are wrong.</param>
internal sealed record NoisyComparisons(
    GoldScore Gold, IReadOnlyList<TokenPair> Training, IReadOnlyList<TokenPair> HeldOut, int WrongLabels)
{
    /// <summary>A fifth of the different prompts is held out.</summary>
    private const int HeldOutEvery = 5;

    public static async Task<NoisyComparisons> SampleAsync(
        ExperimentContext context, OveroptimisationSettings settings, CancellationToken cancellationToken)
    {
        var prompts = MiniaturePrompts.Training(context.Model.Format, settings.ComparisonPrompts, context.Seed);
        var answers = await context.Model.Rollouts.SampleAsync(
            [.. prompts.SelectMany(p => Enumerable.Repeat(p, settings.AnswersPerPrompt))],
            RolloutPolicy.Base,
            new RolloutOptions { MaxTokens = settings.MaxTokens, Seed = (ulong)context.Seed },
            cancellationToken);
        var gold = GoldScore.On(settings.Criteria, answers);
        // Prompts are drawn with replacement: one that comes twice lies on the same side both times.
        var tested = prompts.Select(p => p.Text).Distinct(StringComparer.Ordinal)
            .Where((_, i) => i % HeldOutEvery == 0)
            .ToHashSet(StringComparer.Ordinal);
        var random = new Random(context.Seed);
        var training = new List<TokenPair>();
        var heldOut = new List<TokenPair>();
        var wrong = 0;
        for (var p = 0; p < prompts.Length; p++)
        {
            var own = answers.Skip(p * settings.AnswersPerPrompt).Take(settings.AnswersPerPrompt).ToArray();
            foreach (var pair in Compare(own, gold, settings.SmallestDifference))
            {
                if (tested.Contains(prompts[p].Text))
                {
                    heldOut.Add(pair);
                    continue;
                }

                var flip = random.NextDouble() < settings.LabelNoise;
                wrong += flip ? 1 : 0;
                training.Add(flip ? pair.Flipped() : pair);
            }
        }

        if (training.Count == 0 || heldOut.Count == 0)
        {
            throw new InvalidOperationException(
                "The base's answers to one prompt hardly differ by the criteria, so there is nothing to compare. Choose "
                + "other criteria, more prompts or longer answers.");
        }

        return new NoisyComparisons(gold, training, heldOut, wrong);
    }

    /// <summary>All pairs of answers to one prompt that differ enough, the better one first.</summary>
    private static IEnumerable<TokenPair> Compare(Rollout[] answers, GoldScore gold, double smallestDifference)
    {
        double[] worth = [.. answers.Select(gold.Of)];
        for (var a = 0; a < answers.Length; a++)
        {
            for (var b = a + 1; b < answers.Length; b++)
            {
                var difference = worth[a] - worth[b];
                if (difference == 0 || Math.Abs(difference) < smallestDifference)
                    continue;
                var (better, worse) = difference > 0 ? (a, b) : (b, a);
                yield return new TokenPair(answers[a].Prompt.Tokens, answers[better].Response, answers[worse].Response);
            }
        }
    }
}

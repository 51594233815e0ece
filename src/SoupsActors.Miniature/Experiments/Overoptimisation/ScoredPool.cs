using SoupsActors.Learning.Rewards;
using SoupsActors.Learning.Rollouts;

namespace SoupsActors.Miniature.Experiments.Overoptimisation;

/// <summary>Many answers to one question, scored by gold and by every member of the ensemble.</summary>
/// <param name="Gold">Gold score of each answer.</param>
/// <param name="Members">For each member its normalised score of each answer.</param>
/// <param name="Distinct">How many of the answers differ.</param>
internal sealed record ScoredPool(double[] Gold, double[][] Members, int Distinct)
{
    public static async Task<ScoredPool> SampleAsync(
        IRolloutSource source,
        RolloutPrompt prompt,
        GoldScore gold,
        IReadOnlyList<RewardModel> members,
        OveroptimisationSettings settings,
        ulong seed,
        CancellationToken cancellationToken)
    {
        var answers = await source.SampleAsync(
            [.. Enumerable.Repeat(prompt, settings.Pool)],
            RolloutPolicy.Base,
            new RolloutOptions { MaxTokens = settings.MaxTokens, Seed = seed },
            cancellationToken);

        // A small model says the same thing often; each text is scored once.
        var distinct = answers.DistinctBy(Key).ToArray();
        var places = distinct.Select((a, i) => (Key: Key(a), i)).ToDictionary(p => p.Key, p => p.i);
        int[] place = [.. answers.Select(a => places[Key(a)])];
        int[][] sequences = [.. distinct.Select(a => (int[])[.. prompt.Tokens, .. a.Response])];
        var scores = members.Select(m => m.Score(sequences, cancellationToken).Select(s => m.Card.Normalise(s)).ToArray()).ToArray();
        double[] worth = [.. distinct.Select(gold.Of)];
        return new ScoredPool(
            [.. place.Select(p => worth[p])],
            [.. scores.Select(member => place.Select(p => member[p]).ToArray())],
            distinct.Length);

        static string Key(Rollout answer) => string.Join(' ', answer.Response);
    }

    /// <summary>What samples are chosen by under an objective.</summary>
    public double[] Proxy(EnsembleObjective objective, double penalty) =>
    [
        .. Enumerable.Range(0, Gold.Length).Select(i =>
            EnsembleScores.Combine([.. Members.Select(m => m[i])], objective, penalty)),
    ];
}

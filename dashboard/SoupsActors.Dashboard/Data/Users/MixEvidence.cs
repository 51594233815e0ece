using SoupsActors.Dashboard.Data.Mixes;
using SoupsActors.Judging;
using SoupsActors.Preferences;

namespace SoupsActors.Dashboard.Data.Users;

/// <summary>How often the better of two answers met a preference more.</summary>
/// <param name="Preference">The preference.</param>
/// <param name="More">Comparisons whose chosen answer met it more.</param>
/// <param name="Less">Comparisons whose chosen answer met it less.</param>
/// <param name="Equal">Comparisons whose answers met it equally.</param>
public sealed record CriterionEvidence(Preference Preference, int More, int Less, int Equal)
{
    /// <summary>From −1, never chosen for it, to 1, always; 0 where nothing was decided.</summary>
    public double Lean => More + Less == 0 ? 0 : (double)(More - Less) / (More + Less);
}

/// <summary>
/// What a user's own comparisons, in which they said only which answer is better, tell about what they want.
/// </summary>
/// <param name="Judge">Who scored the answers; null where this server has no judge that scores.</param>
/// <param name="Pairs">Comparisons that were looked at.</param>
/// <param name="Criteria">One for each preference that the judge knows.</param>
public sealed record MixEvidence(string? Judge, int Pairs, IReadOnlyList<CriterionEvidence> Criteria)
{
    /// <summary>Fewer decided comparisons than this suggest nothing.</summary>
    public const int LeastDecided = 5;

    private const double LeastLean = 0.3;

    /// <summary>Counts.</summary>
    public static MixEvidence Weigh(
        IReadOnlyList<(AnswerScores Chosen, AnswerScores Rejected)> pairs, IEnumerable<Preference> preferences)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        var judge = pairs.Select(p => p.Chosen.Judge).FirstOrDefault(j => j is not null);
        if (judge is null)
            return new MixEvidence(null, pairs.Count, []);
        return new MixEvidence(judge, pairs.Count,
        [
            .. from preference in preferences
               let signs = pairs.Select(p => Sign(p, preference.Id)).OfType<int>().ToArray()
               where signs.Length > 0
               select new CriterionEvidence(
                   preference, signs.Count(s => s > 0), signs.Count(s => s < 0), signs.Count(s => s == 0)),
        ]);
    }

    /// <summary>
    /// The mix that the comparisons suggest: of each dimension the pole they lean to most, as strongly as they do; what
    /// too few or too even comparisons speak of stays as it is.
    /// </summary>
    public Dictionary<string, double> Suggest(
        IReadOnlyDictionary<string, double> mix, IEnumerable<MixDimension> dimensions)
    {
        ArgumentNullException.ThrowIfNull(dimensions);
        var next = new Dictionary<string, double>(mix, StringComparer.Ordinal);
        foreach (var dimension in dimensions)
        {
            var best = Criteria.Where(c => dimension.Poles.Any(p => p.Id == c.Preference.Id)).MaxBy(c => c.Lean);
            if (best is null || best.More + best.Less < LeastDecided || best.Lean < LeastLean)
                continue;
            foreach (var pole in dimension.Poles)
                next = MixScale.Set(next, pole.Id, pole.Id == best.Preference.Id ? Math.Round(best.Lean, 1) : 0);
        }

        return next;
    }

    private static int? Sign((AnswerScores Chosen, AnswerScores Rejected) pair, string preference)
    {
        var chosen = Array.Find(pair.Chosen.Scores, s => s.Preference == preference);
        var rejected = Array.Find(pair.Rejected.Scores, s => s.Preference == preference);
        return chosen is null || rejected is null ? null : chosen.Score.CompareTo(rejected.Score);
    }
}

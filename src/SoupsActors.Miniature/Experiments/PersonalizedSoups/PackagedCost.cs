using SoupsActors.Miniature.Recipe;

namespace SoupsActors.Miniature.Experiments.PersonalizedSoups;

/// <summary>What the package's own trainings took, as its build noted it.</summary>
internal static class PackagedCost
{
    /// <summary>
    /// Seconds of the reward models of some preferences, the answers that they learnt from included; null where not all
    /// are noted.
    /// </summary>
    public static double? OfRewards(MiniatureFolder miniature, IEnumerable<string> preferences) =>
        Seconds(miniature, ["answers", .. preferences.Select(id => $"reward {id}")]);

    /// <summary>Seconds of the trainings of some preferences' experts; null where not all are noted.</summary>
    public static double? OfExperts(MiniatureFolder miniature, IEnumerable<string> preferences) =>
        Seconds(miniature, preferences.Select(id => $"expert {id}"));

    private static double? Seconds(MiniatureFolder miniature, IEnumerable<string> wanted)
    {
        var stages = BuildCosts.Open(miniature).Stages;
        var all = wanted.ToArray();
        return all.All(stages.ContainsKey) ? all.Sum(stage => stages[stage].Seconds) : null;
    }
}

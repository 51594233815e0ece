using SoupsActors.Miniature.Recipe;

namespace SoupsActors.Miniature.Experiments.PersonalizedSoups;

/// <summary>What the package's own trainings took, as its build noted it.</summary>
internal static class PackagedCost
{
    /// <summary>
    /// Seconds of the trainings of some preferences' experts and reward models; null where not all are noted.
    /// </summary>
    public static double? Seconds(MiniatureFolder miniature, IEnumerable<string> preferences)
    {
        var stages = BuildCosts.Open(miniature).Stages;
        var wanted = preferences.SelectMany(id => (string[])[$"reward {id}", $"expert {id}"]).ToArray();
        return wanted.All(stages.ContainsKey) ? wanted.Sum(stage => stages[stage].Seconds) : null;
    }
}

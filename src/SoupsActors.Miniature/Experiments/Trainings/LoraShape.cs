using SoupsActors.Models.Experts;
using SoupsActors.Models.Training;

namespace SoupsActors.Miniature.Experiments.Trainings;

/// <summary>
/// The shape of an adapter, so that others can be trained alike and both merges can serve them together.
/// </summary>
internal static class LoraShape
{
    /// <summary>Rank, α, targets and seed of an expert's A.</summary>
    /// <exception cref="InvalidOperationException">The expert does not say which seed its A began with.</exception>
    public static LoraOptions Of(Expert expert)
    {
        var first = expert.Factors[0];
        return new LoraOptions
        {
            Rank = first.Rank,
            Alpha = first.Scale * first.Rank,
            Targets = [.. expert.Factors.Select(f => f.Module).Distinct()],
            InitSeed = expert.Provenance.InitSeed
                ?? throw new InvalidOperationException(
                    $"The expert '{expert.Name}' does not say which seed its A began with."),
        };
    }
}

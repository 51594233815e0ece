using SoupsActors.Learning.Rewards;

namespace SoupsActors.Miniature.Experiments.Trainings;

/// <summary>The reward models of the package, by preference; disposed of together.</summary>
internal sealed class PreferenceRewards : IDisposable
{
    private readonly Dictionary<string, RewardModel> models;

    private PreferenceRewards(Dictionary<string, RewardModel> models)
    {
        this.models = models;
        Sources = models.ToDictionary(m => m.Key, m => (IRewardSource)Source(m.Value));
    }

    /// <summary>By preference's id a reward of mean 0 and deviation 1, so that several can be averaged.</summary>
    public IReadOnlyDictionary<string, IRewardSource> Sources { get; }

    /// <summary>Reads the reward models of some preferences.</summary>
    /// <exception cref="Models.Files.ModelFormatException">One is missing or damaged.</exception>
    public static PreferenceRewards Load(ExperimentContext context, IEnumerable<string> preferences)
    {
        var loaded = new Dictionary<string, RewardModel>();
        try
        {
            foreach (var id in preferences)
            {
                loaded[id] = RewardModel.Load(
                    context.Miniature.Reward(id), context.Model.Transformer, context.Model.BaseHash);
            }

            return new PreferenceRewards(loaded);
        }
        catch
        {
            foreach (var model in loaded.Values)
                model.Dispose();
            throw;
        }
    }

    /// <summary>The reward model of a preference.</summary>
    public RewardModel Model(string preference) => models[preference];

    /// <summary>
    /// The reward models were trained and normalised on answers to bare questions, so that is what they read here too,
    /// whatever sentences the policy's prompt states.
    /// </summary>
    private static RewardModelSource Source(RewardModel model) =>
        new RewardModelSource(model, promptTokens: prompt => prompt.QuestionTokens);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var model in models.Values)
            model.Dispose();
    }
}

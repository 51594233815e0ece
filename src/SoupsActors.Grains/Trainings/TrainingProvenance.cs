using SoupsActors.Trainings;

namespace SoupsActors.Grains.Trainings;

/// <summary>What a published version says about its making.</summary>
internal static class TrainingProvenance
{
    public static Dictionary<string, string> Of(TrainingStatus training)
    {
        var notes = new Dictionary<string, string>(training.Policy!.Weights.Provenance);
        var request = training.Request;
        Note("training", training.Id);
        Note("method", request.Method.ToString().ToLowerInvariant());
        Note("seed", request.Seed);
        Note("steps", training.Policy.Steps);
        Note("stopped_by", training.Policy.StoppedBy);
        Note("data", training.Data?.Hash);
        Note("comparisons", training.Data?.Comparisons);
        Note("reward", training.Reward?.Id);
        Note("reward_accuracy", training.Reward?.Accuracy);
        Note("parent", training.Parent?.Hash);
        Note("kl_bound", request.KlBound);
        if (training.Evaluation is { } found)
        {
            Note("judge", found.Judge);
            Note("wins", found.Wins);
            Note("ties", found.Ties);
            Note("losses", found.Losses);
            Note("held_out_prompts", found.Prompts);
            Note("win_rate_lower", found.Lower);
            Note("kl_per_token", found.KlPerToken);
        }

        return notes;

        void Note(string key, object? value)
        {
            if (value is not null)
                notes[key] = value is double number ? number.ToString("0.####") : value.ToString()!;
        }
    }
}

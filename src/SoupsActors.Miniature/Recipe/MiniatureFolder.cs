namespace SoupsActors.Miniature.Recipe;

/// <summary>A folder that holds a miniature: a base model and its experts in Hugging Face's and PEFT's layouts.</summary>
/// <param name="root">The folder.</param>
public sealed class MiniatureFolder(string root)
{
    /// <summary>The miniature that comes with the product.</summary>
    public static MiniatureFolder Packaged { get; } = new(Path.Combine(AppContext.BaseDirectory, "Miniature"));

    /// <summary>The folder.</summary>
    public string Root { get; } = root;

    /// <summary>The base model.</summary>
    public string Base => Path.Combine(Root, "base");

    /// <summary>What the judges counted, for programs.</summary>
    public string Judgements => Path.Combine(Root, "judgements.json");

    /// <summary>What each training took.</summary>
    public string Costs => Path.Combine(Root, "costs.json");

    /// <summary>The report of the evaluation.</summary>
    public string Report => Path.Combine(Root, "report.md");

    /// <summary>Checkpoints of trainings under way.</summary>
    internal string Work => Path.Combine(Root, ".work");

    /// <summary>Whether base and all experts are there: what answering needs.</summary>
    public bool IsComplete =>
        File.Exists(Path.Combine(Base, "model.safetensors")) && Preferences.All.All(p => HasExpert(p.Id));

    /// <summary>One expert.</summary>
    public string Expert(string preferenceId) => Path.Combine(Root, "experts", Preferences.Get(preferenceId).Id);

    /// <summary>One preference's reward model.</summary>
    public string Reward(string preferenceId) => Path.Combine(Root, "rewards", Preferences.Get(preferenceId).Id);

    /// <summary>The curves of one expert's training, as JSON lines.</summary>
    public string Curve(string preferenceId) => Path.Combine(Root, "curves", Preferences.Get(preferenceId).Id + ".jsonl");

    /// <summary>Whether a preference's reward model is there.</summary>
    public bool HasReward(string preferenceId) => File.Exists(Path.Combine(Reward(preferenceId), "reward.json"));

    internal bool HasExpert(string preferenceId) =>
        File.Exists(Path.Combine(Expert(preferenceId), "adapter_model.safetensors"));
}

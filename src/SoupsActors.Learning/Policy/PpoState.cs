using SoupsActors.Learning.Training;
using SoupsActors.Models.Training;
using SoupsActors.Tensors;

namespace SoupsActors.Learning.Policy;

/// <summary>Everything that changes while a policy is trained: what a run needs to go on to the bit.</summary>
internal sealed class PpoState : IDisposable
{
    private readonly Parameter[] parameters;
    private float[][] good = [];

    public PpoState(Backend backend, LoraAdapter policy, Critic critic, PpoOptions options)
    {
        Policy = policy;
        Critic = critic;
        PolicyOptimiser = new AdamW(backend, policy.Parameters, options.Optimiser);
        CriticOptimiser = new AdamW(backend, critic.Parameters, options.Optimiser);
        Kl = new KlController(options.KlCoefficient, options.AdaptiveKl);
        parameters = [.. policy.Parameters, .. critic.Parameters];
    }

    public LoraAdapter Policy { get; }

    public Critic Critic { get; }

    public AdamW PolicyOptimiser { get; }

    public AdamW CriticOptimiser { get; }

    public RunningMoments Scores { get; } = new();

    public KlController Kl { get; }

    /// <summary>Steps done.</summary>
    public int Step { get; set; }

    public long Episodes { get; set; }

    public long Tokens { get; set; }

    public double GenerationSeconds { get; set; }

    public double ScoringSeconds { get; set; }

    public double UpdateSeconds { get; set; }

    /// <summary>Notes the weights as good: their answers were measured and lie within the bounds.</summary>
    public void MarkGood() => good = [.. parameters.Select(p => p.ToArray())];

    /// <summary>Puts the last good weights back.</summary>
    public void ReturnToGood()
    {
        for (var i = 0; i < good.Length; i++)
            parameters[i].Load(good[i]);
    }

    public void Save(CheckpointWriter state)
    {
        state.Add("step", Step);
        state.Add("policy", Policy.Parameters);
        state.Add("critic", Critic.Parameters);
        state.Add("policy-optimiser", PolicyOptimiser);
        state.Add("critic-optimiser", CriticOptimiser);
        Scores.Save(state, "scores");
        state.Add("kl-coefficient", Kl.Coefficient);
        state.Add("episodes", Episodes);
        state.Add("tokens", Tokens);
        state.Add("generation-seconds", GenerationSeconds);
        state.Add("scoring-seconds", ScoringSeconds);
        state.Add("update-seconds", UpdateSeconds);
    }

    public void Load(CheckpointReader state)
    {
        Step = (int)state.Integer("step");
        state.Load("policy", Policy.Parameters);
        state.Load("critic", Critic.Parameters);
        state.Load("policy-optimiser", PolicyOptimiser);
        state.Load("critic-optimiser", CriticOptimiser);
        Scores.Load(state, "scores");
        Kl.Coefficient = state.Number("kl-coefficient");
        Episodes = state.Integer("episodes");
        Tokens = state.Integer("tokens");
        GenerationSeconds = state.Number("generation-seconds");
        ScoringSeconds = state.Number("scoring-seconds");
        UpdateSeconds = state.Number("update-seconds");
    }

    public void Dispose()
    {
        PolicyOptimiser.Dispose();
        CriticOptimiser.Dispose();
    }
}

using SoupsActors.Learning.Rewards;
using SoupsActors.Models.Experts;
using SoupsActors.Models.Files;
using SoupsActors.Models.Training;
using SoupsActors.Tensors;

namespace SoupsActors.Learning.Policy;

/// <summary>
/// The value function: the frozen base with a LoRA adapter of its own and a scalar head without bias. It shares the
/// base with policy, reference and reward model, so that all four cost one resident base.
/// </summary>
public sealed class Critic : IDisposable
{
    private Critic(Backend backend, TransformerConfig config, LoraOptions options)
    {
        Adapter = new LoraAdapter(backend, config, options);
        Head = new Parameter(backend, "head", 1, config.HiddenSize);
    }

    /// <summary>The adapter in whose presence the head reads hidden states.</summary>
    public LoraAdapter Adapter { get; }

    /// <summary>Weights of the head, 1 × hidden size.</summary>
    public Parameter Head { get; }

    /// <summary>All trained parameters.</summary>
    public IEnumerable<Parameter> Parameters => [.. Adapter.Parameters, Head];

    /// <summary>A critic that values every state at 0 until it is trained.</summary>
    public static Critic Create(Backend backend, TransformerConfig config, LoraOptions options)
    {
        ArgumentNullException.ThrowIfNull(config);
        return new Critic(backend, config, options);
    }

    /// <summary>
    /// A critic that starts as a reward model (Zheng et al. 2023, section 5.3): its adapter and head are copied.
    /// </summary>
    /// <param name="backend">The device.</param>
    /// <param name="config">Shape of the base.</param>
    /// <param name="options">Shape of the reward model's adapter.</param>
    /// <param name="factors">The reward model's adapter.</param>
    /// <param name="head">Weights of its head, as many as the hidden size.</param>
    /// <exception cref="ArgumentException">Factors or head do not fit.</exception>
    public static Critic From(
        Backend backend,
        TransformerConfig config,
        LoraOptions options,
        IReadOnlyList<LoraFactors> factors,
        ReadOnlySpan<float> head)
    {
        ArgumentNullException.ThrowIfNull(factors);
        if (factors.Any(f => f.Scale != options.Scale))
        {
            throw new ArgumentException(
                $"Factors of scale {options.Scale} are needed, as the options say.", nameof(factors));
        }

        var critic = Create(backend, config, options);
        try
        {
            critic.Adapter.Load(factors);
            critic.Head.Load(head);
            return critic;
        }
        catch
        {
            critic.Dispose();
            throw;
        }
    }

    /// <summary>A critic that starts as a reward model of the same base.</summary>
    /// <param name="reward">The reward model; copied, and the caller's as before.</param>
    /// <param name="config">Shape of the base.</param>
    public static Critic From(RewardModel reward, TransformerConfig config)
    {
        ArgumentNullException.ThrowIfNull(reward);
        return From(reward.Backend, config, reward.Adapter.Options, reward.Adapter.ToFactors(), reward.HeadWeights);
    }

    /// <summary>Values of the states at some rows of packed sequences, rows × 1.</summary>
    /// <param name="tape">Records the step.</param>
    /// <param name="model">The base; its adapter is switched to the critic's.</param>
    /// <param name="batch">The responses; the value of a token's row is that of the state before the token.</param>
    internal Tensor Values(Tape tape, TrainableTransformer model, ResponseBatch batch) =>
        batch.Hidden(tape, model, Adapter).Linear(tape.Use(Head));

    /// <inheritdoc/>
    public void Dispose()
    {
        Adapter.Dispose();
        Head.Dispose();
    }
}

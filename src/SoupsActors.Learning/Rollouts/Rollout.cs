using SoupsActors.Models.Experts;
using SoupsActors.Serving;

namespace SoupsActors.Learning.Rollouts;

/// <summary>A prompt to sample answers for.</summary>
/// <param name="Text">As the user wrote it, no chat template.</param>
/// <param name="Tokens">Token ids, chat template applied, ready for an answer.</param>
public sealed record RolloutPrompt(string Text, int[] Tokens)
{
    /// <summary>Ids of the preferences the answer shall meet, where the prompt asks for some.</summary>
    public IReadOnlyList<string> Preferences { get; init; } = [];

    /// <summary>What the prompt is about, for judges that must know; or null.</summary>
    public string? Topic { get; init; }

    /// <summary>
    /// Token ids of the question alone, where <see cref="Tokens"/> also state preferences; otherwise the same. Reward
    /// models that have only seen bare questions read these.
    /// </summary>
    public int[] QuestionTokens { get => field ?? Tokens; init; }

    /// <summary>The prompts of a training step, drawn with replacement: a function of the step's number alone.</summary>
    /// <param name="prompts">What is drawn from, at least one.</param>
    /// <param name="count">How many are drawn.</param>
    /// <param name="seed">Fixes the draws of all steps.</param>
    /// <param name="step">The step.</param>
    public static RolloutPrompt[] Draw(IReadOnlyList<RolloutPrompt> prompts, int count, ulong seed, int step)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        var drawn = RolloutSeeds.Of(seed, step);
        return
        [
            .. Enumerable.Range(0, count).Select(i => prompts[(int)(RolloutSeeds.Of(drawn, i) % (ulong)prompts.Count)]),
        ];
    }
}

/// <summary>An answer that a policy gave.</summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="Response">Token ids of the answer, the end token included where there is one; never empty.</param>
/// <param name="Ended">Whether the answer ended by itself; false where it was cut at the limit.</param>
/// <param name="Text">The answer without its end token.</param>
public sealed record Rollout(RolloutPrompt Prompt, int[] Response, bool Ended, string Text);

/// <summary>Weights to sample with: the base and any mix of experts.</summary>
/// <param name="Mix">Weights λ.</param>
/// <param name="Experts">The experts that the mix names.</param>
public sealed record RolloutPolicy(Mix Mix, IReadOnlyList<Expert> Experts)
{
    /// <summary>The base model itself.</summary>
    public static RolloutPolicy Base { get; } = new(Mix.Empty, []);

    /// <summary>One expert at weight 1.</summary>
    public static RolloutPolicy Of(Expert expert)
    {
        ArgumentNullException.ThrowIfNull(expert);
        return new RolloutPolicy(Mix.Create(MergeMode.Product, [new MixTerm(expert.Hash, 1)]), [expert]);
    }

    /// <summary>Several experts, each with its weight.</summary>
    public static RolloutPolicy Of(MergeMode mode, params IEnumerable<(Expert Expert, float Weight)> terms)
    {
        var all = terms.ToArray();
        return new RolloutPolicy(
            Mix.Create(mode, all.Select(t => new MixTerm(t.Expert.Hash, t.Weight))), [.. all.Select(t => t.Expert).Distinct()]);
    }
}

/// <summary>How answers are sampled.</summary>
public sealed record RolloutOptions
{
    /// <summary>Most tokens of an answer, at least 1.</summary>
    public required int MaxTokens { get; init; }

    /// <summary>
    /// Fixes all draws: the i-th answer of a call depends on this seed, i and the weights alone. Its own
    /// <see cref="SamplingOptions.Seed"/> is ignored.
    /// </summary>
    public required ulong Seed { get; init; }

    /// <summary>
    /// Temperature and filters. Policy gradients assume temperature 1 without filters, so that what is sampled is what
    /// is trained.
    /// </summary>
    public SamplingOptions Sampling { get; init; } = new();
}

/// <summary>Samples answers, normally from the engine that serves users.</summary>
public interface IRolloutSource
{
    /// <summary>One answer for each prompt, in their order. A prompt that is there twice gets two draws.</summary>
    Task<IReadOnlyList<Rollout>> SampleAsync(
        IReadOnlyList<RolloutPrompt> prompts,
        RolloutPolicy policy,
        RolloutOptions options,
        CancellationToken cancellationToken = default);
}

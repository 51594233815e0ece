using SoupsActors.Learning.Data;
using SoupsActors.Serving;

namespace SoupsActors.Learning.Rollouts;

/// <summary>
/// Samples from a generation engine, beside whatever else it serves. A row's tokens depend on its own request only, so
/// rollouts are the same to the bit whether users are served meanwhile or not.
/// </summary>
/// <param name="engine">The engine; stays the caller's.</param>
/// <param name="format">Decodes the answers.</param>
/// <param name="stopTokens">Tokens that end an answer.</param>
/// <param name="fairnessKey">The engine shares its steps fairly between this key and the users.</param>
/// <param name="parallelRows">Most answers asked for at once; below the engine's queue limit.</param>
/// <param name="background">Whether the answers give way to all other requests.</param>
public sealed class EngineRollouts(
    GenerationEngine engine,
    ConversationFormat format,
    IReadOnlyList<int> stopTokens,
    string fairnessKey = "training",
    int parallelRows = 256,
    bool background = false) : IRolloutSource
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<Rollout>> SampleAsync(
        IReadOnlyList<RolloutPrompt> prompts,
        RolloutPolicy policy,
        RolloutOptions options,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(options);
        var rollouts = new Rollout[prompts.Count];
        using var room = new SemaphoreSlim(parallelRows);
        await Task.WhenAll(prompts.Select(async (prompt, row) =>
        {
            await room.WaitAsync(cancellationToken);
            try
            {
                rollouts[row] = await SampleAsync(prompt, policy, options, row, cancellationToken);
            }
            finally
            {
                room.Release();
            }
        }));
        return rollouts;
    }

    private async Task<Rollout> SampleAsync(
        RolloutPrompt prompt, RolloutPolicy policy, RolloutOptions options, int row, CancellationToken cancellationToken)
    {
        var request = new GenerationRequest
        {
            Prompt = prompt.Tokens,
            Mix = policy.Mix,
            Experts = policy.Experts,
            Sampling = options.Sampling with { Seed = RolloutSeeds.Of(options.Seed, row) },
            MaxTokens = options.MaxTokens,
            StopTokens = stopTokens,
            FairnessKey = fairnessKey,
            IsBackground = background,
        };
        var tokens = new List<int>();
        var ended = false;
        await foreach (var update in engine.GenerateAsync(request, cancellationToken))
        {
            tokens.AddRange(update.Tokens);
            ended = update.FinishReason == FinishReason.Stop;
        }

        int[] response = [.. tokens];
        return new Rollout(prompt, response, ended, format.Text(response));
    }
}

/// <summary>Seeds of single answers and steps, spread by SplitMix64.</summary>
public static class RolloutSeeds
{
    /// <summary>The seed of one part of something seeded.</summary>
    public static ulong Of(ulong seed, int part) => SplitMix64.At(seed, (uint)part);
}

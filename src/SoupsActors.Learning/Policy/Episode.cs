using SoupsActors.Learning.Rewards;
using SoupsActors.Learning.Rollouts;

namespace SoupsActors.Learning.Policy;

/// <summary>A rollout with everything that was measured on it; arrays have one entry per response token.</summary>
internal sealed class Episode(Rollout rollout, RewardSignal signal)
{
    public Rollout Rollout { get; } = rollout;

    public RewardSignal Signal { get; } = signal;

    public int Length => Rollout.Response.Length;

    /// <summary>log π of the policy that sampled, computed by the training forward pass.</summary>
    public float[] LogProbabilities { get; set; } = [];

    /// <summary>log π of the reference.</summary>
    public float[] ReferenceLogProbabilities { get; set; } = [];

    /// <summary>Values of the states before each token.</summary>
    public float[] Values { get; set; } = [];

    /// <summary>Scaled reward and KL penalty.</summary>
    public float[] Rewards { get; set; } = [];

    public float[] Advantages { get; set; } = [];

    /// <summary>Targets of the critic.</summary>
    public float[] Returns { get; set; } = [];

    /// <summary>Σ (log π − log π_ref): the one-sample estimate of the KL divergence, in nats.</summary>
    public double Kl => LogProbabilities.Zip(ReferenceLogProbabilities, (p, q) => (double)p - q).Sum();

    public static ResponseBatch Pack(IReadOnlyList<Episode> episodes) =>
        ResponseBatch.Pack([.. episodes.Select(e => (e.Rollout.Prompt.Tokens, e.Rollout.Response))]);

    /// <summary>One array of all episodes, in the order of <see cref="Pack"/>'s rows.</summary>
    public static float[] Join(IEnumerable<Episode> episodes, Func<Episode, float[]> part) =>
        [.. episodes.SelectMany(part)];

    /// <summary>The inverse of <see cref="Join"/>.</summary>
    public static void Split(float[] joined, IEnumerable<Episode> episodes, Action<Episode, float[]> assign)
    {
        var start = 0;
        foreach (var episode in episodes)
        {
            assign(episode, joined[start..(start + episode.Length)]);
            start += episode.Length;
        }
    }
}

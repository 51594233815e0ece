using SoupsActors.Models.Experts;

namespace SoupsActors.Serving.Scheduling;

/// <summary>A mix that running rows share.</summary>
internal sealed class SharedMix(Mix mix)
{
    public Mix Mix { get; } = mix;

    public int Rows { get; set; }

    /// <summary>The last step it took part in.</summary>
    public long LastStep { get; set; }
}

/// <summary>
/// The mixes of the running rows. Rows with equal mixes carry the same object, so that the model recognises it by
/// reference from step to step.
/// </summary>
internal sealed class MixTable
{
    private readonly Dictionary<Mix, SharedMix> mixes = [];

    public SharedMix Acquire(Mix mix)
    {
        if (!mixes.TryGetValue(mix, out var shared))
            mixes[mix] = shared = new SharedMix(mix);
        shared.Rows++;
        return shared;
    }

    public void Release(SharedMix shared)
    {
        if (--shared.Rows == 0)
            mixes.Remove(shared.Mix);
    }
}

namespace SoupsActors.Learning.Rewards;

/// <summary>What MORE divides a data set's head gradient by before the weights are found.</summary>
public enum GradientNormalisation
{
    /// <summary>Its norm: only the directions count. The published runs use this one.</summary>
    L2,

    /// <summary>The data set's loss.</summary>
    Loss,

    /// <summary>Loss times norm.</summary>
    LossPlus,

    /// <summary>Nothing.</summary>
    None,
}

/// <summary>Settings of MORE, Multi-Objective Reward learning (arXiv 2312.07401).</summary>
public sealed record MoreOptions
{
    /// <summary>Data sets, K; <see cref="Data.TokenPair.Source"/> is 0 to K − 1.</summary>
    public required int Sources { get; init; }

    /// <summary>
    /// α of m ← (1 − α)·m + α·g, in (0, 1]. It weighs the new gradient: at the published 0.99 there is next to no memory.
    /// </summary>
    public double Momentum { get; init; } = 0.99;

    /// <summary>What gradients are divided by.</summary>
    public GradientNormalisation Normalisation { get; init; } = GradientNormalisation.L2;

    internal void Validate()
    {
        if (Sources < 1)
            throw new ArgumentException("MORE needs at least one data set.");
        if (Momentum is not (> 0 and <= 1))
            throw new ArgumentException("MORE's momentum weighs the new gradient and lies in (0, 1].");
    }
}

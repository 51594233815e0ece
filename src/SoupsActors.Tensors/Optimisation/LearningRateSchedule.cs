namespace SoupsActors.Tensors;

/// <summary>The shape of a learning-rate schedule after its warm-up.</summary>
public enum ScheduleKind
{
    /// <summary>The peak rate to the end.</summary>
    Constant,

    /// <summary>A straight line from the peak to the final rate.</summary>
    Linear,

    /// <summary>Half a cosine from the peak to the final rate (Loshchilov and Hutter 2017, section 3).</summary>
    Cosine,
}

/// <summary>A learning rate for every step: a linear warm-up, then one of three shapes.</summary>
public sealed record LearningRateSchedule
{
    /// <summary>Creates a schedule.</summary>
    /// <param name="kind">The shape after the warm-up.</param>
    /// <param name="peak">The highest rate, positive.</param>
    /// <param name="totalSteps">Steps in all, at least 1.</param>
    /// <param name="warmupSteps">Steps of the warm-up, fewer than or equal to <paramref name="totalSteps"/>.</param>
    /// <param name="finalFraction">The rate at the end as a fraction of the peak, 0 to 1.</param>
    public LearningRateSchedule(
        ScheduleKind kind, double peak, int totalSteps, int warmupSteps = 0, double finalFraction = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(peak);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(totalSteps);
        ArgumentOutOfRangeException.ThrowIfNegative(warmupSteps);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(warmupSteps, totalSteps);
        ArgumentOutOfRangeException.ThrowIfNegative(finalFraction);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(finalFraction, 1);
        Kind = kind;
        Peak = peak;
        TotalSteps = totalSteps;
        WarmupSteps = warmupSteps;
        FinalFraction = finalFraction;
    }

    /// <summary>The shape after the warm-up.</summary>
    public ScheduleKind Kind { get; }

    /// <summary>The highest rate.</summary>
    public double Peak { get; }

    /// <summary>Steps in all.</summary>
    public int TotalSteps { get; }

    /// <summary>Steps of the warm-up.</summary>
    public int WarmupSteps { get; }

    /// <summary>The rate at the end as a fraction of the peak.</summary>
    public double FinalFraction { get; }

    /// <summary>The rate of a step, counted from 1; after the last step the final rate stays.</summary>
    public float At(int step)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(step);
        if (step <= WarmupSteps)
            return (float)(Peak * step / WarmupSteps);
        var progress = TotalSteps == WarmupSteps
            ? 1
            : Math.Min(1, (step - WarmupSteps) / (double)(TotalSteps - WarmupSteps));
        var fraction = Kind switch
        {
            ScheduleKind.Constant => 1,
            ScheduleKind.Linear => 1 - progress * (1 - FinalFraction),
            _ => FinalFraction + (1 - FinalFraction) * 0.5 * (1 + Math.Cos(Math.PI * progress)),
        };
        return (float)(Peak * fraction);
    }
}

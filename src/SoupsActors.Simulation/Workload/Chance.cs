namespace SoupsActors.Simulation.Workload;

/// <summary>What a draw is for; draws of one purpose never depend on how many another took.</summary>
internal enum Purpose : ulong
{
    Arrival = 1,
    User,
    Length,
    Mix,
    Choice,
    Think,
}

/// <summary>
/// Random numbers that are a function of seed, purpose and number. Runs that differ in policy alone so see the same users
/// ask for the same answers at the same times.
/// </summary>
internal struct Chance(ulong seed, Purpose purpose, ulong number)
{
    // Mixed once more, or a number's second draw would be its neighbour's first.
    private ulong state = SplitMix64.Mix(
        SplitMix64.Mix(SplitMix64.Mix(seed ^ ((ulong)purpose << 56)) + number * SplitMix64.Gamma));

    /// <summary>64 random bits.</summary>
    public ulong Bits() => SplitMix64.Next(ref state);

    /// <summary>Uniform in (0, 1), never an end.</summary>
    public double Uniform() => ((Bits() >> 11) + 0.5) * (1.0 / (1UL << 53));

    /// <summary>Exponential with mean 1.</summary>
    public double Exponential() => -Math.Log(Uniform());
}

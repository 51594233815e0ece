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
/// Random numbers that are a function of seed, purpose and number (SplitMix64: Steele, Lea and Flood 2014). Runs that
/// differ in policy alone so see the same users ask for the same answers at the same times.
/// </summary>
internal struct Chance(ulong seed, Purpose purpose, ulong number)
{
    // Mixed once more, or a number's second draw would be its neighbour's first.
    private ulong state = Mixed(Mixed(Mixed(seed ^ ((ulong)purpose << 56)) + number * 0x9E3779B97F4A7C15));

    /// <summary>64 random bits.</summary>
    public ulong Bits() => Mixed(state += 0x9E3779B97F4A7C15);

    /// <summary>Uniform in (0, 1), never an end.</summary>
    public double Uniform() => ((Bits() >> 11) + 0.5) * (1.0 / (1UL << 53));

    /// <summary>Exponential with mean 1.</summary>
    public double Exponential() => -Math.Log(Uniform());

    private static ulong Mixed(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}

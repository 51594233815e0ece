namespace SoupsActors.Simulation.Workload;

/// <summary>
/// Users who each have a mix of their own for good. A user is a number and nothing else: the mix is drawn again from it
/// whenever it is asked for, so that ten million users take no memory.
/// </summary>
internal sealed class Population
{
    /// <summary>Ranks up to this one are summed one by one, those beyond in blocks of one per cent.</summary>
    private const int SingleRanks = 1000;

    private readonly ulong seed;
    private readonly int count;
    private readonly double exponent;
    private readonly Zipf users;
    private readonly Zipf experts;

    public Population(SimulationOptions options)
    {
        seed = options.Seed;
        count = options.Users;
        exponent = options.UserExponent;
        users = new Zipf(options.Users, options.UserExponent);
        experts = new Zipf(options.Experts, options.ExpertExponent);
    }

    /// <summary>Who asks request number <paramref name="request"/>.</summary>
    public int UserOf(long request)
    {
        var chance = new Chance(seed, Purpose.User, (ulong)request);
        return users.Draw(ref chance);
    }

    /// <summary>The experts of a user, all different.</summary>
    public void MixOf(int user, Span<int> mix)
    {
        var chance = new Chance(seed, Purpose.Mix, (ulong)user);
        for (var i = 0; i < mix.Length;)
        {
            var expert = experts.Draw(ref chance);
            if (!mix[..i].Contains(expert))
                mix[i++] = expert;
        }
    }

    /// <summary>
    /// How many users have asked within a time, on average: Σ 1 − exp(−rate·share·time) over all users.
    /// </summary>
    /// <param name="rate">Requests a second over all users.</param>
    /// <param name="seconds">The time.</param>
    public double ActiveWithin(double rate, double seconds)
    {
        var all = Sum(rank => Math.Pow(rank, -exponent));
        return Sum(rank => -Math.Exp(-rate * seconds * Math.Pow(rank, -exponent) / all) + 1);
    }

    private double Sum(Func<double, double> ofRank)
    {
        var sum = 0.0;
        for (var rank = 1; rank <= Math.Min(count, SingleRanks); rank++)
            sum += ofRank(rank);
        for (long first = SingleRanks + 1, last; first <= count; first = last + 1)
        {
            last = Math.Min(count, first + first / 100);
            sum += (last - first + 1) * ofRank(0.5 * (first + last));
        }

        return sum;
    }
}

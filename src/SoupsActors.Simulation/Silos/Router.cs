using SoupsActors.Placement;
using SoupsActors.Simulation.Workload;

namespace SoupsActors.Simulation.Silos;

/// <summary>
/// Chooses generators as the runtime does: by what they last reported, which may be up to a report period old, and with
/// the runtime's own function.
/// </summary>
internal sealed class Router
{
    private readonly SimulationOptions options;
    private readonly GeneratorSilo[] silos;
    private readonly GeneratorCandidate[] reported;
    private readonly GeneratorCandidate[] candidates;
    private readonly int[] siloOf;
    private readonly ulong[] held;
    private readonly HomeTable? homes;
    private readonly int words;

    public Router(SimulationOptions options, GeneratorSilo[] silos)
    {
        this.options = options;
        this.silos = silos;
        words = silos[0].Device.Held.Length;
        reported = new GeneratorCandidate[silos.Length];
        candidates = new GeneratorCandidate[silos.Length];
        siloOf = new int[silos.Length];
        held = new ulong[silos.Length * words];
        homes = options is { Policy: ChoicePolicy.Residency, Homes: true } ? new HomeTable(options) : null;
        for (var silo = 0; silo < silos.Length; silo++)
            Report(silo);
    }

    /// <summary>Seconds between two reports of a silo; 0 where choices see everything as it is.</summary>
    public double ReportSeconds => options.Placement.ReportPeriod.TotalSeconds;

    /// <summary>A silo tells what it does and holds.</summary>
    public void Report(int silo)
    {
        var of = silos[silo];
        reported[silo] = new GeneratorCandidate(0, of.Device.Room, of.Waiting, of.Running, options.Rows);
        of.Device.Held.CopyTo(held.AsSpan(silo * words, words));
    }

    /// <summary>Notes that a request asks for a mix.</summary>
    public void Asked(ReadOnlySpan<int> mix, double now)
    {
        if (homes is null)
            return;
        foreach (var expert in mix)
            homes.Asked(expert, now);
    }

    /// <summary>The silo to ask, or −1 where all have been tried.</summary>
    /// <param name="mix">The experts that the request needs.</param>
    /// <param name="chance">Where the draw comes from.</param>
    /// <param name="tried">Silos that have refused the request.</param>
    public int Choose(ReadOnlySpan<int> mix, ref Chance chance, ReadOnlySpan<int> tried)
    {
        var count = 0;
        for (var silo = 0; silo < silos.Length; silo++)
        {
            if (tried.Contains(silo))
                continue;
            if (ReportSeconds == 0)
                Report(silo);
            siloOf[count] = silo;
            candidates[count++] = options.Policy == ChoicePolicy.Residency
                ? reported[silo] with { Missing = Missing(silo, mix) }
                : reported[silo] with { Room = int.MaxValue };
        }

        if (count == 0)
            return -1;
        var among = candidates.AsSpan(0, count);
        var draw = chance.Bits();
        return siloOf[options.Policy switch
        {
            ChoicePolicy.Random => (int)(draw % (ulong)count),
            ChoicePolicy.LeastLoaded => LeastLoaded(among, (int)(draw % (ulong)count)),
            _ => GeneratorChoice.Choose(among, draw, options.Placement),
        }];
    }

    // Where loads are equal the first from a random place on is taken, or they would all go to silo 0.
    private static int LeastLoaded(ReadOnlySpan<GeneratorCandidate> among, int start)
    {
        var best = start;
        for (var i = 1; i < among.Length; i++)
        {
            var at = (start + i) % among.Length;
            if (among[at].Load < among[best].Load)
                best = at;
        }

        return best;
    }

    private int Missing(int silo, ReadOnlySpan<int> mix)
    {
        var missing = mix.Length;
        var first = silo * words;
        foreach (var expert in mix)
        {
            var holds = (held[first + (expert >> 6)] >> (expert & 63) & 1) != 0;
            missing -= holds || (homes is not null && homes.IsHome(silo, expert)) ? 1 : 0;
        }

        return missing;
    }
}

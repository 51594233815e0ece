using SoupsActors.Placement;

namespace SoupsActors.Simulation.Silos;

/// <summary>
/// The silos that are to hold each expert: the runtime's own hashing and its own rule of how many there are at the rate
/// at which requests ask for the expert.
/// </summary>
internal sealed class HomeTable
{
    /// <summary>How far back the rates look, as the runtime's do.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(30);

    private readonly PlacementOptions options;
    private readonly int silos;
    private readonly ushort[] ranks;
    private readonly int[] replicas;
    private readonly double[] coldSince;
    private readonly RequestRate[] rates;

    public HomeTable(SimulationOptions of)
    {
        options = of.Placement;
        silos = of.Silos;
        ranks = new ushort[of.Experts * silos];
        replicas = new int[of.Experts];
        coldSince = new double[of.Experts];
        rates = [.. Enumerable.Range(0, of.Experts).Select(_ => new RequestRate(Memory))];
        Array.Fill(replicas, 1);
        Array.Fill(coldSince, double.PositiveInfinity);
        var names = Enumerable.Range(0, silos)
            .Select(silo => ExpertHomes.NumberOf(of.SiloKeys?[silo] ?? $"silo-{silo}")).ToArray();
        for (var expert = 0; expert < of.Experts; expert++)
            Rank(expert, ExpertHomes.NumberOf(of.ExpertHashes?[expert] ?? $"expert-{expert}"), names, of.Slots);
    }

    /// <summary>Notes that a request asks for an expert.</summary>
    public void Asked(int expert, double now)
    {
        rates[expert].Add(now);
        var rate = rates[expert].At(now);
        if (!ExpertReplication.IsCold(replicas[expert], rate, options))
            coldSince[expert] = double.PositiveInfinity;
        else
            coldSince[expert] = Math.Min(coldSince[expert], now);
        var coldFor = TimeSpan.FromSeconds(Math.Max(0, now - coldSince[expert]));
        replicas[expert] = ExpertReplication.Replicas(replicas[expert], rate, coldFor, silos, options);
    }

    /// <summary>Whether a silo is to hold an expert.</summary>
    public bool IsHome(int silo, int expert) => ranks[expert * silos + silo] < replicas[expert];

    private void Rank(int expert, ulong number, ulong[] names, int slots)
    {
        var scores = names.Select(name => -ExpertHomes.Score(number, name, slots)).ToArray();
        var order = Enumerable.Range(0, silos).ToArray();
        Array.Sort(scores, order);
        for (var rank = 0; rank < silos; rank++)
            ranks[expert * silos + order[rank]] = (ushort)rank;
    }
}

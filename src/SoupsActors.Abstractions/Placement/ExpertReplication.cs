namespace SoupsActors.Placement;

/// <summary>
/// On how many generators an expert is to be held. A hot one grows at once; a cold one shrinks by one generator after
/// each cool-down, so that a rate around the threshold does not move weights back and forth.
/// </summary>
public static class ExpertReplication
{
    /// <summary>The number of generators that should hold the expert.</summary>
    /// <param name="replicas">How many hold it now.</param>
    /// <param name="rate">Requests a second that want it.</param>
    /// <param name="coldFor">How long one generator fewer would have been enough.</param>
    /// <param name="generators">How many generators there are.</param>
    /// <param name="options">Threshold and cool-down.</param>
    public static int Replicas(
        int replicas, double rate, TimeSpan coldFor, int generators, PlacementOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var most = Math.Max(1, generators);
        var wanted = (int)Math.Clamp(Math.Ceiling(rate / options.RequestsPerReplica), 1, most);
        if (wanted >= replicas)
            return wanted;
        var shrinks = replicas > most || (IsCold(replicas, rate, options) && coldFor >= options.CoolDown);
        return Math.Min(shrinks ? replicas - 1 : replicas, most);
    }

    /// <summary>
    /// Whether one generator fewer would serve the rate with a fifth to spare.
    /// </summary>
    public static bool IsCold(int replicas, double rate, PlacementOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return replicas > 1 && rate <= 0.8 * options.RequestsPerReplica * (replicas - 1);
    }
}

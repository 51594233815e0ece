namespace SoupsActors.Placement;

/// <summary>How requests find generators and experts spread over them.</summary>
public sealed class PlacementOptions
{
    /// <summary>
    /// What one missing expert counts against load, 0 to 100: 0.25 is as much as a quarter of a generator's places
    /// being taken. 0 ignores where experts are.
    /// </summary>
    public double MissCost { get; set; } = 0.25;

    /// <summary>Requests a second for one expert above which one more generator holds it, positive.</summary>
    public double RequestsPerReplica { get; set; } = 10;

    /// <summary>How long an expert must have been cold before one generator fewer holds it, 1 second to 1 day.</summary>
    public TimeSpan CoolDown { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How often generators report what they do, 50 milliseconds to 1 minute.</summary>
    public TimeSpan ReportPeriod { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a generator that does not report is still asked; at least twice the report period, at most 10 minutes.
    /// </summary>
    public TimeSpan SilenceLimit { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>Generators that are asked for one request before it fails, 1 to 100.</summary>
    public int Attempts { get; set; } = 4;

    /// <summary>What is wrong with the settings: name, value and range of each.</summary>
    public IEnumerable<(string Setting, object? Value, string Range)> Problems()
    {
        if (!(MissCost is >= 0 and <= 100))
            yield return (nameof(MissCost), MissCost, "0 to 100");
        if (!(RequestsPerReplica > 0 && double.IsFinite(RequestsPerReplica)))
            yield return (nameof(RequestsPerReplica), RequestsPerReplica, "a positive number");
        if (CoolDown < TimeSpan.FromSeconds(1) || CoolDown > TimeSpan.FromDays(1))
            yield return (nameof(CoolDown), CoolDown, "1 second to 1 day");
        if (ReportPeriod < TimeSpan.FromMilliseconds(50) || ReportPeriod > TimeSpan.FromMinutes(1))
            yield return (nameof(ReportPeriod), ReportPeriod, "50 milliseconds to 1 minute");
        if (SilenceLimit < 2 * ReportPeriod || SilenceLimit > TimeSpan.FromMinutes(10))
            yield return (nameof(SilenceLimit), SilenceLimit, "twice the report period to 10 minutes");
        if (Attempts is < 1 or > 100)
            yield return (nameof(Attempts), Attempts, "1 to 100");
    }
}

namespace SoupsActors.Cluster;

/// <summary>How a silo is run. Secrets are masked where they are read, prompts are in none of it.</summary>
/// <param name="Silo">The silo's <see cref="SiloIdentity.Id"/>.</param>
/// <param name="Settings">The settings in force.</param>
/// <param name="Health">What was checked.</param>
/// <param name="Methods">Grain methods by how much they were called, most first; the most called ones only.</param>
/// <param name="Log">The last lines of the log, oldest first.</param>
/// <param name="Storage">What is kept on disk.</param>
/// <param name="Licences">What the program is made of.</param>
[GenerateSerializer, Immutable]
public sealed record SiloDetails(
    [property: Id(0)] string Silo,
    [property: Id(1)] SettingInForce[] Settings,
    [property: Id(2)] HealthFinding[] Health,
    [property: Id(3)] MethodStatistics[] Methods,
    [property: Id(4)] LogLine[] Log,
    [property: Id(5)] StorageUse[] Storage,
    [property: Id(6)] PartLicence[] Licences);

/// <summary>A setting.</summary>
/// <param name="Name">Its full name, such as <c>Soups:Threads</c>.</param>
/// <param name="Value">Its value; a secret is only said to be set.</param>
/// <param name="IsDefault">Whether it is what the program brings.</param>
[GenerateSerializer, Immutable]
public sealed record SettingInForce(
    [property: Id(0)] string Name, [property: Id(1)] string Value, [property: Id(2)] bool IsDefault);

/// <summary>The result of a check.</summary>
/// <param name="Name">What was checked.</param>
/// <param name="Problem">What is wrong and what to do, or null.</param>
[GenerateSerializer, Immutable]
public sealed record HealthFinding([property: Id(0)] string Name, [property: Id(1)] string? Problem);

/// <summary>How the calls of a grain's method went since the silo started.</summary>
/// <param name="Grain">The interface.</param>
/// <param name="Method">The method.</param>
/// <param name="Calls">Calls that ended.</param>
/// <param name="Failures">Those of them that threw, refusals of bad requests left aside.</param>
/// <param name="MeanSeconds">Mean time.</param>
/// <param name="MaxSeconds">Longest time.</param>
[GenerateSerializer, Immutable]
public sealed record MethodStatistics(
    [property: Id(0)] string Grain,
    [property: Id(1)] string Method,
    [property: Id(2)] long Calls,
    [property: Id(3)] long Failures,
    [property: Id(4)] double MeanSeconds,
    [property: Id(5)] double MaxSeconds);

/// <summary>How grave a line of the log is.</summary>
public enum LogGravity
{
    /// <summary>The course of things.</summary>
    Information,

    /// <summary>Something to look at.</summary>
    Warning,

    /// <summary>Something failed.</summary>
    Error,
}

/// <summary>A line of the log.</summary>
/// <param name="Number">Counts the lines of a silo.</param>
/// <param name="At">When.</param>
/// <param name="Gravity">How grave.</param>
/// <param name="Category">Who wrote it.</param>
/// <param name="Message">What it says, cut where it is long.</param>
/// <param name="Exception">The failure behind it, cut where it is long.</param>
[GenerateSerializer, Immutable]
public sealed record LogLine(
    [property: Id(0)] long Number,
    [property: Id(1)] DateTimeOffset At,
    [property: Id(2)] LogGravity Gravity,
    [property: Id(3)] string Category,
    [property: Id(4)] string Message,
    [property: Id(5)] string? Exception);

/// <summary>What something takes on disk.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Bytes">Its size.</param>
[GenerateSerializer, Immutable]
public sealed record StorageUse([property: Id(0)] string Name, [property: Id(1)] long Bytes);

/// <summary>A part of the program and its licence.</summary>
/// <param name="Name">The package or model.</param>
/// <param name="Version">Its version, where it has one.</param>
/// <param name="Licence">The licence's usual short name.</param>
[GenerateSerializer, Immutable]
public sealed record PartLicence(
    [property: Id(0)] string Name, [property: Id(1)] string Version, [property: Id(2)] string Licence);

using System.Text.Json;
using System.Text.Json.Serialization;

namespace SoupsActors.Dashboard.Data.Experiments;

/// <summary>What a run of an experiment found, part by part. A part that is not there is null.</summary>
public sealed class ExperimentResults
{
    private const long MostReportBytes = 1 << 20;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly JsonElement root;
    private readonly JsonElement? machine;
    private readonly string folder;
    private readonly List<string> problems = [];

    internal ExperimentResults(
        ExperimentRun run, JsonElement root, JsonElement? machine, JsonElement? card, string folder)
    {
        (Run, this.root, this.machine, this.folder) = (run, root, machine, folder);
        Checks = Part<ExperimentClaim[]>(root, "checks") ?? [];
        Headlines = [.. ReadHeadlines()];
        WinRates = WinTable.Of(Part<WinCell[]>("pairs"), Part<CombinationCells[]>("combinations"), problems);
        Shares = [.. ReadShares()];
        Curves = [.. ReadCurves()];
        Front = Part<FrontResult>("front");
        Connectivity = Part<ConnectivityResult[]>("connectivity") ?? [];
        Selection = Part<SelectionChoice[]>("selection") ?? [];
        Schemes = Part<SchemeResult[]>("shared") ?? [];
        PersonaSchemes = Part<SchemeResult[]>("files") ?? [];
        BestOfN = Part<BestOfNResult[]>("best_of_n") ?? [];
        Policies = Part<PolicyResult[]>("ppo") ?? [];
        Members = Part<MemberResult[]>("members") ?? [];
        Costs = machine is { } run1 ? Part<StageCosts[]>(run1, "stages") ?? [] : [];
        Settings = card is { ValueKind: JsonValueKind.Object } c && c.TryGetProperty("settings", out var settings)
            ? JsonSerializer.Serialize(settings, Indented)
            : null;
    }

    /// <summary>The run.</summary>
    public ExperimentRun Run { get; }

    /// <summary>What it was to show, and whether it does.</summary>
    public IReadOnlyList<ExperimentClaim> Checks { get; }

    /// <summary>The few numbers of its summary.</summary>
    public IReadOnlyList<(string Name, double Value)> Headlines { get; }

    /// <summary>Every method against every other.</summary>
    public WinTable? WinRates { get; }

    /// <summary>Shares of answers that meet each criterion, by method.</summary>
    public IReadOnlyList<(string Method, IReadOnlyList<double> Shares)> Shares { get; }

    /// <summary>Rewards during trainings.</summary>
    public IReadOnlyList<(string Name, IReadOnlyList<CurvePoint> Points)> Curves { get; }

    /// <summary>The front of merged models and of models trained for mixtures.</summary>
    public FrontResult? Front { get; }

    /// <summary>Margins over the chord, by merge and initialisation.</summary>
    public IReadOnlyList<ConnectivityResult> Connectivity { get; }

    /// <summary>Ways to choose λ for a hidden user.</summary>
    public IReadOnlyList<SelectionChoice> Selection { get; }

    /// <summary>Ways to learn one reward from several data sets.</summary>
    public IReadOnlyList<SchemeResult> Schemes { get; }

    /// <summary>The same on files of comparisons.</summary>
    public IReadOnlyList<SchemeResult> PersonaSchemes { get; }

    /// <summary>Best-of-n by objective.</summary>
    public IReadOnlyList<BestOfNResult> BestOfN { get; }

    /// <summary>Policies by objective.</summary>
    public IReadOnlyList<PolicyResult> Policies { get; }

    /// <summary>The reward models of an ensemble.</summary>
    public IReadOnlyList<MemberResult> Members { get; }

    /// <summary>What each stage took.</summary>
    public IReadOnlyList<StageCosts> Costs { get; }

    /// <summary>The settings as JSON.</summary>
    public string? Settings { get; }

    /// <summary>The machine it ran on.</summary>
    public string? Machine =>
        machine is { ValueKind: JsonValueKind.Object } m && m.TryGetProperty("machine", out var text)
        && text.ValueKind == JsonValueKind.String ? text.GetString() : null;

    /// <summary>Parts that are there but cannot be read.</summary>
    public IReadOnlyList<string> Problems => problems;

    /// <summary>The whole report as Markdown, or null where there is none.</summary>
    public string? ReadReport()
    {
        var file = new FileInfo(Path.Combine(folder, "report.md"));
        return !file.Exists ? null
            : file.Length > MostReportBytes ? "The report is too long to be shown here."
            : File.ReadAllText(file.FullName);
    }

    private T? Part<T>(string name)
        where T : class => root.TryGetProperty("results", out var results) ? Part<T>(results, name) : null;

    private T? Part<T>(JsonElement parent, string name)
        where T : class
    {
        if (parent.ValueKind != JsonValueKind.Object || !parent.TryGetProperty(name, out var part))
            return null;
        try
        {
            return part.Deserialize<T>(Json);
        }
        catch (JsonException)
        {
            problems.Add($"“{name}” has another shape than this dashboard knows. The whole report below has it.");
            return null;
        }
    }

    private IEnumerable<JsonProperty> Named(string prefix) =>
        root.TryGetProperty("results", out var results) && results.ValueKind == JsonValueKind.Object
            ? results.EnumerateObject().Where(p => p.Name.StartsWith(prefix, StringComparison.Ordinal))
            : [];

    private IEnumerable<(string, double)> ReadHeadlines() =>
        Named("").Where(p => p.Value.ValueKind == JsonValueKind.Number)
            .Select(p => (p.Name.Replace('_', ' '), p.Value.GetDouble()));

    private IEnumerable<(string, IReadOnlyList<double>)> ReadShares()
    {
        foreach (var name in Named("meets/").Select(p => p.Name).ToArray())
        {
            if (Part<double[]>(name) is { } shares)
                yield return (name["meets/".Length..], shares);
        }
    }

    private IEnumerable<(string, IReadOnlyList<CurvePoint>)> ReadCurves()
    {
        foreach (var name in Named("curve/").Select(p => p.Name).ToArray())
        {
            if (Part<CurvePoint[]>(name) is { } points)
                yield return (name["curve/".Length..], points);
        }
    }
}

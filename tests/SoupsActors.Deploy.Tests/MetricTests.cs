using System.Diagnostics.Metrics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using SoupsActors.Silo.Hosting;
using SoupsActors.Silo.Http;
using static SoupsActors.Deploy.Tests.DeployFolder;

namespace SoupsActors.Deploy.Tests;

/// <summary>Whether alerts and board ask for metrics that a running silo has, and every alert has its page.</summary>
public sealed partial class MetricTests
{
    private static readonly string[] OfPrometheus = ["up"];

    [Fact]
    public async Task Alerts_and_board_ask_for_metrics_that_a_silo_has()
    {
        var emitted = await EmittedAsync();
        var asked = Alerts().Select(a => a.Expression).Concat(BoardExpressions()).SelectMany(Metrics).Distinct().ToArray();
        Assert.True(asked.Length > 15);
        Assert.Empty(asked.Except(emitted).Except(OfPrometheus));
    }

    // Trainers have an engine as well: with all generators dead, theirs would still report.
    [Fact]
    public void Alerts_and_board_ask_for_the_engines_of_generators_alone()
    {
        var asked = Alerts().Select(a => a.Expression).Concat(BoardExpressions())
            .SelectMany(expression => Engine().Matches(expression))
            .ToArray();
        Assert.True(asked.Length > 15);
        Assert.All(asked, metric => Assert.Equal("{soups_role=~\".*generator.*\"}", metric.Groups[1].Value));
    }

    [Theory]
    [MemberData(nameof(SettingsTests.Silos), MemberType = typeof(SettingsTests))]
    public void Every_silo_reports_its_role(string silo, IReadOnlyDictionary<string, string> environment)
    {
        var roles = environment["Soups__Roles"];
        Assert.Contains(roles, silo, StringComparison.Ordinal);
        Assert.Contains($"soups.role={roles}", environment["OTEL_RESOURCE_ATTRIBUTES"].Split(','));
        Assert.Equal("true", At<string>(
            Yaml("otel/collector.yaml"), "exporters/prometheus/resource_to_telemetry_conversion/enabled"));
    }

    [Fact]
    public void Requests_that_find_no_room_are_watched_by_the_code_they_get()
    {
        var code = ApiException.From(new SoupsException(SoupsError.Busy, "full", "engine_busy"))!.Status;
        var alert = Alerts().Single(a => a.Name == "SoupsRequestsRefused");
        Assert.Contains($"http_response_status_code=\"{code}\"", alert.Expression, StringComparison.Ordinal);
        Assert.DoesNotContain("503 with `engine_busy`", Text("README.md"), StringComparison.Ordinal);
        Assert.Contains($"{code} and `engine_busy`", Text("README.md"), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_alert_has_a_section_in_the_operators_guide()
    {
        var sections = Headings().Matches(Text("README.md")).Select(m => m.Groups[1].Value).ToHashSet();
        Assert.All(Alerts(), alert => Assert.Contains(alert.Name, sections));
        Assert.All(
            sections.Where(s => s.StartsWith("Soups", StringComparison.Ordinal) && !s.Contains(' ', StringComparison.Ordinal)),
            section => Assert.Contains(section, Alerts().Select(a => a.Name)));
    }

    [Fact]
    public void The_board_has_panels_with_descriptions_and_asks_the_provisioned_source()
    {
        using var board = JsonDocument.Parse(Text("grafana/boards/soups.json"));
        var panels = board.RootElement.GetProperty("panels").EnumerateArray().ToArray();
        Assert.Distinct(panels.Select(p => p.GetProperty("id").GetInt32()));
        var source = At<string>(Yaml("grafana/provisioning/datasources/prometheus.yaml"), "datasources/0/uid");
        Assert.All(panels.Where(p => p.GetProperty("type").GetString() != "row"), panel =>
        {
            Assert.NotEmpty(panel.GetProperty("description").GetString()!);
            Assert.Equal(source, panel.GetProperty("datasource").GetProperty("uid").GetString());
        });
    }

    /// <summary>The metrics of a silo that has answered one request, by their names in Prometheus.</summary>
    private static async Task<HashSet<string>> EmittedAsync()
    {
        var names = new HashSet<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                lock (names)
                    names.UnionWith(InPrometheus(instrument));
            },
        };
        var data = Directory.CreateTempSubdirectory("soups-deploy-").FullName;
        try
        {
            await using var app = SoupsHost.Build(
                ["--urls", "http://127.0.0.1:0", $"--Soups:DataDirectory={data}", "--Soups:Threads=1"]);
            listener.Start();
            await app.StartAsync(TestContext.Current.CancellationToken);
            await app.Services.GetRequiredService<StartupState>().Ended.WaitAsync(TestContext.Current.CancellationToken);
            using var http = new HttpClient();
            using var answer = await http.GetAsync(
                new Uri(new Uri(app.Urls.First()), "/health/ready"), TestContext.Current.CancellationToken);
            Assert.True(answer.IsSuccessStatusCode);
            await app.StopAsync(TestContext.Current.CancellationToken);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }

        lock (names)
            return [.. names];
    }

    // How OpenTelemetry's collector writes them: dots become underscores, units in words, counters end with total.
    private static IEnumerable<string> InPrometheus(Instrument instrument)
    {
        var unit = instrument.Unit switch
        {
            "s" => "_seconds",
            "By" => "_bytes",
            _ => "",
        };
        var name = instrument.Name.Replace('.', '_') + unit;
        var type = instrument.GetType().Name;
        return type.Contains("Histogram", StringComparison.Ordinal) ? [$"{name}_bucket", $"{name}_sum", $"{name}_count"]
            : type.Contains("UpDown", StringComparison.Ordinal) || type.Contains("Gauge", StringComparison.Ordinal) ? [name]
            : [$"{name}_total"];
    }

    private static IEnumerable<(string Name, string Expression)> Alerts() =>
        At<IList<object>>(Yaml("prometheus/alerts.yaml"), "groups/0/rules")
            .Select(rule => (At<string>(rule, "alert"), At<string>(rule, "expr")));

    private static List<string> BoardExpressions()
    {
        using var board = JsonDocument.Parse(Text("grafana/boards/soups.json"));
        return
        [
            .. board.RootElement.GetProperty("panels").EnumerateArray()
                .Where(panel => panel.TryGetProperty("targets", out _))
                .SelectMany(panel => panel.GetProperty("targets").EnumerateArray())
                .Select(target => target.GetProperty("expr").GetString()!),
        ];
    }

    /// <summary>The metrics of an expression: what is neither a function, nor a label, nor a word of the language.</summary>
    private static IEnumerable<string> Metrics(string expression) =>
        Names().Matches(NotMetrics().Replace(expression, " "))
            .Select(match => match.Value)
            .Where(name => name is not ("and" or "or" or "unless"));

    [GeneratedRegex(@"\{[^}]*\}|\[[^\]]*\]|\bby\s*\([^)]*\)")]
    private static partial Regex NotMetrics();

    [GeneratedRegex(@"\b[a-z_][a-z0-9_]*\b(?!\s*\()")]
    private static partial Regex Names();

    [GeneratedRegex(@"\bsoups_engine_[a-z_]+(\{[^}]*\})?")]
    private static partial Regex Engine();

    [GeneratedRegex("^### (.+)$", RegexOptions.Multiline)]
    private static partial Regex Headings();
}

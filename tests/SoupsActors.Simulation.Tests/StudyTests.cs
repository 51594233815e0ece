using System.Text.Json;
using System.Xml.Linq;
using SoupsActors.Simulation.Study;

namespace SoupsActors.Simulation.Tests;

/// <summary>Reports, and comparing with real clusters.</summary>
public sealed class StudyTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("soups-simulation").FullName;

    private static SimulationOptions Small { get; } = new()
    {
        Silos = 2,
        Rate = 20,
        Users = 1000,
        Experts = 50,
        Slots = 12,
        CachedExperts = 20,
        Rows = 8,
        Requests = 500,
    };

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_study_leaves_results_a_report_and_pictures_and_the_same_study_the_same_files()
    {
        var parts = (StudyPart[])
            [StudyPart.Silos([1, 2], Enum.GetValues<ChoicePolicy>()), .. StudyPart.Placement];
        var seen = new List<StudyProgress>();
        var report = Write("a", new Progress(seen));
        Write("b", null);
        Assert.All(Directory.EnumerateFiles(Path.Combine(folder, "a")), file => Assert.Equal(
            File.ReadAllBytes(file), File.ReadAllBytes(file.Replace("/a/", "/b/", StringComparison.Ordinal))));

        using var results = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "a", "results.json")));
        Assert.Equal(parts.Sum(p => p.Values.Count * p.Policies.Count), results.RootElement.GetArrayLength());
        Assert.Equal(2 * parts.Length, Directory.EnumerateFiles(Path.Combine(folder, "a"), "*.svg").Count(
            file => XDocument.Load(file).Root!.Name.LocalName == "svg"));
        Assert.Contains("(slots-time.svg)", File.ReadAllText(report), StringComparison.Ordinal);
        Assert.Equal(parts.Select(p => p.Name), seen.Where(p => p.Done == 1).Select(p => p.Part).Distinct());

        string Write(string name, IProgress<StudyProgress>? progress) => StudyReport.Write(
            Path.Combine(folder, name),
            Small,
            parts,
            PlacementStudy.Run(Small, parts, progress, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void More_silos_keep_the_load_of_each()
    {
        var part = StudyPart.Silos([8], [ChoicePolicy.Random]);
        var options = part.Apply(Small, 8);
        Assert.Equal((8, 80.0, 2000), (options.Silos, options.Rate, options.Requests));
    }

    [Fact]
    public void A_measured_cluster_is_compared_figure_by_figure()
    {
        var file = Stored("""
            {
              "options": {"silos": 2, "rate": 20, "users": 1000, "experts": 8, "slots": 8, "cached_experts": 8,
                "requests": 2000, "policy": "two_choices", "placement": {"report_period": "00:00:00.2500000"}},
              "measured": {"answers_per_second": 21, "silo_shares[0]": 0.5, "answer.p50": 1000}
            }
            """);
        var calibration = Calibration.Read(file);
        Assert.Equal(0.25, calibration.Options.Placement.ReportPeriod.TotalSeconds);
        var lines = calibration.Compare(ClusterSimulation.Run(calibration.Options), 0.2);
        Assert.Equal([true, true, false], lines.Select(line => line.Holds));
        Assert.InRange(lines[0].Ratio, 0.85, 1.05);
    }

    [Theory]
    [InlineData("""{"options": {"silo": 2}, "measured": {"answer.p50": 1}}""", "silo")]
    [InlineData("""{"options": {"silos": 0}, "measured": {"answer.p50": 1}}""", "Silos is 0")]
    [InlineData("""{"options": {"silos": 2}, "measured": {}}""", "measures nothing")]
    [InlineData("""{"options": """, "must hold")]
    public void A_file_that_cannot_be_used_is_refused_with_the_reason(string content, string reason)
    {
        var error = Assert.Throws<InvalidOperationException>(() => Calibration.Read(Stored(content)));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_figure_that_results_do_not_have_is_refused_by_name()
    {
        var calibration = Calibration.Read(
            Stored("""{"options": {"silos": 1, "requests": 100, "rate": 1}, "measured": {"answer.p42": 1}}"""));
        var result = ClusterSimulation.Run(calibration.Options);
        var error = Assert.Throws<InvalidOperationException>(() => calibration.Compare(result, 0.2));
        Assert.Contains("answer.p42", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_out_of_range_are_named()
    {
        var error = Assert.Throws<ArgumentException>(
            () => ClusterSimulation.Run(Small with { Slots = 2, ExpertsPerMix = 3 }));
        Assert.Contains("Slots is 2", error.Message, StringComparison.Ordinal);
    }

    private string Stored(string content)
    {
        var path = Path.Combine(folder, "measured.json");
        File.WriteAllText(path, content);
        return path;
    }

    private sealed class Progress(List<StudyProgress> seen) : IProgress<StudyProgress>
    {
        public void Report(StudyProgress value) => seen.Add(value);
    }
}

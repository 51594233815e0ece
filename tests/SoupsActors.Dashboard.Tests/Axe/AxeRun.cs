using System.IO.Compression;
using System.Text.Json;
using SoupsActors.Dashboard.Tests.Browsing;

namespace SoupsActors.Dashboard.Tests.Axe;

/// <summary>Runs axe-core on a page: the rules of WCAG 2.2 A and AA and its best practices.</summary>
internal static class AxeRun
{
    private static readonly Lazy<string> Script = new(Read);

    /// <summary>Fails with every serious or critical finding and where it is.</summary>
    public static async Task ShouldBeAccessibleAsync(this DashboardPage window)
    {
        var findings = (await FindAsync(window)).Where(f => f.Impact is "serious" or "critical");
        Assert.Empty(findings);
    }

    /// <summary>All findings.</summary>
    public static async Task<IReadOnlyList<AxeFinding>> FindAsync(DashboardPage window)
    {
        // Evaluated rather than loaded, for the page's policy lets nothing be loaded.
        await window.Page.EvaluateAsync(Script.Value);
        var result = await window.Page.EvaluateAsync<JsonElement>(
            """
            async () => (await axe.run()).violations.flatMap(v => v.nodes.map(n => ({
                rule: v.id, impact: v.impact, help: v.help, target: n.target.join(' '), html: n.html.slice(0, 200) })))
            """);
        return [.. result.EnumerateArray().Select(f => f.Deserialize<AxeFinding>(JsonSerializerOptions.Web)!)];
    }

    private static string Read()
    {
        using var stream = typeof(AxeRun).Assembly.GetManifestResourceStream("axe.min.js.gz")!;
        using var reader = new StreamReader(new GZipStream(stream, CompressionMode.Decompress));
        return reader.ReadToEnd() + ";undefined";
    }
}

/// <summary>What axe-core found on one element.</summary>
internal sealed record AxeFinding(string Rule, string? Impact, string Help, string Target, string Html);

using System.Text.Json;
using SoupsActors.Models.Files;

namespace SoupsActors.Miniature.Recipe.Stages;

/// <summary>The judges' table over everything that was built.</summary>
internal static class EvaluationStage
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n" };

    public static async Task RunAsync(BuildContext build, CancellationToken cancellation)
    {
        var report = build.Begin("evaluation", 1);
        await using var model = MiniatureModel.Load(build.Backend, build.Folder);
        var results = await new MiniatureEvaluation(build.Corpus, build.Judges).RunAsync(model.AnswerAsync, cancellation);
        AtomicFile.Write(build.Folder.Judgements, JsonSerializer.SerializeToUtf8Bytes(results, Indented));
        MiniatureReport.DrawCurves(build.Folder);
        await File.WriteAllTextAsync(build.Folder.Report, MiniatureReport.ToMarkdown(build.Folder, results), cancellation);
        report.End();
    }
}

using System.CommandLine;
using System.Globalization;
using SoupsActors.Cli.Output;
using SoupsActors.Miniature.Recipe;
using SoupsActors.Models.Experts;
using SoupsActors.Models.Export;
using SoupsActors.Models.Files;
using Spectre.Console;

namespace SoupsActors.Cli.Commands;

/// <summary><c>soups merge</c>: a mix as a model or an adapter of its own, for use elsewhere.</summary>
internal static class MergeCommand
{
    public static Command Create(IAnsiConsole console)
    {
        var mix = new Option<string[]>("--mix", "-m")
        {
            Description = "Weights by expert folder name, such as P1A=1,P2B=0.5.",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
        };
        var output = new Option<DirectoryInfo>("--out") { Description = "Folder to write.", Required = true };
        var model = new Option<DirectoryInfo?>("--model") { Description = "Hugging Face folder of the base; the packaged one by default." };
        var experts = new Option<DirectoryInfo?>("--experts") { Description = "Folder of PEFT folders; 'experts' beside the base by default." };
        var merge = new Option<MergeMode>("--merge") { Description = "product (exact) or factor.", DefaultValueFactory = _ => MergeMode.Product };
        var adapter = new Option<bool>("--adapter") { Description = "Write one LoRA adapter instead of a whole model." };
        var rank = new Option<int?>("--rank") { Description = "Best adapter of this rank, its error stated; without it the exact one." };
        var json = SiloOptions.Json();
        var command = new Command("merge", "Write a mix as a Hugging Face model, or as one PEFT adapter.")
        {
            mix, output, model, experts, merge, adapter, rank, json,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                var folder = parsed.GetValue(model)?.FullName ?? MiniatureFolder.Packaged.Base;
                var shelf = parsed.GetValue(experts)?.FullName ?? Path.Combine(Path.GetDirectoryName(folder)!, "experts");
                using var weights = ModelWeights.Load(folder, cancellation);
                var named = MixText.Parse(parsed.GetRequiredValue(mix))
                    .Select(m => (Expert: Load(shelf, m.Key, weights), Weight: (float)m.Value))
                    .ToArray();
                var whole = Mix.Create(
                    parsed.GetValue(merge), named.Select(n => new MixTerm(n.Expert.Hash, n.Weight)));
                var target = parsed.GetRequiredValue(output).FullName;
                if (!parsed.GetValue(adapter))
                {
                    ModelExport.SaveMerged(
                        weights, whole, [.. named.Select(n => n.Expert)], target, tokenizerFolder: folder, cancellationToken: cancellation);
                    Report(console, parsed.GetValue(json), target, null);
                    return SoupsTool.Success;
                }

                var merged = AdapterMerge.Merge(whole, [.. named.Select(n => n.Expert)], "merged", parsed.GetValue(rank));
                AdapterFolder.Save(merged.Expert, target);
                Report(console, parsed.GetValue(json), target, merged.RelativeError);
                return SoupsTool.Success;
            },
            cancellation));
        return command;
    }

    private static Expert Load(string shelf, string name, ModelWeights weights)
    {
        var folder = Path.Combine(shelf, name);
        return Directory.Exists(folder)
            ? AdapterFolder.Load(folder, weights.Config, weights.BaseHash).Expert
            : throw new ArgumentException($"There is no expert folder {folder}; name one that is in {shelf}.");
    }

    private static void Report(IAnsiConsole console, bool json, string folder, double? error)
    {
        if (json)
            console.Json(new { folder, relative_error = error });
        else if (error is { } e)
            console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Wrote {folder}; relative Frobenius error {e:G3}."));
        else
            console.WriteLine($"Wrote {folder}.");
    }
}

using System.CommandLine;
using System.Globalization;
using SoupsActors.Cli.Output;
using SoupsActors.Miniature.Recipe;
using SoupsActors.Models.Experts;
using SoupsActors.Models.Files;
using SoupsActors.Models.Inference;
using SoupsActors.Serving.Benchmarks;
using SoupsActors.Tensors.Cpu;
using Spectre.Console;
using MiniaturePreferences = SoupsActors.Miniature.Preferences;

namespace SoupsActors.Cli.Commands;

/// <summary><c>soups bench decode</c>: tokens per second with and without a mix of one's own for every row.</summary>
internal static class BenchDecode
{
    private const int Experts = 6;
    private const int PromptTokens = 16;

    public static Command Create(IAnsiConsole console)
    {
        var workload = new Option<DirectoryInfo?>("--workload")
        {
            Description = "Folder of a seeded workload (hf, lora/0 …, fixture.json); the packaged miniature by default.",
        };
        var steps = new Option<int>("--steps")
        {
            Description = "Steps measured; each gives one token a row.",
            DefaultValueFactory = _ => new DecodeBenchmarkOptions().MeasuredSteps,
        };
        var threads = new Option<int?>("--threads") { Description = "Worker threads; all cores by default." };
        var json = SiloOptions.Json();
        var command = new Command("decode", "Decoding at batch 1, 8 and 32: base rows, and rows with six experts and their own λ.")
        {
            workload, steps, threads, json,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                using var backend = CpuBackend.Create(new CpuOptions { Threads = parsed.GetValue(threads) ?? 0 });
                var table = ConsoleOutput.NewTable("Rows", "Batch", "Mixes", "Tokens/s", "Bytes/token");
                using var source = parsed.GetValue(workload) is { } folder ? FromWorkload(folder) : FromMiniature();
                using var model = new LlamaStepModel(backend, source.Weights, new StepModelOptions());
                var options = new DecodeBenchmarkOptions { MeasuredSteps = parsed.GetValue(steps) };
                foreach (var result in DecodeBenchmark.Run(model, source.Prompts, source.Kinds, options))
                {
                    cancellation.ThrowIfCancellationRequested();
                    if (parsed.GetValue(json))
                        console.Json(new { bench = "decode", model = source.Name, backend = backend.Name, result });
                    table.Line(
                        result.Rows,
                        result.Batch.ToString(CultureInfo.InvariantCulture),
                        result.Mixes.ToString(CultureInfo.InvariantCulture),
                        result.TokensPerSecond.ToString("F0", CultureInfo.InvariantCulture),
                        result.BytesPerToken.ToString("F1", CultureInfo.InvariantCulture));
                }

                if (!parsed.GetValue(json))
                {
                    console.MarkupLineInterpolated($"{source.Name} on {backend.Name}");
                    console.Write(table);
                }

                return SoupsTool.Success;
            },
            cancellation));
        return command;
    }

    private static Source FromWorkload(DirectoryInfo folder)
    {
        var workload = DecodeWorkload.Load(folder.FullName);
        return new Source(
            workload.Name,
            workload.Weights,
            workload.Prompts,
            [DecodeRows.Base, new DecodeRows($"{workload.Experts.Count} experts", workload.Mixes, workload.Experts)]);
    }

    private static Source FromMiniature()
    {
        var folder = MiniatureFolder.Packaged;
        var weights = ModelWeights.Load(folder.Base);
        Expert[] experts =
        [
            .. MiniaturePreferences.All.Take(Experts)
                .Select(p => AdapterFolder.Load(folder.Expert(p.Id), weights.Config, weights.BaseHash).Expert),
        ];
        var random = new Random(1);
        var prompts = Enumerable.Range(0, 32)
            .Select(_ => Enumerable.Range(0, PromptTokens).Select(_ => random.Next(weights.Config.VocabularySize)).ToArray());
        return new Source("miniature", weights, [.. prompts], [DecodeRows.Base, DecodeRows.Mixed(experts)]);
    }

    private sealed record Source(
        string Name, ModelWeights Weights, IReadOnlyList<int[]> Prompts, IReadOnlyList<DecodeRows> Kinds) : IDisposable
    {
        public void Dispose() => Weights.Dispose();
    }
}

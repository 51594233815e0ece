using System.CommandLine;
using Spectre.Console;

namespace SoupsActors.Cli.Commands;

/// <summary>
/// <c>soups bench gemm|decode|train|grains|serving-under-training</c>. Figures of one run on one machine; compare ratios,
/// not days.
/// </summary>
internal static class BenchCommand
{
    public static Command Create(IAnsiConsole console) =>
        new("bench", "Measure matrix products, decoding, training and grain calls on this machine.")
        {
            BenchGemm.Create(console),
            BenchDecode.Create(console),
            BenchTrain.Create(console),
            BenchGrains.Create(console),
            BenchServing.Create(console),
        };
}

using System.CommandLine;
using System.Globalization;
using SoupsActors.Cli.Output;
using SoupsActors.Tensors.Benchmarks;
using Spectre.Console;

namespace SoupsActors.Cli.Commands;

/// <summary><c>soups bench gemm</c>: matrix products beside OpenBLAS where it is installed.</summary>
internal static class BenchGemm
{
    public static Command Create(IAnsiConsole console)
    {
        var json = SiloOptions.Json();
        var command = new Command("gemm", "Matrix products on one core and on all, in GFLOP/s.") { json };
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                var table = ConsoleOutput.NewTable("m × n × k", "Threads", "Weights", "GFLOP/s", "OpenBLAS", "Ratio");
                foreach (var threads in new[] { 1, Environment.ProcessorCount }.Distinct())
                {
                    foreach (var m in GemmBenchmark.Run(threads, cancellationToken: cancellation))
                    {
                        if (parsed.GetValue(json))
                            console.Json(new { bench = "gemm", result = m });
                        table.Line(
                            $"{m.Rows} × {m.Columns} × {m.Depth}",
                            threads.ToString(CultureInfo.InvariantCulture),
                            m.Packed ? "packed ahead" : "as they lie",
                            Figure(m.GigaFlops),
                            m.OpenBlasGigaFlops is { } theirs ? Figure(theirs) : "not installed",
                            m.Ratio is { } ratio ? ratio.ToString("F2", CultureInfo.InvariantCulture) : "");
                    }
                }

                if (!parsed.GetValue(json))
                    console.Write(table);
                return SoupsTool.Success;
            },
            cancellation));
        return command;
    }

    private static string Figure(double value) => value.ToString("F1", CultureInfo.InvariantCulture);
}

using System.CommandLine;
using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using SoupsActors.Cli.Output;
using SoupsActors.Client;
using SoupsActors.Miniature.Recipe;
using SoupsActors.Models.Files;
using SoupsActors.Tensors.Cpu;
using Spectre.Console;

namespace SoupsActors.Cli.Commands;

/// <summary>What one check found.</summary>
/// <param name="Name">What was looked at.</param>
/// <param name="Ok">Whether it is as it should be.</param>
/// <param name="Found">What was found, and what to do where it is not.</param>
internal sealed record Finding(string Name, bool Ok, string Found);

/// <summary><c>soups doctor</c>: is everything there that the product needs?</summary>
internal static class DoctorCommand
{
    public static Command Create(IAnsiConsole console)
    {
        var silo = new SiloOptions();
        var json = SiloOptions.Json();
        var command = new Command("doctor", "Check this machine, the packaged model and the silo.") { json };
        command.SetAction(async (parsed, cancellation) =>
        {
            var findings = new List<Finding> { Runtime(), Processor(), Model() };
            findings.Add(await SiloAsync(silo, parsed, cancellation));
            if (parsed.GetValue(json))
                findings.ForEach(console.Json);
            else
                Print(console, findings);
            return findings.TrueForAll(f => f.Ok) ? SoupsTool.Success : SoupsTool.Failure;
        });
        return silo.AddTo(command);
    }

    private static Finding Runtime() => new(
        "runtime", true, $"{RuntimeInformation.FrameworkDescription} on {RuntimeInformation.OSDescription}");

    private static Finding Processor()
    {
        using var backend = CpuBackend.Create(new CpuOptions());
        return new Finding("compute", true, backend.Name);
    }

    private static Finding Model()
    {
        var folder = MiniatureFolder.Packaged;
        if (!folder.IsComplete)
            return new Finding("packaged model", false, $"{folder.Root} is incomplete; build the solution again.");
        try
        {
            using var weights = ModelWeights.Load(folder.Base);
            return new Finding(
                "packaged model", true, $"{weights.Config.LayerCount} layers, base {weights.BaseHash[..12]}, in {folder.Root}");
        }
        catch (Exception e) when (e is ModelFormatException or IOException or UnauthorizedAccessException)
        {
            return new Finding("packaged model", false, e.Message);
        }
    }

    private static async Task<Finding> SiloAsync(SiloOptions silo, ParseResult parsed, CancellationToken cancellation)
    {
        await using var services = silo.Connect(parsed);
        try
        {
            var models = await services.GetRequiredService<SoupsClient>().ListModelsAsync(cancellation);
            return new Finding("silo", true, $"{silo.Url(parsed)} serves {models.Count} models");
        }
        catch (Exception e) when (e is SoupsApiException or OptionsValidationException)
        {
            return new Finding("silo", false, e.Message);
        }
    }

    private static void Print(IAnsiConsole console, List<Finding> findings)
    {
        foreach (var f in findings)
            console.MarkupLineInterpolated($"{(f.Ok ? "ok  " : "FAIL")} {f.Name,-15} {f.Found}");
    }
}

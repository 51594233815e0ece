namespace SoupsActors.Dashboard.Tests.Experiments;

/// <summary>Folders as experiments write them, small, with made-up numbers; and folders as nothing should.</summary>
internal static class SampleReports
{
    public static string WriteAll(string folder)
    {
        Write(folder, "soups", "psoups", WinRates);
        Write(folder, "sixteen", "scaling", Scaling, """
            { "machine": "a machine", "threads": 2, "stages": [
              { "stage": "train-P3C", "cpu_seconds": 30, "wall_seconds": 20 },
              { "stage": "train-P3D", "cpu_seconds": 40, "wall_seconds": 25 },
              { "stage": "train-morl", "cpu_seconds": 500, "wall_seconds": 300 } ] }
            """);
        Write(folder, "sweep", "rewarded", Rewarded);
        Write(folder, "overopt", "overoptimisation", Overoptimisation);
        Write(folder, "conflict", "more", Conflict);
        File.WriteAllText(Folder(folder, "half", "results.json"), WinRates[..200]);
        File.WriteAllText(Folder(folder, "foreign", "results.json"), "[1, 2, 3]");
        File.WriteAllText(Folder(folder, "running", "experiment.json"), """{ "experiment": "more", "quick": true, "seed": 1 }""");
        File.WriteAllText(Folder(folder, "unrelated", "notes.txt"), "nothing to see");
        Write(folder, "odd <b>name", "psoups", """{ "pairs": { "not": "a list" }, "mean_win_rate": 0.5 }""");
        return folder;
    }

    private static void Write(string folder, string name, string experiment, string results, string? run = null)
    {
        File.WriteAllText(
            Folder(folder, name, "results.json"),
            $$"""
            { "experiment": "{{experiment}}", "quick": true, "seed": 1,
              "checks": [ { "claim": "It works <b>well</b>.", "holds": true, "found": "9 of 10" },
                          { "claim": "It costs nothing.", "holds": false, "found": "2 s" } ],
              "results": {{results}} }
            """);
        File.WriteAllText(Folder(folder, name, "report.md"), $"# Experiment {experiment}\n\nThe <i>whole</i> report.");
        if (run is not null)
            File.WriteAllText(Folder(folder, name, "run.json"), run);
    }

    private static string Folder(string folder, string name, string file) =>
        Path.Combine(Directory.CreateDirectory(Path.Combine(folder, name)).FullName, file);

    private const string WinRates = """
        { "mean_win_rate_against_base": 0.94,
          "meets/base": [0.5, 0.5, 0.2, 0.05], "meets/soup product": [0.95, 0.99, 0.97, 0.92],
          "curve/train-rlhf": [ { "step": 1, "reward": 0.6, "kl_per_token": 0 }, { "step": 2, "reward": 0.9, "kl_per_token": 0.01 } ],
          "pairs": [
            { "method": "base", "opponent": "soup product", "criterion": "P1A", "wins": 10, "ties": 20, "losses": 70 },
            { "method": "base", "opponent": "soup product", "criterion": "aggregated", "wins": 5, "ties": 5, "losses": 90 },
            { "method": "base", "opponent": "prompt", "criterion": "aggregated", "wins": 40, "ties": 20, "losses": 40 },
            { "method": "prompt", "opponent": "soup product", "criterion": "aggregated", "wins": 0, "ties": 100, "losses": 0 } ],
          "combinations": [
            { "combination": "P1A + P2A", "pairs": [ "base : soup product : aggregated 1/2/3", "something else" ] } ] }
        """;

    private const string Scaling = """
        { "combinations": [
            { "combination": "P1A + P3C", "cells": [ "base : soup : aggregated 1/1/22", "soup : base : aggregated 22/1/1" ] },
            { "combination": "P1B + P3C", "cells": [ "base : soup : aggregated 2/2/20", "soup : base : aggregated 20/2/2" ] } ] }
        """;

    private const string Rewarded = """
        { "front": {
            "soups": [ { "weights": [0, 1], "means": [0.1, 1.1, 0.3] }, { "weights": [0.25, 0.75], "means": [0.5, 1.0, 0.4] },
                       { "weights": [0.5, 0.5], "means": [0.8, 0.8, 0.5] }, { "weights": [0.75, 0.25], "means": [1.0, 0.5, 0.6] },
                       { "weights": [1, 0], "means": [1.1, 0.1, 0.7] } ],
            "trained_for_mixtures": [ { "weights": [0.5, 0.5], "means": [0.85, 0.7, 0.5] } ],
            "soup_volume": 1.2, "rival_volume": 0.8, "union_volume": 1.25 },
          "connectivity": [ { "merge": "product", "initialisation": "one", "points_holding": 3, "points": 3, "min_margin": 0.1,
            "mean_margin": 0.2, "margins": [ { "weights": [0.5, 0.5], "reward": 0, "value": 0.8, "chord": 0.6, "standard_error": 0.05 } ] } ],
          "selection": [ { "name": "fitted mixture", "mean_samples": 20, "mean_regret": 0.01, "relative_regret": 0.02, "within_noise": 0.95 } ] }
        """;

    private const string Conflict = """
        { "shared": [
            { "scheme": "mixing", "accuracy": { "mean": 0.739, "standard_error": 0.017 }, "gap": { "mean": 1.5, "standard_error": 0.09 },
              "calibration_error": { "mean": 0.033, "standard_error": 0.008 },
              "bins": [ { "count": 300, "confidence": 0.1, "accuracy": 0.2 }, { "count": 0, "confidence": 0, "accuracy": 0 },
                        { "count": 300, "confidence": 0.9, "accuracy": 0.8 } ] },
            { "scheme": "balanced mixing", "accuracy": { "mean": 0.7391, "standard_error": 0.017 }, "gap": { "mean": 1.4, "standard_error": 0.09 },
              "calibration_error": { "mean": 0.0331, "standard_error": 0.008 },
              "bins": [ { "count": 600, "confidence": 0.4, "accuracy": 0.45 } ] },
            { "scheme": "MORE", "accuracy": { "mean": 0.748, "standard_error": 0.016 }, "gap": { "mean": 1.35, "standard_error": 0.08 },
              "calibration_error": { "mean": 0.019, "standard_error": 0.003 },
              "bins": [ { "count": 300, "confidence": 0.15, "accuracy": 0.14 }, { "count": 300, "confidence": 0.85, "accuracy": 0.86 } ] } ],
          "files": [
            { "scheme": "mixing", "accuracy": { "mean": 0.6, "standard_error": 0.02 }, "gap": { "mean": 1.5, "standard_error": 0.1 },
              "calibration_error": { "mean": 0.1, "standard_error": 0.01 } } ] }
        """;

    private const string Overoptimisation = """
        { "members": [ { "training_accuracy": 0.69, "held_out_accuracy": 0.7, "held_out_calibration_error": 0.09 } ],
          "best_of_n": [ { "objective": "single model", "n": [1, 2, 4], "gold": [0, 0.3, 0.2], "gold_error": [0.1, 0.1, 0.1], "proxy": [0, 0.5, 0.9] },
                         { "objective": "WCO", "n": [1, 2, 4], "gold": [0, 0.3, 0.5], "gold_error": [0.1, 0.1, 0.1], "proxy": [0, 0.4, "NaN"] } ],
          "ppo": [ { "objective": "mean", "kl_coefficient": 0.005, "steps": [
            { "step": 1, "kl": 0, "proxy": 0, "gold": 0.1, "length": 60 }, { "step": 2, "kl": 0.5, "proxy": 0.2, "gold": 0.3, "length": 61 } ] } ] }
        """;
}

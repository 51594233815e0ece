using System.CommandLine;
using SoupsActors.Cli.Learning;
using SoupsActors.Learning.Data;
using SoupsActors.Learning.Rewards;
using Spectre.Console;

namespace SoupsActors.Cli.Commands;

/// <summary><c>soups learn rm</c>: a reward model on the comparisons of a file.</summary>
internal static class LearnRewardCommand
{
    public static Command Create(IAnsiConsole console)
    {
        var common = new LearnOptions(learningRate: 1e-3, dropout: true);
        var denoising = new DenoiseOptions();
        var heldOut = new Option<double>("--held-out")
        {
            Description = "Share of the comparisons that the model is tested on, not trained.",
            DefaultValueFactory = _ => 0.1,
        };
        heldOut.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (>= 0 and < 1))
                result.AddError("--held-out must be at least 0 and below 1.");
        });
        var command = new Command("rm", "Train a reward model on comparisons.") { heldOut };
        denoising.AddTo(command);
        command.SetAction((parsed, stop) => LearnCommand.RunAsync(
            console,
            common.Read(parsed),
            (run, data, settings) => TrainAsync(
                console, run, data, settings, denoising.Read(parsed), parsed.GetValue(heldOut), stop),
            stop));
        return common.AddTo(command);
    }

    private static async Task TrainAsync(
        IAnsiConsole console,
        LearnRun run,
        LearnData data,
        LearnSettings settings,
        DenoiseSettings? denoise,
        double heldOut,
        CancellationToken stop)
    {
        Comparison[] all = [.. data.Comparisons];
        new Random(settings.Seed).Shuffle(all);
        var sources = DataSets.Of(all);
        var (tested, learned) = (all[..(int)(all.Length * heldOut)], all[(int)(all.Length * heldOut)..]);
        LearnCommand.RequireSome(learned.Length, "comparison", settings);
        var (test, pairs) = (sources.Tag(tested, run.Model.Format), sources.Tag(learned, run.Model.Format));
        var steps = settings.Steps(pairs.Count);
        var options = new RewardTrainingOptions
        {
            Steps = steps,
            Schedule = settings.Schedule(steps),
            BatchPairs = settings.Batch,
            Seed = settings.Seed,
        };
        var shape = new RewardModelOptions
        {
            Lora = settings.Lora,
            HeadSeed = settings.Seed,
            Preference = settings.Preference,
        };
        var cleaned = denoise is null
            ? null
            : await LearnDenoising.RunAsync(run, settings, shape, options, denoise, learned, pairs, stop);
        pairs = cleaned?.Pairs ?? pairs;
        using var model = RewardModel.Create(run.Model.Transformer, run.Model.BaseHash, shape);
        var last = await run.TrainAsync(
            "rm",
            steps,
            $"{settings.Lora}/{RewardTraining.Fingerprint(options, pairs)}",
            (checkpoint, progress) => RewardTraining.RunAsync(
                model, pairs, test, options, checkpoint, progress, cancellation: stop));
        if (cleaned is not null)
            model.Card = model.Card with { Details = cleaned.AddTo(model.Card.Details) };
        var reports = await sources.ReportAsync(model, test.Count > 0 ? test : pairs, stop);
        var hash = model.Save(settings.Output);
        var card = model.Card;
        if (!settings.Json)
        {
            cleaned?.Write(console, run.Work);
            if (card.HeldOutAccuracy is { } accuracy)
            {
                console.WriteLine(
                    $"Orders {accuracy:P1} of {tested.Length} held-out comparisons rightly, calibration error "
                    + $"{card.HeldOutCalibrationError:F3}.");
            }

            if (reports is not null)
                console.Write(DataSets.Table(reports));
        }

        run.Finish(hash, steps, data, last, new
        {
            card.Preference,
            card.Mean,
            card.StandardDeviation,
            card.TrainingPairs,
            card.TrainingAccuracy,
            card.HeldOutPairs,
            card.HeldOutAccuracy,
            card.HeldOutCalibrationError,
            card.Details,
            Denoising = cleaned?.Counts,
            DataSets = reports,
        });
    }
}

using System.CommandLine;
using SoupsActors.Miniature.Recipe;
using SoupsActors.Models.Training;
using SoupsActors.Tensors;

namespace SoupsActors.Cli.Learning;

/// <summary>What the trainings on files have in common.</summary>
/// <param name="learningRate">The default of --learning-rate.</param>
/// <param name="dropout">Whether the training can use dropout; PPO and DPO train without.</param>
internal sealed class LearnOptions(double learningRate, bool dropout = false)
{
    private readonly Option<FileInfo> data = new("--data")
    {
        Description = "JSON Lines, or one JSON list: prompt, chosen, rejected, or the files of a known data set.",
        Required = true,
    };

    private readonly Option<DirectoryInfo> output = new("--out")
    {
        Description = "Folder of the result. A training that was stopped goes on from the state beside it.",
        Required = true,
    };

    private readonly Option<DirectoryInfo?> model = new("--model")
    {
        Description = "Hugging Face folder of the base; the packaged one by default.",
    };

    private readonly Option<string?> preference = new("--preference")
    {
        Description = "Only rows of this preference, and those that name none.",
    };

    private readonly Option<double> epochs = Positive("--epochs", "Passes over the data.", 1.0);

    private readonly Option<int> batch = Positive("--batch", "Rows of a step.", 16);

    private readonly Option<double> rate = Positive("--learning-rate", "Peak learning rate.", learningRate);

    private readonly Option<int> rank = Positive("--rank", "Rank of the adapter.", 8);

    private readonly Option<float> alpha = Positive(
        "--alpha", "α of the adapter, whose effect is scaled by α/rank.", 16f);

    private readonly Option<double> dropped = Dropout();

    private readonly Option<int> seed = new("--seed") { Description = "Fixes the order of the rows." };

    private readonly Option<long> initSeed = new("--init-seed")
    {
        Description = "Seed of the adapter's A; experts to be merged factor by factor share it.",
    };

    private readonly Option<int?> threads = new("--threads") { Description = "Worker threads; all cores by default." };

    private readonly Option<bool> json = Commands.SiloOptions.Json();

    public Command AddTo(Command command)
    {
        foreach (var option in (Option[])[
            data, output, model, preference, epochs, batch, rate, rank, alpha, seed, initSeed, threads, json])
        {
            command.Options.Add(option);
        }

        if (dropout)
            command.Options.Add(dropped);
        return command;
    }

    public LearnSettings Read(ParseResult parsed) => new(
        parsed.GetRequiredValue(data).FullName,
        parsed.GetRequiredValue(output).FullName,
        parsed.GetValue(model)?.FullName ?? MiniatureFolder.Packaged.Base,
        parsed.GetValue(preference),
        parsed.GetValue(epochs),
        parsed.GetValue(batch),
        parsed.GetValue(rate),
        new LoraOptions
        {
            Rank = parsed.GetValue(rank),
            Alpha = parsed.GetValue(alpha),
            Dropout = dropout ? parsed.GetValue(dropped) : 0,
            InitSeed = parsed.GetValue(initSeed),
        },
        parsed.GetValue(seed),
        parsed.GetValue(threads) ?? 0,
        parsed.GetValue(json));

    private static Option<double> Dropout()
    {
        var option = new Option<double>("--dropout")
        {
            Description = "Probability that a number of the adapter's input is dropped in training, below 1.",
        };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (>= 0 and < 1))
                result.AddError("--dropout must be at least 0 and below 1.");
        });
        return option;
    }

    private static Option<T> Positive<T>(string name, string description, T value)
        where T : System.Numerics.INumber<T>
    {
        var option = new Option<T>(name) { Description = description, DefaultValueFactory = _ => value };
        option.Validators.Add(result =>
        {
            if (!(result.GetValueOrDefault<T>() > T.Zero))
                result.AddError($"{name} must be positive.");
        });
        return option;
    }
}

/// <summary>The common settings as they were given.</summary>
internal sealed record LearnSettings(
    string Data,
    string Output,
    string Model,
    string? Preference,
    double Epochs,
    int Batch,
    double LearningRate,
    LoraOptions Lora,
    int Seed,
    int Threads,
    bool Json)
{
    public int Steps(int rows) => Math.Max(1, (int)Math.Ceiling(rows * Epochs / Batch));

    /// <summary>A short warm-up, then half a cosine.</summary>
    public LearningRateSchedule Schedule(int steps) =>
        new(ScheduleKind.Cosine, LearningRate, steps, warmupSteps: steps / 20, finalFraction: 0.1);
}

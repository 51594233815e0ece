using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging.Abstractions;
using SoupsActors.Grains.Device;
using SoupsActors.Grains.Trainings;
using SoupsActors.Grains.Trainings.Stages;
using SoupsActors.Grains.Trainings.Work;
using SoupsActors.Learning.Data;
using SoupsActors.Learning.Judging;
using SoupsActors.Testing;
using SoupsActors.Trainings;

namespace SoupsActors.Grains.Tests.Trainings;

/// <summary>Phases of a training on the real engine with a tiny random model, one at a time.</summary>
internal sealed class StageLab : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();
    private readonly DeviceEngine engine;
    private readonly TinyModel model;

    public StageLab()
    {
        model = TinyModel.Create(folder["tiny"], context: 128);
        engine = new DeviceEngine(
            new DeviceSettings
            {
                Package = ModelPackage.Find(model.Folder)!,
                OpenBackend = () => new ReferenceBackend(),
                DefaultMaxTokens = 6,
                CacheTokens = 4096,
            },
            folder["data"],
            TimeProvider.System,
            NullLoggerFactory.Instance);
    }

    public ManualTimeProvider Clock { get; } = new();

    public ScriptedGuide Guide { get; } = new();

    /// <summary>What was reported, newest last.</summary>
    public List<TrainingProgress> Reported { get; } = [];

    public TrainingStatus Training { get; set; } = new()
    {
        Id = "P1A-1",
        Preference = "P1A",
        Criterion = "Choose the simpler one.",
        Through = 100,
        Request = new() { MaxTokens = 4, MinimumComparisons = 2, Judge = TrainingJudge.Rules },
    };

    public TrainingFolder Folder => new(folder["trainings"], Training.Id);

    public async ValueTask InitializeAsync() => await engine.LoadAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await engine.DisposeAsync();
        folder.Dispose();
    }

    public static Comparison About(string prompt, int answer = 0) => new(prompt, $"good {answer}", $"bad {answer}");

    public async Task<StageOutcome> CollectAsync(params Comparison[] comparisons) =>
        await CollectStage.RunAsync(await ContextAsync(comparisons), TestContext.Current.CancellationToken);

    /// <summary>Makes the training one that is to be evaluated on some held-out prompts.</summary>
    public async Task ReachEvaluationAsync(int evaluationPrompts, params string[] heldOut)
    {
        var weights = await engine.AdmitAsync(Written("candidate"), TestContext.Current.CancellationToken);
        var hash = await TrainingFile.WriteAsync(
            Folder.Data,
            [(About("learnt"), false), .. heldOut.Select(p => (About(p), true))],
            TestContext.Current.CancellationToken);
        Training = Training with
        {
            Phase = TrainingPhase.Evaluation,
            Data = new TrainingData(hash, 1, heldOut.Length, 100),
            Policy = new PolicySummary(weights, 1, null, []),
            Request = Training.Request with { EvaluationPrompts = evaluationPrompts },
        };
    }

    /// <summary>Evaluates, while time passes.</summary>
    public async Task<EvaluationSummary> EvaluateAsync()
    {
        var evaluation = EvaluationStage.RunAsync(await ContextAsync([]), TestContext.Current.CancellationToken);
        while (!evaluation.IsCompleted)
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        return (await evaluation).Evaluation!;
    }

    public async Task<StageContext> ContextAsync(Comparison[] comparisons)
    {
        var loaded = await engine.WaitAsync(TestContext.Current.CancellationToken);
        return new StageContext(
            new StageServices(engine, new ListedComparisons(comparisons), Guide, new TrainingOptions(), Clock),
            new TrainingJob { Run = "run", Training = Training },
            Folder,
            loaded,
            new ServingGate(loaded.Engine, isLowered: true, Clock),
            Reported.Add);
    }

    private string Written(string name)
    {
        model.WriteExpert(folder[name], "P1A", seed: 3);
        return folder[name];
    }
}

/// <summary>Prompts as the test sets them, and a judge that does what it says.</summary>
internal sealed class ScriptedGuide : TrainingGuide, IJudge
{
    public string Id => "rules";

    public List<string> Practised { get; } = [];

    public List<string> KeptBack { get; } = [];

    public Func<string, Judgement> Verdict { get; set; } = _ => Judgement.Win;

    /// <summary>Prompt and answers of each judgement.</summary>
    public List<(string Prompt, string A, string B)> Judged { get; } = [];

    public override IReadOnlyList<string> Prompts => Practised;

    public override IReadOnlyList<string> HeldOutPrompts => KeptBack;

    public override IJudge? Rules(string preference) => this;

    public Task<Judgement> CompareAsync(
        Criterion criterion, string prompt, string answerA, string answerB, CancellationToken cancellationToken = default)
    {
        var verdict = Verdict(prompt);
        Judged.Add((prompt, answerA, answerB));
        return Task.FromResult(verdict);
    }
}

internal sealed class ListedComparisons(Comparison[] comparisons) : IComparisonSource
{
    public Task<ComparisonCount> CountAsync(
        string? preference, long after = 0, CancellationToken cancellationToken = default) =>
        Task.FromResult(new ComparisonCount(comparisons.Length, comparisons.Length));

    public async IAsyncEnumerable<PlacedComparison> ReadAsync(
        string? preference,
        long after = 0,
        long through = long.MaxValue,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask;
        foreach (var (i, comparison) in comparisons.Index())
            yield return new PlacedComparison(i + 1, comparison);
    }

    public IAsyncEnumerable<PlacedLabel> ReadLabelsAsync(
        string? preference, long after = 0, long through = long.MaxValue, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("Trainings learn from pairs.");

    public IAsyncEnumerable<PlacedSegment> ReadSegmentsAsync(
        string? preference, long after = 0, long through = long.MaxValue, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("Trainings learn from pairs.");
}

using System.Runtime.CompilerServices;
using SoupsActors.Grains.Trainings;
using SoupsActors.Trainings;

namespace SoupsActors.Grains.Tests.Trainings;

/// <summary>A device that works when the test says so, and remembers what it was asked for.</summary>
internal sealed class FakeTrainingDevice : ITrainingDevice
{
    private readonly List<TrainingJob> jobs = [];

    public IGrainFactory Grains { get; set; } = null!;

    /// <summary>What was submitted and has not ended.</summary>
    public IReadOnlyList<TrainingJob> Jobs => jobs;

    /// <summary>Phases worked on, in order.</summary>
    public List<TrainingPhase> Submitted { get; } = [];

    public List<string> Stopped { get; } = [];

    public List<string> Discarded { get; } = [];

    public List<TrainingProgress> Measured { get; } = [];

    public TrainingJob Job => Assert.Single(jobs);

    public void Submit(TrainingJob job)
    {
        var known = jobs.FindIndex(j => (j.Training.Id, j.Training.Phase) == (job.Training.Id, job.Training.Phase));
        if (known >= 0)
        {
            jobs[known] = job;
            return;
        }

        jobs.Add(job);
        Submitted.Add(job.Training.Phase);
    }

    public void Stop(string training, bool discard)
    {
        (discard ? Discarded : Stopped).Add(training);
    }

    public async IAsyncEnumerable<TrainingProgress> ReadMetricsAsync(
        string training, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach (var measured in Measured)
            yield return measured;
    }

    public Task ProgressAsync(int step, double seconds = 0, TrainingJob? job = null)
    {
        job ??= Job;
        return Inbox(job).Progressed(
            job.Run,
            new TrainingProgress(job.Training.Phase, step, 10, new() { ["objective/scores"] = step }),
            seconds);
    }

    /// <summary>Ends the job; returns when the trainer has stored that and done what follows.</summary>
    public Task EndAsync(StageOutcome outcome, TrainingJob? job = null)
    {
        job ??= Job;
        jobs.Remove(job);
        return Inbox(job).Ended(job.Run, outcome with { Phase = job.Training.Phase });
    }

    public Task CompleteAsync(double seconds = 1) => EndAsync(Result(Job.Training) with { Seconds = seconds });

    /// <summary>The process ends: what was going on is forgotten, and nobody is told.</summary>
    public void Crash() => jobs.Clear();

    public static StageOutcome Result(TrainingStatus training) => training.Phase switch
    {
        TrainingPhase.Collecting => new(StageEnd.Completed) { Data = new TrainingData("data-hash", 90, 10, 1234) },
        TrainingPhase.RewardModel => new(StageEnd.Completed) { Reward = new RewardSummary("reward-hash", 0.93, []) },
        TrainingPhase.Policy => new(StageEnd.Completed)
        {
            Policy = new PolicySummary(
                TestSilo.Weights($"new-{training.Id}", training.Preference), training.Request.Steps, null, []),
        },
        _ => Compared(40, 4, 10),
    };

    public static StageOutcome Compared(int wins, int ties, int losses, double lower = 0.6, double kl = 0.1) =>
        new(StageEnd.Completed)
        {
            Evaluation = new EvaluationSummary(
                "rules", wins, ties, losses, (double)wins / (wins + losses), lower, 0.9, kl, "hash-1"),
        };

    private ITrainerInbox Inbox(TrainingJob job) => Grains.GetGrain<ITrainerInbox>(job.Training.Preference);
}

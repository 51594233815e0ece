using Microsoft.Extensions.AI;
using SoupsActors.Client;
using SoupsActors.Trainings;

namespace SoupsActors.Cli.Bench;

/// <summary>What users got from a silo, alone and while it trained.</summary>
/// <param name="IdleTokensPerSecond">Tokens of answers a second without a training.</param>
/// <param name="TrainingTokensPerSecond">The same while a policy was trained.</param>
/// <param name="PolicySteps">Steps that the policy made meanwhile.</param>
/// <param name="Seconds">Length of that time.</param>
internal sealed record ServingFigures(
    double IdleTokensPerSecond, double TrainingTokensPerSecond, int PolicySteps, double Seconds)
{
    /// <summary>Share of the idle throughput that is left.</summary>
    public double Ratio => TrainingTokensPerSecond / IdleTokensPerSecond;
}

/// <summary>Asks a silo without pause, first alone, then while it trains the policy of a preference.</summary>
internal sealed class ServingLoad(SoupsClient silo, IChatClient chat, int streams, int answerTokens, TimeSpan window)
{
    private static readonly string[] Questions =
        ["Why is the sky blue?", "How does bread rise?", "What is a volcano?", "Why do leaves fall?"];

    public async Task<ServingFigures> RunAsync(
        string preference, TrainingSettings settings, IProgress<string> progress, CancellationToken cancellation)
    {
        progress.Report("Warming up.");
        await TokensPerSecondAsync(window / 4, cancellation);
        progress.Report("Measuring without a training.");
        var idle = await TokensPerSecondAsync(window, cancellation);
        progress.Report("Starting a training; waiting for its policy phase.");
        await silo.Trainings.StartAsync(preference, settings, cancellationToken: cancellation);
        try
        {
            var steps = new StepCount();
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            var watching = steps.WatchAsync(silo.Trainings, preference, stop.Token);
            await Task.WhenAny(steps.PolicyBegan, watching);
            if (!steps.PolicyBegan.IsCompletedSuccessfully)
                throw new InvalidOperationException($"The training ended before its policy began: {await watching}");
            progress.Report("Measuring beside the training.");
            var before = steps.Steps;
            var start = TimeProvider.System.GetTimestamp();
            var busy = await TokensPerSecondAsync(window, cancellation);
            var seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
            await stop.CancelAsync();
            return new ServingFigures(idle, busy, steps.Steps - before, seconds);
        }
        finally
        {
            await silo.Trainings.CancelAsync(preference, cancellationToken: CancellationToken.None);
        }
    }

    private async Task<double> TokensPerSecondAsync(TimeSpan during, CancellationToken cancellation)
    {
        var start = TimeProvider.System.GetTimestamp();
        var tokens = await Task.WhenAll(Enumerable.Range(0, streams).Select(async stream =>
        {
            var sum = 0L;
            for (var i = 0; TimeProvider.System.GetElapsedTime(start) < during; i++)
            {
                var answer = await chat.GetResponseAsync(
                    Questions[(stream + i) % Questions.Length],
                    new ChatOptions { MaxOutputTokens = answerTokens, Temperature = 1, Seed = stream * 1000 + i },
                    cancellation);
                sum += answer.Usage?.OutputTokenCount ?? 0;
            }

            return sum;
        }));
        return tokens.Sum() / TimeProvider.System.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Counts a policy's steps as they are told.</summary>
    private sealed class StepCount
    {
        private readonly TaskCompletionSource began = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int steps;

        public Task PolicyBegan => began.Task;

        public int Steps => Volatile.Read(ref steps);

        /// <returns>Why the training ended.</returns>
        public async Task<string> WatchAsync(TrainingsClient trainings, string preference, CancellationToken cancellation)
        {
            var reason = "";
            try
            {
                await foreach (var news in trainings.WatchAsync(preference, cancellation))
                {
                    reason = news.Status?.Reason ?? reason;
                    if (news.Progress is not { Phase: TrainingPhase.Policy } progress)
                        continue;
                    Volatile.Write(ref steps, progress.Step);
                    began.TrySetResult();
                }
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                // The measurement is over.
            }

            return reason;
        }
    }
}

using SoupsActors.Learning.Judging;

namespace SoupsActors.Grains.Trainings.Stages;

/// <summary>Asks a judge again that fails, for among many requests to a language model some always do.</summary>
/// <param name="judge">Who judges.</param>
/// <param name="clock">Measures the pauses.</param>
internal sealed class PatientJudge(IJudge judge, TimeProvider clock) : IJudge
{
    /// <summary>Times that one comparison is asked for.</summary>
    public const int Attempts = 4;

    /// <summary>Pause before the second attempt; it doubles with each further one.</summary>
    public static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(2);

    public string Id => judge.Id;

    public async Task<Judgement> CompareAsync(
        Criterion criterion,
        string prompt,
        string answerA,
        string answerB,
        CancellationToken cancellationToken = default)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await judge.CompareAsync(criterion, prompt, answerA, answerB, cancellationToken);
            }
            catch (Exception error) when (
                attempt < Attempts && error is not ArgumentException && !cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(FirstPause * Math.Pow(2, attempt - 1), clock, cancellationToken);
            }
        }
    }
}

using SoupsActors.Serving;

namespace SoupsActors.Grains.Trainings.Work;

/// <summary>
/// Stands between a training's batches. Where the operating system gives users' threads the processor first it lets
/// everything through; elsewhere the training pauses for as long as its last batch took while users are served.
/// </summary>
internal sealed class ServingGate(GenerationEngine engine, bool isLowered, TimeProvider clock)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    private long last = clock.GetTimestamp();

    /// <summary>Lets users go first.</summary>
    /// <exception cref="OperationCanceledException">
    /// The training is to stop, also where there is nobody to wait for.
    /// </exception>
    public async ValueTask PassAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!isLowered && engine.Statistics is { } now && now.RunningRows > now.BackgroundRows)
        {
            var batch = clock.GetElapsedTime(last);
            await Task.Delay(batch < Longest ? batch : Longest, clock, cancellationToken);
        }

        last = clock.GetTimestamp();
    }
}

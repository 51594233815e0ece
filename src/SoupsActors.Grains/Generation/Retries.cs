using Microsoft.Extensions.Options;
using SoupsActors.Placement;

namespace SoupsActors.Grains.Generation;

/// <summary>
/// Makes calls again whose fate is unknown; only for calls that name themselves, by an operation or a lease.
/// </summary>
internal sealed class Retries(IOptions<PlacementOptions> options, TimeProvider clock)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

    /// <summary>The call's result; the second attempt follows at once, later ones after growing pauses.</summary>
    public async Task<T> RunAsync<T>(Func<Task<T>> call)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await call();
            }
            catch (Exception error) when (LostCalls.Is(error) && attempt < options.Value.Attempts)
            {
                if (attempt > 1)
                    await Task.Delay(FirstPause * Math.Pow(2, attempt - 2), clock);
            }
        }
    }
}

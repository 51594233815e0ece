using Microsoft.Extensions.Options;
using Orleans;

namespace SoupsActors.Client.Cluster;

/// <summary>
/// The users of a cluster, called as grains. Calls whose fate is unknown are made again with the same operation id, so
/// that a write is applied once, whatever became of the first call.
/// </summary>
public sealed class SoupsCluster(IGrainFactory grains, IOptions<SoupsClientOptions> options, TimeProvider time)
{
    /// <summary>One user.</summary>
    /// <param name="id">Any text of 1 to 256 characters.</param>
    /// <exception cref="SoupsException">The text is no user id.</exception>
    public SoupsUser User(string id) => new(this, Identifiers.RequireUser(id));

    /// <summary>Grains, for what this client has no words for; their calls are not repeated.</summary>
    public IGrainFactory Grains => grains;

    /// <summary>Makes a call that names itself, again where it was lost or refused for the moment.</summary>
    /// <param name="call">Carries an operation id, or only reads.</param>
    /// <param name="cancellationToken">Ends the attempts.</param>
    public async Task<T> RunAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(call);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await call();
            }
            catch (Exception error) when (MayPass(error) && attempt < options.Value.Attempts)
            {
                await Task.Delay(options.Value.RetryDelay * Math.Pow(2, attempt - 1), time, cancellationToken);
            }
        }
    }

    private static bool MayPass(Exception error) =>
        LostCalls.Is(error) || error is SoupsException { MayPass: true };
}

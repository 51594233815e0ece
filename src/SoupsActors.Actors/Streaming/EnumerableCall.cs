using Orleans.Runtime;

namespace SoupsActors.Actors;

/// <summary>
/// A call of a method that returns a stream. Nothing happens until it is enumerated; each enumeration runs the method
/// anew.
/// </summary>
internal abstract class EnumerableCall<T> : IAsyncEnumerable<T>
{
    private GrainReference reference = null!;
    private CallMethod method = null!;

    /// <summary>The most elements taken in one turn.</summary>
    public int MaxBatchSize { get; set; } = 100;

    public IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
        new RemoteEnumerator<T>(this, reference, method, cancellationToken);

    public abstract IAsyncEnumerable<T> Invoke(object grain);

    public virtual CancellationToken GetToken() => default;

    public virtual void SetToken(CancellationToken token)
    {
    }

    internal void Address(GrainReference grain, CallMethod streamingMethod)
    {
        reference = grain;
        method = streamingMethod;
    }

    /// <summary>Starts the method with a token of its own.</summary>
    internal IAsyncEnumerator<T> Start(object grain, CancellationToken token)
    {
        var own = (EnumerableCall<T>)MemberwiseClone();
        own.SetToken(token);
        return own.Invoke(grain).GetAsyncEnumerator(token);
    }
}

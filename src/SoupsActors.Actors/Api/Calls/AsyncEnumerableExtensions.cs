using SoupsActors.Actors;

namespace Orleans.Runtime;

/// <summary>Settings of streams that grain methods return.</summary>
public static class AsyncEnumerableExtensions
{
    /// <summary>At most this many elements are taken from the grain in one turn (100 unless told).</summary>
    public static IAsyncEnumerable<T> WithBatchSize<T>(this IAsyncEnumerable<T> self, int maxBatchSize)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxBatchSize);
        if (self is EnumerableCall<T> call)
            call.MaxBatchSize = maxBatchSize;
        return self;
    }
}

/// <summary>The grain was deactivated, and the stream it had begun ended with it.</summary>
[GenerateSerializer]
public sealed class EnumerationAbortedException : Exception
{
    /// <summary>Without a message.</summary>
    public EnumerationAbortedException()
    {
    }

    /// <summary>With a message.</summary>
    public EnumerationAbortedException(string message)
        : base(message)
    {
    }

    /// <summary>With a message and a cause.</summary>
    public EnumerationAbortedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

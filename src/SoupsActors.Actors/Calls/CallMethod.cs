using System.Reflection;
using Orleans;
using Orleans.Concurrency;

namespace SoupsActors.Actors;

/// <summary>What is known of an interface method; one object for all its calls.</summary>
internal sealed class CallMethod
{
    public CallMethod(Type grainInterface, MethodInfo method)
    {
        Interface = grainInterface;
        Method = method;
        Name = method.Name;
        AlwaysInterleaves = method.IsDefined(typeof(AlwaysInterleaveAttribute));
        IsReadOnly = method.IsDefined(typeof(ReadOnlyAttribute));
        IsOneWay = method.IsDefined(typeof(OneWayAttribute)) || method.ReturnType == typeof(void);
        CopiesResult = !method.ReturnParameter.IsDefined(typeof(ImmutableAttribute), false);
        ResponseTimeout = method.GetCustomAttribute<ResponseTimeoutAttribute>()?.Timeout;
    }

    private CallMethod(CallMethod streaming)
    {
        Interface = streaming.Interface;
        Method = streaming.Method;
        Name = streaming.Name;
        AlwaysInterleaves = true;
        IsStreaming = true;
        ResponseTimeout = Timeout.InfiniteTimeSpan;
    }

    public Type Interface { get; }

    public MethodInfo Method { get; }

    public string Name { get; }

    public bool AlwaysInterleaves { get; }

    public bool IsReadOnly { get; }

    public bool IsOneWay { get; }

    /// <summary>Whether the result is copied on its way back.</summary>
    public bool CopiesResult { get; }

    /// <summary>
    /// Whether the call takes the next elements of a stream: it interleaves, and may take as long as the stream does.
    /// </summary>
    public bool IsStreaming { get; }

    /// <summary>How long callers wait; null for the host's setting.</summary>
    public TimeSpan? ResponseTimeout { get; }

    /// <summary>The same method for the calls that move a stream on.</summary>
    public CallMethod ForStreaming() => new(this);
}

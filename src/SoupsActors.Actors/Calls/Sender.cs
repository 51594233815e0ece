using Orleans.Runtime;

namespace SoupsActors.Actors;

/// <summary>Sends calls; what the generated references call with a filled-in call.</summary>
internal static class Sender
{
    public static Task SendTask(GrainReference reference, VoidCall call, CallMethod method) =>
        Send(reference, call, method);

    public static Task<T> SendTask<T>(GrainReference reference, ResultCall<T> call, CallMethod method)
    {
        call.Address(reference, method);
        var host = reference.Host;
        return host.OutgoingFilters.Length == 0 ? Deliver(host, call) : OutgoingCall.SendAsync(host, call);
    }

    public static ValueTask SendValueTask(GrainReference reference, VoidCall call, CallMethod method) =>
        new(Send(reference, call, method));

    public static ValueTask<T> SendValueTask<T>(GrainReference reference, ResultCall<T> call, CallMethod method) =>
        new(SendTask(reference, call, method));

    public static void SendVoid(GrainReference reference, VoidCall call, CallMethod method) =>
        _ = Send(reference, call, method);

    public static IAsyncEnumerable<T> Stream<T>(GrainReference reference, EnumerableCall<T> call, CallMethod method)
    {
        call.Address(reference, method);
        return call;
    }

    /// <summary>Sends a call past the filters.</summary>
    internal static Task<T> Deliver<T>(GrainHost host, ResultCall<T> call)
    {
        var token = call.GetToken();
        if (!call.FollowToken(token))
            return Task.FromCanceled<T>(token);
        host.Send(call);
        return call.Response;
    }

    /// <summary>Sends a call past the filters.</summary>
    internal static Task Deliver(GrainHost host, VoidCall call)
    {
        var token = call.GetToken();
        if (!call.FollowToken(token))
            return Task.FromCanceled(token);
        host.Send(call);
        return call.Method.IsOneWay ? Task.CompletedTask : call.Response;
    }

    private static Task Send(GrainReference reference, VoidCall call, CallMethod method)
    {
        call.Address(reference, method);
        var host = reference.Host;
        return host.OutgoingFilters.Length == 0 ? Deliver(host, call) : OutgoingCall.SendAsync(host, call);
    }
}

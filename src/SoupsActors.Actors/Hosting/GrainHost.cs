using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using Orleans.Runtime;

namespace SoupsActors.Actors;

/// <summary>The grain host of the process: sends calls, and ends with the application.</summary>
internal sealed partial class GrainHost : IClusterClient, IDisposable
{
    private readonly CallTimeouts timeouts;
    private readonly IdleCollector collector;
    private volatile bool stopping;
    private volatile bool stopped;

    public GrainHost(
        IServiceProvider services,
        TimeProvider time,
        IOptions<SiloMessagingOptions> messaging,
        IOptions<GrainCollectionOptions> collection,
        IEnumerable<IIncomingGrainCallFilter> incoming,
        IEnumerable<IOutgoingGrainCallFilter> outgoing,
        ILogger<GrainHost> logger)
    {
        ServiceProvider = services;
        Time = time;
        Messaging = messaging.Value;
        Collection = collection.Value;
        IncomingFilters = [.. incoming];
        OutgoingFilters = [.. outgoing];
        Logger = logger;
        References = new ReferenceFactory(this, new GrainClasses());
        Directory = new GrainDirectory(this);
        Placement = new PlacementFilters(services);
        timeouts = new CallTimeouts(this, Messaging.ResponseTimeout);
        collector = new IdleCollector(this, Collection);
    }

    public IServiceProvider ServiceProvider { get; }

    public TimeProvider Time { get; }

    public ILogger Logger { get; }

    public SiloMessagingOptions Messaging { get; }

    public GrainCollectionOptions Collection { get; }

    public IIncomingGrainCallFilter[] IncomingFilters { get; }

    public IOutgoingGrainCallFilter[] OutgoingFilters { get; }

    public ReferenceFactory References { get; }

    public GrainDirectory Directory { get; }

    public PlacementFilters Placement { get; }

    public string Identity { get; } = $"{Environment.MachineName}:{Environment.ProcessId}";

    /// <summary>Whether calls are refused because the host has stopped.</summary>
    public bool IsStopped => stopped;

    /// <summary>Asks activations that were not used for the age to end.</summary>
    public void Collect(TimeSpan age) => collector.Collect(age);

    /// <summary>Sends a call on its way.</summary>
    public void Send(Call call)
    {
        if (Prepare(call))
            Dispatch(call);
    }

    /// <summary>
    /// Notes who makes the call, and waits for its response; false when the host is stopping and the call has failed.
    /// </summary>
    /// <param name="call">The call.</param>
    /// <param name="isUnderWay">Whether it belongs to something begun before, which a stopping host lets end.</param>
    public bool Prepare(Call call, bool isUnderWay = false)
    {
        var caller = CallFlow.Call;
        call.Caller = caller;
        call.Values = CallFlow.Values;
        call.Source = RuntimeContext.Current ?? caller?.Target;
        if (stopped || (stopping && call.Source is null && !isUnderWay))
        {
            call.Fail(new SiloUnavailableException());
            return false;
        }

        if (call.Method.IsOneWay)
            return true;
        if (caller is not null)
            caller.Outgoing = call;
        timeouts.Watch(call);
        return true;
    }

    /// <summary>Puts a call into the mailbox of its grain.</summary>
    public void Dispatch(Call call)
    {
        var reference = call.Reference;
        if (reference.Target is { } target && target.TryPost(call))
            return;
        try
        {
            var wait = default(SpinWait);
            while (true)
            {
                target = Directory.Find(reference);
                if (target.TryPost(call))
                {
                    reference.Target = target;
                    return;
                }

                // The activation has closed and its owner is about to say what comes next.
                wait.SpinOnce();
            }
        }
        catch (Exception exception)
        {
            call.Fail(exception);
        }
    }

    /// <summary>Refuses calls from outside, lets those under way end, and deactivates all grains.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (stopping)
            return;
        stopping = true;
        try
        {
            while (timeouts.Pending > 0)
                await Task.Delay(TimeSpan.FromMilliseconds(5), cancellationToken);
            // A grain that ends may call others and so bring them back.
            while (Directory.Activations.ToArray() is { Length: > 0 } activations)
            {
                foreach (var activation in activations)
                    activation.Deactivate(new DeactivationReason(
                        DeactivationReasonCode.ShuttingDown, "The host is stopping."), cancellationToken);
                await Task.WhenAll(
                    activations.Select(activation => activation.Deactivated)).WaitAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            Log.StoppedEarly(Logger, Directory.Activations.Count());
        }

        stopped = true;
        Dispose();
    }

    public void Dispose()
    {
        stopping = stopped = true;
        timeouts.Dispose();
        collector.Dispose();
    }
}

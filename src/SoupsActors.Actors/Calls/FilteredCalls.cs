using System.Reflection;
using Orleans;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace SoupsActors.Actors;

/// <summary>A call on its way through the filters where it arrives.</summary>
internal sealed class IncomingCall : IIncomingGrainCallContext
{
    private readonly Call call;
    private readonly Activation activation;
    private int next;

    private IncomingCall(Call call, Activation activation)
    {
        this.call = call;
        this.activation = activation;
    }

    public IInvokable Request => call;

    public object Grain => activation.GrainInstance!;

    public GrainId? SourceId => call.Source?.GrainId;

    public GrainId TargetId => activation.GrainId;

    public IGrainContext TargetContext => activation;

    public string InterfaceName => call.Method.Interface.FullName!;

    public string MethodName => call.Method.Name;

    public MethodInfo InterfaceMethod => call.Method.Method;

    public MethodInfo ImplementationMethod => activation.Class.Implementation(call.Method.Method);

    public object? Result { get; set; }

    /// <summary>Runs the filters, the grain's own the last of them, and the method; returns the result.</summary>
    public static async Task<object?> RunAsync(Call call, Activation activation)
    {
        var context = new IncomingCall(call, activation);
        await context.Invoke();
        return context.Result;
    }

    public async Task Invoke()
    {
        var filters = activation.Host.IncomingFilters;
        var index = next++;
        try
        {
            if (index < filters.Length)
                await filters[index].Invoke(this);
            else if (index == filters.Length && activation.GrainInstance is IIncomingGrainCallFilter own)
                await own.Invoke(this);
            else
                Result = await TaskResult.Of(call.InvokeOn(activation.GrainInstance!));
        }
        finally
        {
            next = index;
        }
    }
}

/// <summary>A call on its way through the filters where it is made.</summary>
internal sealed class OutgoingCall : IOutgoingGrainCallContext
{
    private readonly GrainHost host;
    private readonly Call call;
    private readonly Func<Task> deliver;
    private int next;

    private OutgoingCall(GrainHost host, Call call, Func<Task> deliver)
    {
        this.host = host;
        this.call = call;
        this.deliver = deliver;
        SourceContext = RuntimeContext.Current ?? CallFlow.Call?.Target;
    }

    public IInvokable Request => call;

    public object Grain => call.Reference;

    public GrainId? SourceId => SourceContext?.GrainId;

    public IGrainContext? SourceContext { get; }

    public GrainId TargetId => call.Reference.GrainId;

    public string InterfaceName => call.Method.Interface.FullName!;

    public string MethodName => call.Method.Name;

    public MethodInfo InterfaceMethod => call.Method.Method;

    public object? Result { get; set; }

    public static async Task<T> SendAsync<T>(GrainHost host, ResultCall<T> call)
    {
        var context = new OutgoingCall(host, call, () => Sender.Deliver(host, call));
        await context.Invoke();
        return (T)context.Result!;
    }

    public static Task SendAsync(GrainHost host, VoidCall call) =>
        new OutgoingCall(host, call, () => Sender.Deliver(host, call)).Invoke();

    public async Task Invoke()
    {
        var index = next++;
        try
        {
            if (index < host.OutgoingFilters.Length)
                await host.OutgoingFilters[index].Invoke(this);
            else
                Result = await TaskResult.Of(deliver());
        }
        finally
        {
            next = index;
        }
    }
}

/// <summary>A filter given as a function.</summary>
internal sealed class DelegateFilter(
    IncomingGrainCallFilterDelegate? incoming, OutgoingGrainCallFilterDelegate? outgoing)
    : IIncomingGrainCallFilter, IOutgoingGrainCallFilter
{
    public Task Invoke(IIncomingGrainCallContext context) => incoming!(context);

    public Task Invoke(IOutgoingGrainCallContext context) => outgoing!(context);
}

/// <summary>The result of a task of unknown type.</summary>
internal static class TaskResult
{
    /// <summary>Awaits the task; null when it has no result.</summary>
    public static async Task<object?> Of(Task task)
    {
        await task;
        for (var type = task.GetType(); type is not null && type != typeof(Task); type = type.BaseType)
        {
            if (!type.IsGenericType || type.GetGenericTypeDefinition() != typeof(Task<>))
                continue;
            var value = type.GetProperty(nameof(Task<int>.Result))!.GetValue(task);
            return value?.GetType().FullName == "System.Threading.Tasks.VoidTaskResult" ? null : value;
        }

        return null;
    }
}

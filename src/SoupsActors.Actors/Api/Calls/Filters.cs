using System.Reflection;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace Orleans
{
    /// <summary>
    /// Looks at calls where they arrive. Registered with the silo, or implemented by a grain class for its own calls.
    /// </summary>
    public interface IIncomingGrainCallFilter
    {
        /// <summary>Await <see cref="IGrainCallContext.Invoke"/> to let the call go on.</summary>
        Task Invoke(IIncomingGrainCallContext context);
    }

    /// <summary>Looks at calls where they are made.</summary>
    public interface IOutgoingGrainCallFilter
    {
        /// <summary>Await <see cref="IGrainCallContext.Invoke"/> to let the call go on.</summary>
        Task Invoke(IOutgoingGrainCallContext context);
    }

    /// <summary>A filter as a function.</summary>
    public delegate Task IncomingGrainCallFilterDelegate(IIncomingGrainCallContext context);

    /// <summary>A filter as a function.</summary>
    public delegate Task OutgoingGrainCallFilterDelegate(IOutgoingGrainCallContext context);

    /// <summary>A call on its way through filters.</summary>
    public interface IGrainCallContext
    {
        /// <summary>The call's method and arguments.</summary>
        IInvokable Request { get; }

        /// <summary>The grain object (incoming) or the reference (outgoing).</summary>
        object Grain { get; }

        /// <summary>The grain that calls; null for a client.</summary>
        GrainId? SourceId { get; }

        /// <summary>The grain called.</summary>
        GrainId TargetId { get; }

        /// <summary>The full name of the interface.</summary>
        string InterfaceName { get; }

        /// <summary>The name of the method.</summary>
        string MethodName { get; }

        /// <summary>The interface's method.</summary>
        MethodInfo InterfaceMethod { get; }

        /// <summary>
        /// The result after <see cref="Invoke"/>; a filter may replace it, or set it without invoking.
        /// </summary>
        object? Result { get; set; }

        /// <summary>Goes on to the next filter, and in the end to the grain.</summary>
        Task Invoke();
    }

    /// <summary>A call where it arrives.</summary>
    public interface IIncomingGrainCallContext : IGrainCallContext
    {
        /// <summary>The activation called.</summary>
        IGrainContext TargetContext { get; }

        /// <summary>The class's method.</summary>
        MethodInfo ImplementationMethod { get; }
    }

    /// <summary>A call where it is made.</summary>
    public interface IOutgoingGrainCallContext : IGrainCallContext
    {
        /// <summary>The activation that calls; null for a client.</summary>
        IGrainContext? SourceContext { get; }
    }
}

namespace Orleans.Serialization.Invocation
{
    /// <summary>The method and arguments of a call.</summary>
    public interface IInvokable
    {
        /// <summary>The object that the call runs on; null until it has arrived.</summary>
        object? GetTarget();

        /// <summary>The number of arguments.</summary>
        int GetArgumentCount();

        /// <summary>An argument.</summary>
        object? GetArgument(int index);

        /// <summary>Replaces an argument.</summary>
        void SetArgument(int index, object value);

        /// <summary>The method's name.</summary>
        string GetMethodName();

        /// <summary>The interface's full name.</summary>
        string GetInterfaceName();

        /// <summary>Interface and method, for traces.</summary>
        string GetActivityName();

        /// <summary>The interface's method.</summary>
        MethodInfo GetMethod();

        /// <summary>The interface.</summary>
        Type GetInterfaceType();
    }
}

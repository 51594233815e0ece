using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Concurrency;
using Orleans.Placement;
using Orleans.Runtime;

namespace SoupsActors.Actors;

/// <summary>What is known of a grain class: its name, its rules, and how to construct it.</summary>
internal sealed class GrainClass
{
    private readonly Func<Orleans.Serialization.Invocation.IInvokable, bool>? mayInterleave;
    private readonly ConstructorInvoker? constructor;
    private readonly Func<Activation, object?>[] arguments = [];

    public GrainClass(Type type, bool isObserver = false)
    {
        Type = type;
        IsObserver = isObserver;
        GrainType = NameOf(type);
        IsReentrant = type.IsDefined(typeof(ReentrantAttribute), inherit: true);
        HasFilter = typeof(IIncomingGrainCallFilter).IsAssignableFrom(type);
        MaxWorkers = type.GetCustomAttribute<StatelessWorkerAttribute>(inherit: true)?.MaxLocalWorkers ?? 0;
        Age = isObserver || type.IsDefined(typeof(KeepAliveAttribute), inherit: true) ? TimeSpan.MaxValue
            : type.GetCustomAttribute<CollectionAgeLimitAttribute>(inherit: true) is { } limit
                ? (limit.AlwaysActive ? TimeSpan.MaxValue : limit.AgeLimit)
            : null;
        mayInterleave = Predicate(type);
        Interleaves = IsReentrant || mayInterleave is not null
            || type.GetInterfaces().SelectMany(i => i.GetMethods()).Any(
            m => m.IsDefined(typeof(AlwaysInterleaveAttribute)) || m.IsDefined(typeof(ReadOnlyAttribute)));
        if (isObserver)
            return;
        PlacementFilters = [.. type.GetCustomAttributes<PlacementFilterAttribute>(inherit: true)];
        var chosen = ConstructorOf(type);
        constructor = ConstructorInvoker.Create(chosen);
        arguments = [.. chosen.GetParameters().Select(Argument)];
    }

    public Type Type { get; }

    public GrainType GrainType { get; }

    public bool IsReentrant { get; }

    /// <summary>Whether some calls may start before others that came earlier.</summary>
    public bool Interleaves { get; }

    /// <summary>Whether the class filters its own calls.</summary>
    public bool HasFilter { get; }

    /// <summary>How many activations share the calls; 0 where there is just one.</summary>
    public int MaxWorkers { get; }

    /// <summary>
    /// How long activations stay without use; null as the options say, <see cref="TimeSpan.MaxValue"/> for ever.
    /// </summary>
    public TimeSpan? Age { get; }

    public bool IsObserver { get; }

    /// <summary>Which silos may hold the class; all where there are none.</summary>
    public PlacementFilterAttribute[] PlacementFilters { get; } = [];

    public bool MayInterleave(Call call) => mayInterleave?.Invoke(call) ?? false;

    /// <summary>The grain object of an activation.</summary>
    public object Construct(Activation activation)
    {
        var values = arguments.Length == 0 ? [] : new object?[arguments.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = arguments[i](activation);
        return constructor!.Invoke(values.AsSpan());
    }

    /// <summary>The class's method for an interface's method.</summary>
    public MethodInfo Implementation(MethodInfo method)
    {
        var map = Type.GetInterfaceMap(method.DeclaringType!);
        return map.TargetMethods[Array.IndexOf(map.InterfaceMethods, method)];
    }

    internal static GrainType NameOf(Type type)
    {
        if (type.GetCustomAttribute<GrainTypeAttribute>() is { } given)
            return given.GetGrainType(null!, type);
        var name = type.Name.ToLowerInvariant();
        return GrainType.Create(
            name.Length > 5 && name.EndsWith("grain", StringComparison.Ordinal) ? name[..^5] : name);
    }

    private static Func<Orleans.Serialization.Invocation.IInvokable, bool>? Predicate(Type type)
    {
        if (type.GetCustomAttribute<MayInterleaveAttribute>(inherit: true) is not { } attribute)
            return null;
        var method = type.GetMethod(
            attribute.CallbackMethodName,
            BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.FlattenHierarchy,
            [typeof(Orleans.Serialization.Invocation.IInvokable)]);
        return method?.ReturnType == typeof(bool)
            ? method.CreateDelegate<Func<Orleans.Serialization.Invocation.IInvokable, bool>>()
            : throw new OrleansConfigurationException(
                $"[MayInterleave] of {type} needs a method public static bool {attribute.CallbackMethodName}(IInvokable request).");
    }

    private static ConstructorInfo ConstructorOf(Type type)
    {
        var all = type.GetConstructors(BindingFlags.Instance | BindingFlags.Public);
        return all.FirstOrDefault(c => c.IsDefined(typeof(ActivatorUtilitiesConstructorAttribute)))
            ?? all.MaxBy(c => c.GetParameters().Length)
            ?? throw new OrleansConfigurationException($"Grain class {type} has no public constructor.");
    }

    private static Func<Activation, object?> Argument(ParameterInfo parameter)
    {
        var type = parameter.ParameterType;
        if (type == typeof(IGrainContext))
            return static activation => activation;
        if (parameter.GetCustomAttribute<PersistentStateAttribute>() is { } state)
        {
            if (!type.IsGenericType || type.GetGenericTypeDefinition() != typeof(IPersistentState<>))
            {
                throw new OrleansConfigurationException(
                    $"[PersistentState] parameter {parameter.Name} of {parameter.Member.DeclaringType} must be an IPersistentState<T>.");
            }

            return typeof(PersistentState<>).MakeGenericType(type.GetGenericArguments())
                .GetMethod(nameof(PersistentState<int>.FactoryFor))!
                .CreateDelegate<Func<PersistentStateAttribute, Func<Activation, object?>>>()(state);
        }

        if (parameter.GetCustomAttribute<FromKeyedServicesAttribute>() is { } keyed)
            return activation => activation.ActivationServices.GetRequiredKeyedService(type, keyed.Key);
        if (!parameter.HasDefaultValue)
            return activation => activation.ActivationServices.GetRequiredService(type);
        var value = parameter.DefaultValue;
        return activation => activation.ActivationServices.GetService(type) ?? value;
    }
}

using System.Reflection;
using Orleans;

namespace SoupsActors.Dashboard.Tests.Data;

/// <summary>A cluster whose grains do what a test says, by interface and method; other calls fail.</summary>
public class FakeGrains : DispatchProxy
{
    private IReadOnlyDictionary<string, Func<object?[], object?>> calls = null!;

    /// <summary>The cluster; its interfaces have more members on Orleans than in a single process.</summary>
    /// <param name="calls">What is done by names such as <c>IFeedbackGrain.Append</c>.</param>
    public static IGrainFactory Of(IReadOnlyDictionary<string, Func<object?[], object?>> calls) =>
        (IGrainFactory)Of(typeof(IGrainFactory), calls);

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod!.Name == "GetGrain")
            return Of(targetMethod.ReturnType, calls);
        var name = $"{targetMethod.DeclaringType!.Name}.{targetMethod.Name}";
        return calls.TryGetValue(name, out var call) ? call(args!) : throw new NotSupportedException(name);
    }

    private static object Of(Type type, IReadOnlyDictionary<string, Func<object?[], object?>> calls)
    {
        var grain = Create(type, typeof(FakeGrains));
        ((FakeGrains)grain).calls = calls;
        return grain;
    }
}

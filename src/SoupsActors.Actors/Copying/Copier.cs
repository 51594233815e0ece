using System.Collections.Concurrent;

namespace SoupsActors.Actors.Copying;

/// <summary>Deep copies of values of a declared type.</summary>
internal static class Copier<T>
{
    /// <summary>Whether no value of the type can ever change, so that it is handed over as it is.</summary>
    public static readonly bool IsShared = CopyRules.MayBeShared(typeof(T));

    private static CopyPlan<T>? exact;

    /// <summary>A copy that shares nothing changeable with the value.</summary>
    /// <exception cref="Orleans.Serialization.CodecNotFoundException">Something in the value cannot be
    /// copied.</exception>
    public static T Copy(T value)
    {
        if (IsShared || value is null)
            return value;
        var context = CopyContext.Rent();
        try
        {
            return Copy(value, context);
        }
        finally
        {
            context.Return();
        }
    }

    /// <summary>A copy as part of a larger one.</summary>
    public static T Copy(T value, CopyContext context)
    {
        if (IsShared || value is null)
            return value;
        if (typeof(T).IsValueType)
            return Exact().Copy(value, context);
        if (context.Find(value) is { } known)
            return (T)known;
        return value.GetType() == typeof(T)
            ? Exact().Copy(value, context)
            : (T)CopyPlan.Of(value.GetType()).CopyObject(value, context);
    }

    private static CopyPlan<T> Exact() => exact ??= (CopyPlan<T>)CopyPlan.Of(typeof(T));
}

/// <summary>How objects of exactly one type are copied.</summary>
internal abstract class CopyPlan
{
    private static readonly ConcurrentDictionary<Type, CopyPlan> Plans = new();

    /// <summary>The plan of a type.</summary>
    public static CopyPlan Of(Type type)
    {
        if (Plans.TryGetValue(type, out var plan))
            return plan;
        return Plans.GetOrAdd(type, CopyPlanner.Plan(type));
    }

    /// <summary>Copies a boxed or referenced value.</summary>
    public abstract object CopyObject(object value, CopyContext context);
}

/// <summary>How objects of exactly one type are copied.</summary>
/// <param name="copy">The copier; null when values are shared.</param>
internal sealed class CopyPlan<T>(Func<T, CopyContext, T>? copy) : CopyPlan
{
    public T Copy(T value, CopyContext context) => copy is null ? value : copy(value, context);

    public override object CopyObject(object value, CopyContext context) =>
        copy is null ? value : copy((T)value, context)!;
}

/// <summary>How lists that the compiler made up for collection expressions are copied: as arrays.</summary>
internal sealed class ArrayPlan<T> : CopyPlan
{
    public override object CopyObject(object value, CopyContext context) =>
        CollectionCopiers.CopyToArray((IEnumerable<T>)value, context);
}

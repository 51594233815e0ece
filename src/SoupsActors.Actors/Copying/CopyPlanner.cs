using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Reflection;
using System.Runtime.CompilerServices;
using Orleans;
using Orleans.Runtime;
using Orleans.Serialization;

namespace SoupsActors.Actors.Copying;

/// <summary>Finds out how a type is copied, or says why it is not.</summary>
internal static class CopyPlanner
{
    private static readonly Dictionary<Type, string> Collections = new()
    {
        [typeof(List<>)] = nameof(CollectionCopiers.CopyList),
        [typeof(Dictionary<,>)] = nameof(CollectionCopiers.CopyDictionary),
        [typeof(HashSet<>)] = nameof(CollectionCopiers.CopyHashSet),
        [typeof(SortedSet<>)] = nameof(CollectionCopiers.CopySortedSet),
        [typeof(SortedDictionary<,>)] = nameof(CollectionCopiers.CopySortedDictionary),
        [typeof(SortedList<,>)] = nameof(CollectionCopiers.CopySortedList),
        [typeof(ConcurrentDictionary<,>)] = nameof(CollectionCopiers.CopyConcurrentDictionary),
        [typeof(Queue<>)] = nameof(CollectionCopiers.CopyQueue),
        [typeof(Stack<>)] = nameof(CollectionCopiers.CopyStack),
        [typeof(LinkedList<>)] = nameof(CollectionCopiers.CopyLinkedList),
        [typeof(Collection<>)] = nameof(CollectionCopiers.CopyCollection),
        [typeof(ReadOnlyCollection<>)] = nameof(CollectionCopiers.CopyReadOnlyCollection),
        [typeof(ImmutableArray<>)] = nameof(CollectionCopiers.CopyImmutableArray),
        [typeof(ImmutableList<>)] = nameof(CollectionCopiers.CopyImmutableList),
        [typeof(ImmutableDictionary<,>)] = nameof(CollectionCopiers.CopyImmutableDictionary),
        [typeof(KeyValuePair<,>)] = nameof(CollectionCopiers.CopyPair),
        [typeof(Nullable<>)] = nameof(CollectionCopiers.CopyNullable),
        [typeof(Memory<>)] = nameof(CollectionCopiers.CopyMemory),
        [typeof(ReadOnlyMemory<>)] = nameof(CollectionCopiers.CopyReadOnlyMemory),
        [typeof(ArraySegment<>)] = nameof(CollectionCopiers.CopyArraySegment),
    };

    /// <summary>The plan for objects of exactly this type.</summary>
    /// <exception cref="CodecNotFoundException">The type cannot be copied.</exception>
    public static CopyPlan Plan(Type type)
    {
        if (IsCollectionExpression(type) && Element(type) is { } element)
            return (CopyPlan)Activator.CreateInstance(typeof(ArrayPlan<>).MakeGenericType(element))!;
        var copier = CopyRules.IsShared(type) ? null : CopierOf(type);
        return (CopyPlan)Activator.CreateInstance(typeof(CopyPlan<>).MakeGenericType(type), copier)!;
    }

    /// <summary>A delegate <c>Func&lt;T, CopyContext, T&gt;</c>.</summary>
    private static Delegate CopierOf(Type type)
    {
        if (type.IsArray)
            return PlanArray(type);
        if (type.IsGenericType && Collections.TryGetValue(type.GetGenericTypeDefinition(), out var name))
            return Generic(name, type, type.GetGenericArguments());
        if (typeof(ITuple).IsAssignableFrom(type) && type.Assembly == typeof(ITuple).Assembly)
            return ObjectCopier.Emit(type, [.. CopyRules.Fields(type)]);
        if (type.IsDefined(typeof(GenerateSerializerAttribute), false))
            return ObjectCopier.Emit(type, SerializedMembers.Of(type));
        throw new CodecNotFoundException(Reason(type));
    }

    private static Delegate PlanArray(Type type)
    {
        var element = type.GetElementType()!;
        if (!type.IsSZArray)
        {
            return CopyRules.MayBeShared(element)
                ? Generic(nameof(CollectionCopiers.CopyFlatArray), type, [type])
                : throw new CodecNotFoundException($"{type} cannot travel between grains: use an array of arrays.");
        }

        return Generic(
            CopyRules.MayBeShared(element)
                ? nameof(CollectionCopiers.CopyFlatArray)
                : nameof(CollectionCopiers.CopyArray),
            type,
            CopyRules.MayBeShared(element) ? [type] : [element]);
    }

    private static Delegate Generic(string name, Type copied, Type[] arguments) =>
        typeof(CollectionCopiers).GetMethod(
            name, BindingFlags.Static | BindingFlags.Public)!.MakeGenericMethod(arguments)
            .CreateDelegate(typeof(Func<,,>).MakeGenericType(copied, typeof(CopyContext), copied));

    // The list behind "IReadOnlyList<T> x = [a, b]" is a type that the compiler makes up; it travels as an array.
    private static bool IsCollectionExpression(Type type) =>
        type.Name.StartsWith("<>z__ReadOnly", StringComparison.Ordinal);

    private static Type? Element(Type type) => type.GetInterfaces()
        .FirstOrDefault(
            i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))?.GetGenericArguments()[0];

    private static string Reason(Type type)
    {
        if (typeof(IAddressable).IsAssignableFrom(type))
            return $"A grain cannot hand over itself ({type}): hand over this.AsReference<IInterface>() instead.";
        if (typeof(Delegate).IsAssignableFrom(type) || typeof(Task).IsAssignableFrom(type)
            || typeof(Stream).IsAssignableFrom(type))
            return $"{type} cannot travel between grains.";
        return $"{type} cannot travel between grains: mark the type with [GenerateSerializer] and its members with [Id(n)], "
            + "or with [Immutable] if it never changes.";
    }
}

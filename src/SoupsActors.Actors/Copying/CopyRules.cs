using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using System.Reflection;
using System.Runtime.CompilerServices;
using Orleans;
using Orleans.Runtime;

namespace SoupsActors.Actors.Copying;

/// <summary>Says which types hold nothing that can change.</summary>
internal static class CopyRules
{
    private static readonly HashSet<Type> Simple =
    [
        typeof(string), typeof(decimal), typeof(DateTime), typeof(DateTimeOffset), typeof(TimeSpan), typeof(
            DateOnly), typeof(TimeOnly),
        typeof(Guid), typeof(Half), typeof(Int128), typeof(UInt128), typeof(BigInteger), typeof(Complex), typeof(
            System.Text.Rune), typeof(Index),
        typeof(Range), typeof(Uri), typeof(Version), typeof(CultureInfo), typeof(TimeZoneInfo), typeof(DBNull),
        typeof(CancellationToken), typeof(IdSpan), typeof(GrainType), typeof(GrainId), typeof(ActivationId),
        typeof(System.Net.IPAddress), typeof(System.Net.IPEndPoint),
    ];

    private static readonly HashSet<Type> Containers =
    [
        typeof(Nullable<>), typeof(KeyValuePair<,>), typeof(ImmutableArray<>), typeof(ImmutableList<>), typeof(
            ImmutableHashSet<>),
        typeof(ImmutableSortedSet<>), typeof(ImmutableDictionary<,>), typeof(ImmutableSortedDictionary<,>), typeof(
            ImmutableQueue<>),
        typeof(ImmutableStack<>), typeof(FrozenSet<>), typeof(FrozenDictionary<,>),
    ];

    /// <summary>Whether every value that a variable of the type can hold is unchangeable.</summary>
    public static bool MayBeShared(Type declared) => MayBeShared(declared, []);

    /// <summary>
    /// Whether objects of exactly this type are unchangeable, or are handed over as they are by their nature.
    /// </summary>
    public static bool IsShared(Type exact) =>
        MayBeShared(exact) || exact == typeof(object)
        || typeof(Exception).IsAssignableFrom(exact) || typeof(GrainReference).IsAssignableFrom(exact)
        || typeof(Type).IsAssignableFrom(exact) || typeof(CultureInfo).IsAssignableFrom(exact)
            || IsFrozenImplementation(exact);

    /// <summary>All fields of a type and its bases.</summary>
    public static IEnumerable<FieldInfo> Fields(Type type)
    {
        for (var level = type; level is not null && level != typeof(object)
            && level != typeof(ValueType); level = level.BaseType)
        {
            foreach (var field in level.GetFields(
                BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                yield return field;
            }
        }
    }

    private static bool MayBeShared(Type type, HashSet<Type> assumed)
    {
        if (type.IsPrimitive || type.IsEnum || Simple.Contains(type)
            || type.IsDefined(typeof(ImmutableAttribute), false))
            return true;
        if (type.IsPointer || type.IsByRefLike || type == typeof(object) || type.IsArray)
            return false;
        if (type.IsGenericType && Containers.Contains(type.GetGenericTypeDefinition()))
            return type.GetGenericArguments().All(argument => MayBeShared(argument, assumed));
        if (typeof(ITuple).IsAssignableFrom(type) && type.Assembly == typeof(ITuple).Assembly)
            return type.GetGenericArguments().All(argument => MayBeShared(argument, assumed));
        // A type that holds itself is unchangeable unless something else in it can change.
        if (!assumed.Add(type))
            return true;
        return (type.IsValueType || type.IsSealed) && type.IsDefined(typeof(GenerateSerializerAttribute), false)
            && Fields(type).All(field => field.IsInitOnly && MayBeShared(field.FieldType, assumed));
    }

    // FrozenSet and FrozenDictionary are abstract; what they hold is checked where the declared type names it.
    private static bool IsFrozenImplementation(Type type)
    {
        for (var level = type; level is not null; level = level.BaseType)
        {
            if (level.IsGenericType
                && (level.GetGenericTypeDefinition() == typeof(FrozenSet<>)
                    || level.GetGenericTypeDefinition() == typeof(FrozenDictionary<,>)))
            {
                return level.GetGenericArguments().All(MayBeShared);
            }
        }

        return false;
    }
}

using System.Reflection;
using Orleans;
using Orleans.Serialization;

namespace SoupsActors.Actors.Copying;

/// <summary>
/// Finds the fields that travel with a [GenerateSerializer] type: those marked [Id], directly or by their property, and
/// the
/// constructor parameters of records. A field that is neither is an error, because a cluster would lose its value in
/// silence.
/// </summary>
internal static class SerializedMembers
{
    // What [NonSerialized] compiles to.
    private const FieldAttributes NotSerialized = (FieldAttributes)0x80;

    private const BindingFlags Declared =
        BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    public static FieldInfo[] Of(Type type)
    {
        List<FieldInfo> members = [];
        for (var level = type; level is not null && level != typeof(object)
            && level != typeof(ValueType); level = level.BaseType)
        {
            if (level.GetCustomAttribute<GenerateSerializerAttribute>(false) is not { } attribute)
            {
                throw new CodecNotFoundException(
                    $"{type} cannot travel between grains: its base class {level} is not marked with [GenerateSerializer].");
            }

            members.AddRange(OfLevel(level, attribute));
        }

        return [.. members];
    }

    private static IEnumerable<FieldInfo> OfLevel(Type type, GenerateSerializerAttribute attribute)
    {
        var properties = type.GetProperties(Declared);
        var isRecord = type.GetMethod("<Clone>$", Declared | BindingFlags.Public) is not null
            || type.GetMethod("PrintMembers", Declared) is not null;
        var constructorNames = isRecord
            || attribute.IncludePrimaryConstructorParameters ? ConstructorParameters(type) : [];
        foreach (var field in type.GetFields(Declared))
        {
            var name = Unmangled(field);
            var property = properties.FirstOrDefault(p => p.Name == name);
            if (field.IsDefined(typeof(IdAttribute), false) || property?.IsDefined(typeof(IdAttribute), false) == true
                || constructorNames.Contains(name)
                || (attribute.GenerateFieldIds == GenerateFieldIds.PublicProperties
                    && property?.GetMethod?.IsPublic == true))
            {
                yield return field;
            }
            else if (!field.Attributes.HasFlag(NotSerialized))
            {
                throw new CodecNotFoundException(
                    $"{type} cannot travel between grains: its member {name} has no [Id(n)], so its value would be lost. "
                    + $"Mark it with [Id(n)], or with {(property is null ? "" : "field: ")}NonSerialized to leave it behind.");
            }
        }
    }

    private static HashSet<string> ConstructorParameters(Type type) =>
    [
        .. type.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .Where(c => c.GetParameters() is not [{ } only] || only.ParameterType != type)
            .OrderByDescending(c => c.GetParameters().Length)
            .Take(1)
            .SelectMany(c => c.GetParameters())
            .Select(p => p.Name!),
    ];

    // <Name>k__BackingField of a property, <name>P of a captured constructor parameter.
    private static string Unmangled(FieldInfo field) =>
        field.Name[0] == '<' ? field.Name[1..field.Name.IndexOf('>', StringComparison.Ordinal)] : field.Name;
}

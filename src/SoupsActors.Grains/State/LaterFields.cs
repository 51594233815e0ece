using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace SoupsActors.Grains.State;

/// <summary>
/// Fields of stored state that this program does not know, because a newer one wrote them. While an upgrade rolls through
/// a cluster both versions serve the same users, so what the older one reads and writes back must not lose them.
/// </summary>
internal static class LaterFields
{
    private static readonly ConditionalWeakTable<object, Dictionary<string, JsonElement>> Kept = [];

    /// <summary>Lets the serializer remember unknown fields of this system's records, and write them back.</summary>
    public static void Keep(JsonTypeInfo info)
    {
        if (info.Kind != JsonTypeInfoKind.Object || info.Type.IsValueType || info.Properties.Any(p => p.IsExtensionData)
            || info.Type.Namespace?.StartsWith(nameof(SoupsActors), StringComparison.Ordinal) != true)
        {
            return;
        }

        var later = info.CreateJsonPropertyInfo(typeof(Dictionary<string, JsonElement>), "later fields");
        later.IsExtensionData = true;
        later.Get = static owner => Kept.TryGetValue(owner, out var fields) ? fields : null;
        later.Set = static (owner, fields) => Kept.AddOrUpdate(owner, (Dictionary<string, JsonElement>)fields!);
        info.Properties.Add(later);
    }

    /// <summary>Hands them on to the state that replaces another.</summary>
    public static void Carry(object from, object to)
    {
        if (Kept.TryGetValue(from, out var fields))
            Kept.AddOrUpdate(to, fields);
    }
}

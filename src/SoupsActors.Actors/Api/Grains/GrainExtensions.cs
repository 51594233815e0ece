using Orleans.Runtime;
using SoupsActors.Actors;

namespace Orleans;

/// <summary>Identity and typed references of grains and references.</summary>
public static class GrainExtensions
{
    /// <summary>
    /// A reference of another interface to the same grain; inside a grain, <c>this.AsReference&lt;I&gt;()</c>.
    /// </summary>
    public static TGrainInterface AsReference<TGrainInterface>(this IAddressable grain) =>
        (TGrainInterface)AsReference(grain, typeof(TGrainInterface));

    /// <inheritdoc cref="AsReference{TGrainInterface}"/>
    public static TGrainInterface Cast<TGrainInterface>(this IAddressable grain) =>
        grain.AsReference<TGrainInterface>();

    /// <inheritdoc cref="AsReference{TGrainInterface}"/>
    public static object AsReference(this IAddressable grain, Type interfaceType)
    {
        ArgumentNullException.ThrowIfNull(interfaceType);
        if (interfaceType.IsInstanceOfType(grain) && grain is GrainReference)
            return grain;
        var reference = grain switch
        {
            GrainReference r => r,
            IGrainBase { GrainContext: Activation context } => context.GrainReference,
            IGrainObserver => throw new ArgumentException(
                "An observer gets a reference from IGrainFactory.CreateObjectReference.", nameof(grain)),
            _ => throw NotAGrain(grain),
        };
        return reference.Host.References.Create(interfaceType, reference.GrainId);
    }

    /// <summary>The id of a grain or of the grain a reference points to.</summary>
    public static GrainId GetGrainId(this IAddressable grain) => grain switch
    {
        GrainReference reference => reference.GrainId,
        IGrainBase { GrainContext: { } context } => context.GrainId,
        _ => throw NotAGrain(grain),
    };

    /// <summary>Whether the key reads as an integer.</summary>
    public static bool IsPrimaryKeyBasedOnLong(this IAddressable grain) =>
        grain.GetGrainId().TryGetIntegerKey(out _, out _);

    /// <summary>The integer key and its extension.</summary>
    public static long GetPrimaryKeyLong(this IAddressable grain, out string? keyExt) =>
        grain.GetGrainId().GetIntegerKey(out keyExt);

    /// <summary>The integer key.</summary>
    public static long GetPrimaryKeyLong(this IAddressable grain) => grain.GetGrainId().GetIntegerKey();

    /// <summary>The Guid key and its extension.</summary>
    public static Guid GetPrimaryKey(this IAddressable grain, out string? keyExt) =>
        grain.GetGrainId().GetGuidKey(out keyExt);

    /// <summary>The Guid key.</summary>
    public static Guid GetPrimaryKey(this IAddressable grain) => grain.GetGrainId().GetGuidKey();

    /// <summary>The string key.</summary>
    public static string GetPrimaryKeyString(this IAddressable grain) => grain.GetGrainId().Key.ToString();

    private static ArgumentException NotAGrain(IAddressable? grain) => new(
        $"{grain?.GetType().Name ?? "null"} is neither a grain reference nor a grain made by the host.", nameof(grain));
}

using Orleans;
using Orleans.Runtime;

namespace SoupsActors.Actors;

/// <summary>References to grains and observers.</summary>
internal sealed partial class GrainHost
{
    private static readonly GrainType ObserverType = GrainType.Create("observer");

    public TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithGuidKey =>
        Reference<TGrainInterface>(GrainIdKeyExtensions.CreateGuidKey(primaryKey), grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerKey =>
        Reference<TGrainInterface>(GrainIdKeyExtensions.CreateIntegerKey(primaryKey), grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(primaryKey);
        return Reference<TGrainInterface>(IdSpan.Create(primaryKey), grainClassNamePrefix);
    }

    public TGrainInterface GetGrain<TGrainInterface>(
        Guid primaryKey, string keyExtension, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithGuidCompoundKey =>
        Reference<TGrainInterface>(GrainIdKeyExtensions.CreateGuidKey(primaryKey, keyExtension), grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(
        long primaryKey, string keyExtension, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerCompoundKey =>
        Reference<TGrainInterface>(
            GrainIdKeyExtensions.CreateIntegerKey(primaryKey, keyExtension), grainClassNamePrefix);

    public IGrain GetGrain(Type grainInterfaceType, Guid grainPrimaryKey) =>
        Reference(grainInterfaceType, GrainIdKeyExtensions.CreateGuidKey(grainPrimaryKey));

    public IGrain GetGrain(Type grainInterfaceType, long grainPrimaryKey) =>
        Reference(grainInterfaceType, GrainIdKeyExtensions.CreateIntegerKey(grainPrimaryKey));

    public IGrain GetGrain(Type grainInterfaceType, string grainPrimaryKey)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(grainPrimaryKey);
        return Reference(grainInterfaceType, IdSpan.Create(grainPrimaryKey));
    }

    public IGrain GetGrain(Type grainInterfaceType, Guid grainPrimaryKey, string keyExtension) =>
        Reference(grainInterfaceType, GrainIdKeyExtensions.CreateGuidKey(grainPrimaryKey, keyExtension));

    public IGrain GetGrain(Type grainInterfaceType, long grainPrimaryKey, string keyExtension) =>
        Reference(grainInterfaceType, GrainIdKeyExtensions.CreateIntegerKey(grainPrimaryKey, keyExtension));

    public TGrainInterface GetGrain<TGrainInterface>(GrainId grainId)
        where TGrainInterface : IAddressable =>
            (TGrainInterface)(object)References.Create(typeof(TGrainInterface), grainId);

    public IAddressable GetGrain(GrainId grainId) => new GrainReference(this, grainId, null);

    public TGrainObserverInterface CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver
    {
        ArgumentNullException.ThrowIfNull(obj);
        if (obj is GrainReference)
            throw new ArgumentException("The object is a reference already.", nameof(obj));
        var grainClass = new GrainClass(obj.GetType(), isObserver: true);
        var grainId = new GrainId(ObserverType, GrainIdKeyExtensions.CreateGuidKey(Guid.NewGuid()));
        var reference = References.Create(typeof(TGrainObserverInterface), grainId, grainClass);
        Directory.Add(grainId, grainClass, obj);
        return (TGrainObserverInterface)(object)reference;
    }

    public void DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver
    {
        if (obj is not GrainReference reference
            || Directory.TryFind(reference.GrainId) is not Activation { Class.IsObserver: true } target)
        {
            throw new ArgumentException(
                "Only a reference made by CreateObjectReference, and only once, can be deleted.", nameof(obj));
        }

        target.Deactivate(
            new DeactivationReason(DeactivationReasonCode.ApplicationRequested, "The reference was deleted."));
    }

    private T Reference<T>(IdSpan key, string? prefix) => (T)(object)References.Create(typeof(T), key, prefix);

    private IGrain Reference(Type grainInterface, IdSpan key) => (IGrain)References.Create(grainInterface, key, null);
}

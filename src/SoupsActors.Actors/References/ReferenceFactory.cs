using System.Collections.Concurrent;
using Orleans;
using Orleans.Runtime;

namespace SoupsActors.Actors;

/// <summary>Makes references, and remembers which class serves which interface.</summary>
internal sealed class ReferenceFactory(GrainHost host, GrainClasses classes)
{
    private readonly ConcurrentDictionary<(Type Interface, string? Prefix), Binding> bindings = new();

    /// <summary>A reference by key; the interface decides the class.</summary>
    public GrainReference Create(Type grainInterface, IdSpan key, string? prefix)
    {
        ArgumentNullException.ThrowIfNull(grainInterface);
        if (key.IsDefault)
            throw new ArgumentException("A grain's key must not be empty.", nameof(key));
        if (!bindings.TryGetValue((grainInterface, prefix), out var binding))
            binding = bindings.GetOrAdd((grainInterface, prefix), Bind(grainInterface, prefix));
        return binding.Create(host, new GrainId(binding.Class.GrainType, key), binding.Class);
    }

    /// <summary>A reference by id; the id decides the class.</summary>
    public GrainReference Create(Type grainInterface, GrainId grainId) =>
        ReferenceEmitter.For(grainInterface)(host, grainId, null);

    /// <summary>A reference to an observer.</summary>
    public GrainReference Create(Type observerInterface, GrainId grainId, GrainClass observerClass) =>
        ReferenceEmitter.For(observerInterface)(host, grainId, observerClass);

    /// <summary>The class that a reference leads to.</summary>
    public GrainClass ClassOf(GrainReference reference) => reference.Class ?? classes.Find(reference.GrainId.Type);

    private Binding Bind(Type grainInterface, string? prefix)
    {
        if (!grainInterface.IsInterface || !typeof(IGrain).IsAssignableFrom(grainInterface))
        {
            throw new ArgumentException(
                $"{grainInterface} is not a grain interface: an interface that extends IGrainWithStringKey or one of its kin.",
                nameof(grainInterface));
        }

        return new Binding(classes.Implementing(grainInterface, prefix), ReferenceEmitter.For(grainInterface));
    }

    private sealed record Binding(GrainClass Class, Func<GrainHost, GrainId, GrainClass?, GrainReference> Create);
}

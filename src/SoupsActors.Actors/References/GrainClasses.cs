using System.Reflection;
using System.Runtime.CompilerServices;
using Orleans;
using Orleans.Runtime;

namespace SoupsActors.Actors;

/// <summary>
/// The grain classes of the application: those in this assembly and in all assemblies that refer to it, loaded or
/// referred to
/// by loaded ones.
/// </summary>
internal sealed class GrainClasses
{
    private static readonly Lazy<Type[]> All = new(Discover);

    private readonly Dictionary<Type, GrainClass> byType = [];
    private readonly Dictionary<GrainType, Type> byName = [];
    private readonly Lock gate = new();

    public GrainClasses()
    {
        foreach (var type in All.Value)
        {
            var name = Name(type);
            if (!byName.TryAdd(name, type))
                byName[name] = typeof(Ambiguous);
        }
    }

    /// <summary>The class that a grain type names.</summary>
    public GrainClass Find(GrainType grainType)
    {
        if (!byName.TryGetValue(grainType, out var type))
            throw new ArgumentException($"There is no grain class of type {grainType}.", nameof(grainType));
        if (type == typeof(Ambiguous))
        {
            var names = string.Join(", ", All.Value.Where(t => Name(t) == grainType).Select(t => t.FullName));
            throw new OrleansConfigurationException(
                $"Several grain classes are of type {grainType}: {names}. Give them different names with [GrainType(...)].");
        }

        return Of(type);
    }

    /// <summary>
    /// The class that implements an interface; of several, the one whose name begins with the prefix.
    /// </summary>
    public GrainClass Implementing(Type grainInterface, string? prefix)
    {
        var candidates = All.Value.Where(grainInterface.IsAssignableFrom).ToList();
        if (!string.IsNullOrEmpty(prefix))
            candidates = candidates.FindAll(type => type.FullName!.StartsWith(prefix, StringComparison.Ordinal));
        if (candidates.Count > 1)
        {
            var byConvention = candidates.FindAll(type => $"I{type.Name}" == grainInterface.Name);
            candidates = byConvention.Count == 1 ? byConvention : candidates;
        }

        return candidates switch
        {
            [var only] => Of(only),
            [] => throw new ArgumentException(
                $"No grain class implements {grainInterface}{(prefix is null ? "" : $" with the prefix {prefix}")}. "
                + "It must be a class with a public constructor that derives from Grain or implements IGrainBase, "
                + "and its assembly must be referred to by the application.", nameof(grainInterface)),
            _ => throw new ArgumentException(
                $"Several grain classes implement {grainInterface}: {string.Join(", ", candidates)}. "
                + "Name one by its prefix: GetGrain(key, grainClassNamePrefix).", nameof(grainInterface)),
        };
    }

    private GrainClass Of(Type type)
    {
        lock (gate)
        {
            if (byType.TryGetValue(type, out var known))
                return known;
            var found = new GrainClass(type);
            if (byName[found.GrainType] == typeof(Ambiguous))
                Find(found.GrainType);
            return byType[type] = found;
        }
    }

    private static GrainType Name(Type type) => GrainClass.NameOf(type);

    private static Type[] Discover()
    {
        var own = typeof(IGrain).Assembly;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        List<Type> found = [];
        var assemblies = new Queue<Assembly>(AppDomain.CurrentDomain.GetAssemblies().Where(a => !a.IsDynamic));
        while (assemblies.TryDequeue(out var assembly))
        {
            var references = assembly.GetReferencedAssemblies();
            if (!seen.Add(assembly.FullName!) || (assembly != own && !MayLeadTo(assembly, references, own)))
                continue;
            found.AddRange(TypesOf(assembly).Where(IsGrainClass));
            foreach (var reference in references)
            {
                if (!seen.Contains(reference.FullName) && TryLoad(reference) is { } loaded)
                    assemblies.Enqueue(loaded);
            }
        }

        return [.. found];
    }

    // Platform libraries never refer to grains; following them would load the whole framework.
    private static bool MayLeadTo(Assembly assembly, AssemblyName[] references, Assembly own) =>
        assembly == Assembly.GetEntryAssembly() || references.Any(r => r.Name == own.GetName().Name);

    private static Assembly? TryLoad(AssemblyName name)
    {
        try
        {
            return Assembly.Load(name);
        }
        catch (IOException)
        {
            return null;
        }
        catch (BadImageFormatException)
        {
            return null;
        }
    }

    private static Type[] TypesOf(Assembly assembly)
    {
        try
        {
            return assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException exception)
        {
            return [.. exception.Types.OfType<Type>()];
        }
    }

    private static bool IsGrainClass(Type type) =>
        type is { IsClass: true, IsAbstract: false, ContainsGenericParameters: false }
        && !type.IsDefined(typeof(CompilerGeneratedAttribute), false)
        && typeof(IGrainBase).IsAssignableFrom(type)
        && typeof(IGrain).IsAssignableFrom(type);

    private sealed class Ambiguous;
}

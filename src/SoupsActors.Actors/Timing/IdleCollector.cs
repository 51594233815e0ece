using Orleans.Configuration;

namespace SoupsActors.Actors;

/// <summary>Looks for activations that were not used for their class's age, and asks them to end.</summary>
internal sealed class IdleCollector : IDisposable
{
    private readonly GrainHost host;
    private readonly GrainCollectionOptions options;
    private readonly ITimer timer;

    public IdleCollector(GrainHost host, GrainCollectionOptions options)
    {
        this.host = host;
        this.options = options;
        using (ExecutionContext.SuppressFlow())
        {
            timer = host.Time.CreateTimer(
                static self =>
                    ((IdleCollector)self!).Collect(), this, options.CollectionQuantum, options.CollectionQuantum);
        }
    }

    /// <summary>
    /// Asks activations that were not used for the age to end; for the age of their class when none is given.
    /// </summary>
    public void Collect(TimeSpan? given = null)
    {
        foreach (var activation in host.Directory.Activations)
        {
            var age = given ?? AgeOf(activation.Class);
            if (age < TimeSpan.MaxValue && host.Time.GetElapsedTime(activation.LastUsed) >= age)
                activation.Post(new CollectItem(age));
        }
    }

    public void Dispose() => timer.Dispose();

    private TimeSpan AgeOf(GrainClass grainClass) =>
        grainClass.Age
        ?? (options.ClassSpecificCollectionAge.TryGetValue(grainClass.Type.FullName!, out var age)
            ? age
            : options.CollectionAge);
}

using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Collections.ObjectModel;

namespace SoupsActors.Actors.Copying;

/// <summary>Copies of collections, element by element, with the same comparers.</summary>
internal static class CollectionCopiers
{
    public static T CopyFlatArray<T>(T array, CopyContext context)
        where T : class
    {
        var copy = ((Array)(object)array).Clone();
        context.Remember(array, copy);
        return (T)copy;
    }

    public static T[] CopyArray<T>(T[] array, CopyContext context)
    {
        var copy = new T[array.Length];
        context.Remember(array, copy);
        for (var i = 0; i < copy.Length; i++)
            copy[i] = Copier<T>.Copy(array[i], context);
        return copy;
    }

    public static List<T> CopyList<T>(List<T> list, CopyContext context)
    {
        if (Copier<T>.IsShared)
        {
            var flat = new List<T>(list);
            context.Remember(list, flat);
            return flat;
        }

        var copy = new List<T>(list.Count);
        context.Remember(list, copy);
        foreach (var item in list)
            copy.Add(Copier<T>.Copy(item, context));
        return copy;
    }

    public static Dictionary<TKey, TValue> CopyDictionary<TKey, TValue>(
        Dictionary<TKey, TValue> dictionary, CopyContext context)
        where TKey : notnull
    {
        var copy = new Dictionary<TKey, TValue>(dictionary.Count, dictionary.Comparer);
        context.Remember(dictionary, copy);
        foreach (var (key, value) in dictionary)
            copy.Add(Copier<TKey>.Copy(key, context), Copier<TValue>.Copy(value, context));
        return copy;
    }

    public static HashSet<T> CopyHashSet<T>(HashSet<T> set, CopyContext context)
    {
        var copy = new HashSet<T>(set.Count, set.Comparer);
        context.Remember(set, copy);
        foreach (var item in set)
            copy.Add(Copier<T>.Copy(item, context));
        return copy;
    }

    public static SortedSet<T> CopySortedSet<T>(SortedSet<T> set, CopyContext context)
    {
        var copy = new SortedSet<T>(set.Comparer);
        context.Remember(set, copy);
        foreach (var item in set)
            copy.Add(Copier<T>.Copy(item, context));
        return copy;
    }

    public static SortedDictionary<TKey, TValue> CopySortedDictionary<TKey, TValue>(
        SortedDictionary<TKey, TValue> dictionary, CopyContext context)
        where TKey : notnull
    {
        var copy = new SortedDictionary<TKey, TValue>(dictionary.Comparer);
        context.Remember(dictionary, copy);
        foreach (var (key, value) in dictionary)
            copy.Add(Copier<TKey>.Copy(key, context), Copier<TValue>.Copy(value, context));
        return copy;
    }

    public static SortedList<TKey, TValue> CopySortedList<TKey, TValue>(
        SortedList<TKey, TValue> list, CopyContext context)
        where TKey : notnull
    {
        var copy = new SortedList<TKey, TValue>(list.Count, list.Comparer);
        context.Remember(list, copy);
        foreach (var (key, value) in list)
            copy.Add(Copier<TKey>.Copy(key, context), Copier<TValue>.Copy(value, context));
        return copy;
    }

    public static ConcurrentDictionary<TKey, TValue> CopyConcurrentDictionary<TKey, TValue>(
        ConcurrentDictionary<TKey, TValue> dictionary, CopyContext context)
        where TKey : notnull
    {
        var copy = new ConcurrentDictionary<TKey, TValue>(dictionary.Comparer);
        context.Remember(dictionary, copy);
        foreach (var (key, value) in dictionary)
            copy[Copier<TKey>.Copy(key, context)] = Copier<TValue>.Copy(value, context);
        return copy;
    }

    public static Queue<T> CopyQueue<T>(Queue<T> queue, CopyContext context)
    {
        var copy = new Queue<T>(queue.Count);
        context.Remember(queue, copy);
        foreach (var item in queue)
            copy.Enqueue(Copier<T>.Copy(item, context));
        return copy;
    }

    public static Stack<T> CopyStack<T>(Stack<T> stack, CopyContext context)
    {
        var copy = new Stack<T>(stack.Count);
        context.Remember(stack, copy);
        // A stack enumerates from its top.
        foreach (var item in stack.Reverse())
            copy.Push(Copier<T>.Copy(item, context));
        return copy;
    }

    public static LinkedList<T> CopyLinkedList<T>(LinkedList<T> list, CopyContext context)
    {
        var copy = new LinkedList<T>();
        context.Remember(list, copy);
        foreach (var item in list)
            copy.AddLast(Copier<T>.Copy(item, context));
        return copy;
    }

    public static Collection<T> CopyCollection<T>(Collection<T> collection, CopyContext context)
    {
        var copy = new Collection<T>();
        context.Remember(collection, copy);
        foreach (var item in collection)
            copy.Add(Copier<T>.Copy(item, context));
        return copy;
    }

    public static ReadOnlyCollection<T> CopyReadOnlyCollection<T>(ReadOnlyCollection<T> collection, CopyContext context)
    {
        var items = new List<T>(collection.Count);
        var copy = new ReadOnlyCollection<T>(items);
        context.Remember(collection, copy);
        foreach (var item in collection)
            items.Add(Copier<T>.Copy(item, context));
        return copy;
    }

    public static ImmutableArray<T> CopyImmutableArray<T>(ImmutableArray<T> array, CopyContext context) =>
        array.IsDefault ? array : [.. array.Select(item => Copier<T>.Copy(item, context))];

    public static ImmutableList<T> CopyImmutableList<T>(ImmutableList<T> list, CopyContext context)
    {
        var copy = list.Select(item => Copier<T>.Copy(item, context)).ToImmutableList();
        context.Remember(list, copy);
        return copy;
    }

    public static ImmutableDictionary<TKey, TValue> CopyImmutableDictionary<TKey, TValue>(
        ImmutableDictionary<TKey, TValue> dictionary, CopyContext context)
        where TKey : notnull
    {
        var copy = dictionary.ToImmutableDictionary(
            pair => Copier<TKey>.Copy(pair.Key, context),
            pair => Copier<TValue>.Copy(pair.Value, context),
            dictionary.KeyComparer,
            dictionary.ValueComparer);
        context.Remember(dictionary, copy);
        return copy;
    }

    public static KeyValuePair<TKey, TValue> CopyPair<TKey, TValue>(
        KeyValuePair<TKey, TValue> pair, CopyContext context) =>
        new(Copier<TKey>.Copy(pair.Key, context), Copier<TValue>.Copy(pair.Value, context));

    public static T? CopyNullable<T>(T? value, CopyContext context)
        where T : struct => value is { } present ? Copier<T>.Copy(present, context) : null;

    public static Memory<T> CopyMemory<T>(Memory<T> memory, CopyContext context) =>
        CopyElements<T>(memory.Span, context);

    public static ReadOnlyMemory<T> CopyReadOnlyMemory<T>(ReadOnlyMemory<T> memory, CopyContext context) =>
        CopyElements(memory.Span, context);

    public static ArraySegment<T> CopyArraySegment<T>(ArraySegment<T> segment, CopyContext context) =>
        segment.Array is null ? segment : new ArraySegment<T>(CopyElements<T>(segment, context));

    /// <summary>Any list, as an array.</summary>
    public static T[] CopyToArray<T>(IEnumerable<T> list, CopyContext context)
    {
        var copy = list.ToArray();
        context.Remember(list, copy);
        for (var i = 0; i < copy.Length; i++)
            copy[i] = Copier<T>.Copy(copy[i], context);
        return copy;
    }

    private static T[] CopyElements<T>(ReadOnlySpan<T> items, CopyContext context)
    {
        var copy = items.ToArray();
        if (!Copier<T>.IsShared)
        {
            for (var i = 0; i < copy.Length; i++)
                copy[i] = Copier<T>.Copy(copy[i], context);
        }

        return copy;
    }
}

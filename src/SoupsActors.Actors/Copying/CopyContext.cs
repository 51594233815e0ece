using System.Runtime.CompilerServices;

namespace SoupsActors.Actors.Copying;

/// <summary>Remembers what was copied already in one copy, so that shared objects stay shared and cycles end.</summary>
internal sealed class CopyContext
{
    private const int Few = 8;

    [ThreadStatic]
    private static CopyContext? spare;

    private readonly (object Original, object Copy)[] few = new (object, object)[Few];
    private Dictionary<object, object>? many;
    private int count;

    public static CopyContext Rent()
    {
        var context = spare ?? new CopyContext();
        spare = null;
        return context;
    }

    public void Return()
    {
        Array.Clear(few, 0, Math.Min(count, Few));
        count = 0;
        many = null;
        spare = this;
    }

    /// <summary>The copy made before.</summary>
    public object? Find(object original)
    {
        if (many is not null)
            return many.GetValueOrDefault(original);
        for (var i = 0; i < count; i++)
        {
            if (ReferenceEquals(few[i].Original, original))
                return few[i].Copy;
        }

        return null;
    }

    /// <summary>Remembers a copy; called before what the object holds is copied.</summary>
    public void Remember(object original, object copy)
    {
        // A structure too deep for the stack is an error of this call, not the end of the process.
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (many is null && count == Few)
        {
            many = new Dictionary<object, object>(ReferenceEqualityComparer.Instance);
            foreach (var (known, knownCopy) in few)
                many.Add(known, knownCopy);
        }

        if (many is not null)
            many.Add(original, copy);
        else
            few[count] = (original, copy);
        count++;
    }
}

using System.Runtime.CompilerServices;

namespace SoupsActors.Actors;

/// <summary>New states, for where nothing is stored.</summary>
internal static class StateFactory<T>
{
    public static T Create()
    {
        if (typeof(T).IsValueType || typeof(T) == typeof(string))
            return default!;
        if (typeof(T).IsArray)
            return (T)(object)Array.CreateInstance(typeof(T).GetElementType()!, new int[typeof(T).GetArrayRank()]);
        return typeof(T).GetConstructor([]) is null
            ? (T)RuntimeHelpers.GetUninitializedObject(typeof(T))
            : Activator.CreateInstance<T>();
    }
}

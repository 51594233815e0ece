using System.Text;

namespace SoupsActors.Grains.Users.Directory;

/// <summary>A range of user ids.</summary>
/// <param name="Prefix">What the ids begin with.</param>
/// <param name="After">Only ids after this one; an empty text for all.</param>
internal readonly record struct UserRange(string Prefix, string After)
{
    /// <summary>A text after all ids that begin with the prefix.</summary>
    public string Until => Prefix + "\U0010FFFF";
}

/// <summary>Rows about users in one store; a directory reads several, for state and feedback may lie apart.</summary>
internal interface IStoredUsers
{
    /// <summary>The first ids of a range, each once, in the order of their UTF-8 bytes.</summary>
    Task<IReadOnlyList<string>> PageAsync(UserRange range, int limit);
}

/// <summary>Stored profiles as a whole.</summary>
internal interface IStoredProfiles
{
    /// <summary>How many there are, and a random sample of about this size, or all where there are fewer.</summary>
    Task<(long Count, IReadOnlyList<UserState> Sample)> SampleAsync(int size);
}

/// <summary>The order of texts by their UTF-8 bytes, in which databases sort.</summary>
internal sealed class Utf8Order : IComparer<string>
{
    public static Utf8Order Instance { get; } = new();

    public int Compare(string? x, string? y) =>
        Encoding.UTF8.GetBytes(x ?? "").AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(y ?? ""));
}

using System.Security.Cryptography;
using System.Text.Json;
using SoupsActors.Feedback;

namespace SoupsActors.Grains.Feedback;

/// <summary>An event that was checked and is ready to be stored.</summary>
internal sealed record CheckedFeedback(FeedbackEvent Event, string Json, string Fingerprint, FeedbackContext? Context)
{
    /// <summary>The texts that the event speaks of, its own and those of its interactions.</summary>
    public FeedbackContext Texts { get; } = new StoredFeedback(long.MaxValue, default, Event, Context).Texts();

    public static (string Json, string Fingerprint) Print(FeedbackEvent feedback)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(feedback, FeedbackJson.Options);
        return (System.Text.Encoding.UTF8.GetString(json), Convert.ToHexStringLower(SHA256.HashData(json)[..16]));
    }
}

/// <summary>What stores keep beside an event's JSON, so that they can look for it.</summary>
/// <param name="Preference">The preference, or an empty text.</param>
/// <param name="Topic">What answers of one topic share; null for events that are compared with no other.</param>
/// <param name="Comparisons">How many comparisons the event completes with those before it.</param>
/// <param name="Context">JSON of the interactions' texts.</param>
internal sealed record FeedbackRow(string Preference, string? Topic, int Comparisons, string? Context)
{
    /// <summary>Schema number of rows written now.</summary>
    public const int Schema = 1;

    /// <summary>The row of an event that follows <paramref name="earlier"/> ones of its topic, newest first.</summary>
    public static FeedbackRow Of(CheckedFeedback feedback, IReadOnlyList<StoredFeedback> earlier) => new(
        feedback.Event.Preference ?? "",
        FeedbackComparisons.TopicOf(feedback.Event, feedback.Texts),
        FeedbackComparisons.Of(new StoredFeedback(long.MaxValue, default, feedback.Event, feedback.Context), earlier).Count(),
        feedback.Context is { } context ? JsonSerializer.Serialize(context, FeedbackJson.Options) : null);

    /// <exception cref="InvalidDataException">The row is a newer program's, or damaged.</exception>
    public static StoredFeedback Read(long position, DateTimeOffset receivedAt, int schema, string json, string? context)
    {
        if (schema > Schema)
        {
            throw new InvalidDataException(
                $"Feedback {position} was stored with schema {schema}; this program knows up to {Schema}.");
        }

        return new StoredFeedback(
            position, receivedAt, Parse<FeedbackEvent>(json), context is null ? null : Parse<FeedbackContext>(context));

        T Parse<T>(string text) => JsonSerializer.Deserialize<T>(text, FeedbackJson.Options)
            ?? throw new InvalidDataException($"Feedback {position} is stored as null.");
    }
}

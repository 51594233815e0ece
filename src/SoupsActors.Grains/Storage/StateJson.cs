using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using SoupsActors.Grains.State;

namespace SoupsActors.Grains.Storage;

/// <summary>
/// How grain state is written as JSON. Fields may be added: older programs keep those that they do not know. One that
/// changes its meaning needs a new schema number and an upgrade of the old ones, for stored rows outlive the program that
/// wrote them; the number is the oldest that a reader must know, so that a row is only refused by who would misread it.
/// </summary>
internal static class StateJson
{
    /// <summary>Schema number of rows written now.</summary>
    public const int Schema = 1;

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { LaterFields.Keep } },
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public static string Write<T>(T state) => JsonSerializer.Serialize(state, Options);

    public static T Read<T>(string json, int schema, string where)
    {
        if (schema > Schema)
        {
            throw new InvalidDataException(
                $"{where} was stored with schema {schema}; this program knows up to {Schema}. Use a newer program.");
        }

        try
        {
            return JsonSerializer.Deserialize<T>(json, Options)
                ?? throw new InvalidDataException($"{where} is stored as null.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{where} cannot be read: {error.Message}", error);
        }
    }
}

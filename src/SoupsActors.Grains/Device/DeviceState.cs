using SoupsActors.Models.Files;
using SoupsActors.Serving;

namespace SoupsActors.Grains.Device;

/// <summary>What a device does and holds.</summary>
/// <param name="Device">What computes, such as <c>cpu (avx512, 2 threads)</c>.</param>
/// <param name="Model">Name of the model.</param>
/// <param name="Bytes">Memory of the weights and of the key/value cache.</param>
/// <param name="Statistics">What the engine is doing.</param>
public sealed record DeviceState(string Device, string Model, long Bytes, EngineStatistics Statistics)
{
    /// <summary>Memory of a model's weights and cache in bytes, in single precision.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="cacheTokens">Tokens that the key/value cache holds.</param>
    internal static long BytesOf(TransformerConfig config, int cacheTokens)
    {
        long hidden = config.HiddenSize;
        long queries = (long)config.HeadCount * config.HeadSize;
        long keys = (long)config.KeyValueHeadCount * config.HeadSize;
        var layer = hidden * (2 * queries + 2 * keys + 3L * config.IntermediateSize);
        var embeddings = config.VocabularySize * hidden * (config.TieWordEmbeddings ? 1 : 2);
        var cache = 2L * cacheTokens * config.LayerCount * keys;
        return sizeof(float) * (embeddings + config.LayerCount * layer + cache);
    }
}

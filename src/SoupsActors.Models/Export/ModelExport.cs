using SoupsActors.Models.Experts;
using SoupsActors.Models.Files;

namespace SoupsActors.Models.Export;

/// <summary>Writes a user's own model as a Hugging Face folder that any other software can load.</summary>
public static class ModelExport
{
    // A tokenizer is the base model's own; a mix does not change it.
    private static readonly string[] TokenizerFiles =
    [
        "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
        "chat_template.jinja", "tokenizer.model", "vocab.json", "merges.txt",
    ];

    /// <summary>Merges a mix into the base and writes the result.</summary>
    /// <param name="baseModel">The base model.</param>
    /// <param name="mix">The user's mix; the empty one writes the base itself.</param>
    /// <param name="experts">Experts at hand.</param>
    /// <param name="folder">Made where missing; files of the same names are replaced.</param>
    /// <param name="type">How values are stored; F16 and BF16 round.</param>
    /// <param name="tokenizerFolder">Folder whose tokenizer files are copied along; null copies none.</param>
    /// <param name="cancellationToken">Stops between tensors.</param>
    /// <returns>Base hash of the merged model in 32 bits.</returns>
    /// <exception cref="ExpertMismatchException">See <see cref="MixRules.Check"/>.</exception>
    public static string SaveMerged(
        ModelWeights baseModel,
        Mix mix,
        IEnumerable<Expert> experts,
        string folder,
        SafetensorsType type = SafetensorsType.F32,
        string? tokenizerFolder = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        using var merged = DenseMerge.Merge(baseModel, mix, experts, cancellationToken);
        merged.Save(folder, type);
        if (tokenizerFolder is not null)
        {
            foreach (var name in TokenizerFiles)
            {
                if (ModelFolder.Find(tokenizerFolder, name) is { } path)
                    AtomicFile.Write(Path.Combine(folder, name), File.ReadAllBytes(path));
            }
        }

        return merged.BaseHash;
    }
}

using System.Text.RegularExpressions;
using SoupsActors.Models.Files;

namespace SoupsActors.Models.Experts;

/// <summary>An adapter read from a folder.</summary>
/// <param name="Expert">The expert, checked in full.</param>
/// <param name="Warnings">What could not be verified, for an operator to read; empty where all was.</param>
public sealed record LoadedAdapter(Expert Expert, IReadOnlyList<string> Warnings);

/// <summary>
/// Experts as folders in PEFT's format: <c>adapter_config.json</c> and <c>adapter_model.safetensors</c>. What PEFT has
/// no place for (base hash, seed of A, provenance) is in <c>soups.json</c> beside them, which PEFT ignores.
/// </summary>
public static partial class AdapterFolder
{
    private const string WeightsName = "adapter_model.safetensors";
    private const string Prefix = "base_model.model.";

    /// <summary>Largest weights file that is opened: 4 GiB.</summary>
    public const long MaxFileBytes = 4L << 30;

    /// <summary>Reads and checks an adapter against the model it is for.</summary>
    /// <param name="folder">PEFT adapter folder.</param>
    /// <param name="model">Shape of the base model.</param>
    /// <param name="baseHash">Hash of the base model; the one recorded in the folder must be the same.</param>
    /// <exception cref="ModelFormatException">
    /// A file is missing, damaged, not supported, or does not fit the model.
    /// </exception>
    /// <exception cref="ExpertMismatchException">The adapter was trained on another base.</exception>
    public static LoadedAdapter Load(string folder, TransformerConfig model, string baseHash)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(baseHash);
        if (!Directory.Exists(folder))
        {
            throw new ModelFormatException(
                folder, $"is not a folder; give the folder that holds {AdapterConfig.FileName}.");
        }

        var config = AdapterConfig.Load(folder, model);
        var card = ExpertCard.Load(folder);
        if (card is not null && card.Provenance.BaseHash != baseHash)
        {
            throw new ExpertMismatchException(
                $"{folder}: was trained on base {card.Provenance.BaseHash}, but the model at hand is {baseHash}.");
        }

        using var file = SafetensorsFile.Open(FindWeights(folder));
        var factors = ReadFactors(file, config, model);
        var name = card?.Name ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        var expert = ExpertContent.Create(
            string.IsNullOrWhiteSpace(name) ? "adapter" : name, factors, card?.Provenance ?? new ExpertProvenance(
                baseHash));
        if (card is not null && card.ContentHash != expert.Hash)
        {
            throw new ModelFormatException(
                folder,
                $"holds content {expert.Hash}, but {ExpertCard.FileName} records {card.ContentHash}; "
                + "one of the files was changed.");
        }

        return new LoadedAdapter(expert, card is null
            ? [$"{folder}: has no {ExpertCard.FileName}, so nothing says which base model it was trained on."]
            : []);
    }

    /// <summary>Writes an expert so that PEFT and <see cref="Load"/> read the same adapter back.</summary>
    /// <param name="expert">At least one module.</param>
    /// <param name="folder">Made where missing; files of the same names are replaced.</param>
    /// <param name="type">F32 keeps every bit; F16 and BF16 round, which makes another expert.</param>
    /// <param name="baseModelName">For PEFT: where its users find the base model.</param>
    /// <returns>The expert as stored, with the hash that <see cref="Load"/> will find.</returns>
    public static Expert Save(
        Expert expert, string folder, SafetensorsType type = SafetensorsType.F32, string? baseModelName = null)
    {
        ArgumentNullException.ThrowIfNull(expert);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (expert.Factors.Count == 0)
        {
            throw new ArgumentException(
                "The expert changes nothing, and PEFT has no adapter without modules.", nameof(expert));
        }

        var stored = type == SafetensorsType.F32 ? expert : Round(expert, type);
        var tensors = stored.Factors.SelectMany(f => new TensorToWrite[]
        {
            new($"{Prefix}{ModelTensors.Path(f.Layer, f.Module)}.lora_A.weight", [f.Rank, f.Inputs], f.A, type),
            new($"{Prefix}{ModelTensors.Path(f.Layer, f.Module)}.lora_B.weight", [f.Outputs, f.Rank], f.B, type),
        });

        // The card comes first: after a crash between the files its hash does not match, and the mixture is refused.
        ExpertCard.Save(folder, stored);
        SafetensorsWriter.Write(
            Path.Combine(folder, WeightsName), tensors, new Dictionary<string, string> { ["format"] = "pt" });
        AdapterConfigWriter.Save(folder, stored, baseModelName);
        return stored;
    }

    private static Expert Round(Expert expert, SafetensorsType type) => ExpertContent.Create(
        expert.Name,
        expert.Factors.Select(
            f => f with { A = FloatConversion.Round(type, f.A), B = FloatConversion.Round(type, f.B) }),
        expert.Provenance);

    private static string FindWeights(string folder)
    {
        var path = ModelFolder.Find(folder, WeightsName) ?? throw new ModelFormatException(
            folder,
            File.Exists(Path.Combine(folder, "adapter_model.bin"))
                ? "has pickled weights (adapter_model.bin), which can run code and are never read; "
                  + $"save it as {WeightsName}."
                : $"has no {WeightsName}; give a PEFT adapter folder.");
        var bytes = new FileInfo(path).Length;
        return bytes <= MaxFileBytes
            ? path
            : throw new ModelFormatException(
                path, $"has {bytes} bytes, more than the {MaxFileBytes} allowed for an adapter.");
    }

    private static List<LoraFactors> ReadFactors(SafetensorsFile file, AdapterConfig config, TransformerConfig model)
    {
        var found = Sort(file);
        var factors = new List<LoraFactors>();
        foreach (var (layer, module) in config.Targets)
        {
            var path = ModelTensors.Path(layer, module);
            var (rank, scale) = config.Settings[(layer, module)];
            var (outputs, inputs) = model.Shape(module);
            var a = Read(file, found, path, 'A', rank, inputs);
            var b = Read(file, found, path, 'B', outputs, rank);
            factors.Add(new LoraFactors(layer, module, rank, inputs, outputs, scale, a, b));
        }

        return found.Keys.FirstOrDefault() is ({ } extra, var factor)
            ? throw new ModelFormatException(
                file.Path,
                $"has a lora_{factor} for {extra}, which target_modules of {AdapterConfig.FileName} does not ask for.")
            : factors;
    }

    private static Dictionary<(string Path, char Factor), SafetensorsTensor> Sort(SafetensorsFile file)
    {
        var found = new Dictionary<(string Path, char Factor), SafetensorsTensor>();
        foreach (var tensor in file.Tensors)
        {
            var match = Key().Match(tensor.Name);
            if (!match.Success)
            {
                throw new ModelFormatException(
                    file.Path,
                    $"has tensor '{tensor.Name}', which is no LoRA factor of a linear layer; train plain LoRA only.");
            }

            if (!found.TryAdd((match.Groups[1].Value, match.Groups[2].Value[0]), tensor))
                throw new ModelFormatException(file.Path, $"has tensor '{tensor.Name}' in both of its forms.");
        }

        return found;
    }

    private static float[] Read(
        SafetensorsFile file,
        Dictionary<(string Path, char Factor), SafetensorsTensor> found,
        string path,
        char factor,
        int rows,
        int columns)
    {
        if (!found.Remove((path, factor), out var tensor))
        {
            throw new ModelFormatException(
                file.Path, $"lacks the lora_{factor} of {path}, which {AdapterConfig.FileName} asks for.");
        }

        if (!tensor.Shape.SequenceEqual([rows, columns]))
        {
            throw new ModelFormatException(
                file.Path,
                $"tensor '{tensor.Name}' has shape {tensor.ShapeText}, but rank and model ask for "
                + $"[{rows}, {columns}].");
        }

        var values = file.ReadFloat32(tensor.Name);
        return values.All(float.IsFinite)
            ? values
            : throw new ModelFormatException(file.Path, $"tensor '{tensor.Name}' has values that are NaN or infinite.");
    }

    [GeneratedRegex(@"^base_model\.model\.(.+)\.lora_(A|B)(?:\.default)?\.weight\z", RegexOptions.None, 1000)]
    private static partial Regex Key();
}

using SoupsActors.Models.Experts;
using SoupsActors.Models.Files;
using SoupsActors.Models.Inference;
using SoupsActors.Models.Tokenization;
using SoupsActors.Models.Tokenization.Chat;
using SoupsActors.Tensors;

namespace SoupsActors.Models;

/// <summary>
/// A model folder made ready to answer: weights on the device, tokenizer, chat template and the makers' generation
/// settings.
/// </summary>
public sealed class LanguageModel : IDisposable
{
    private LanguageModel(
        string folder, ModelWeights weights, Tokenizer tokenizer, ChatTemplate chatTemplate, LlamaStepModel stepModel)
    {
        Folder = folder;
        Weights = weights;
        Tokenizer = tokenizer;
        ChatTemplate = chatTemplate;
        StepModel = stepModel;
        StopTokens = [.. Generation.EosTokenIds.Concat(chatTemplate.StopIds(tokenizer)).Distinct().Order()];
    }

    /// <summary>Where the model was loaded from.</summary>
    public string Folder { get; }

    /// <summary>The weights as stored, for merging and export.</summary>
    public ModelWeights Weights { get; }

    /// <summary>Shape of the model.</summary>
    public TransformerConfig Config => Weights.Config;

    /// <summary>Content hash of the base, which experts name.</summary>
    public string BaseHash => Weights.BaseHash;

    /// <summary>The makers' suggestions for generation.</summary>
    public GenerationConfig Generation => Weights.Generation;

    /// <summary>Text to ids and back.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>The model on the device; one engine loop owns it.</summary>
    public LlamaStepModel StepModel { get; }

    /// <summary>How conversations are laid out.</summary>
    public ChatTemplate ChatTemplate { get; }

    /// <summary>
    /// Tokens that end an answer: those of the generation settings and of the chat template, and the end token.
    /// </summary>
    public IReadOnlyList<int> StopTokens { get; }

    /// <summary>Loads a Hugging Face folder.</summary>
    /// <param name="folder">Holds config.json, model.safetensors or its shards, and tokenizer.json.</param>
    /// <param name="backend">The device; it stays the caller's and must outlive the model.</param>
    /// <param name="options">Sizes of the device's part.</param>
    /// <param name="chatTemplate">Name of a template, in place of the one that the folder has.</param>
    /// <param name="cancellationToken">Stops the loading.</param>
    /// <exception cref="ModelFormatException">A file is missing, damaged or not supported.</exception>
    /// <exception cref="ArgumentException">There is no chat template of that name.</exception>
    public static LanguageModel Load(
        string folder,
        Backend backend,
        StepModelOptions? options = null,
        string? chatTemplate = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(backend);

        // What is quick to check comes first.
        var tokenizer = Tokenizer.Load(folder);
        var template = chatTemplate is null ? ChatTemplate.For(tokenizer) : ChatTemplate.ByName(chatTemplate);
        var weights = ModelWeights.Load(folder, cancellationToken);
        try
        {
            var stepModel = new LlamaStepModel(backend, weights, options);
            return new LanguageModel(folder, weights, tokenizer, template, stepModel);
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <summary>Reads an expert for this base.</summary>
    /// <exception cref="ModelFormatException">The folder is damaged, or does not fit this model.</exception>
    /// <exception cref="ExpertMismatchException">The adapter was trained on another base.</exception>
    public LoadedAdapter LoadExpert(string adapterFolder) => AdapterFolder.Load(adapterFolder, Config, BaseHash);

    /// <inheritdoc/>
    public void Dispose()
    {
        StepModel.Dispose();
        Weights.Dispose();
    }
}

using SoupsActors.Learning.Data;
using SoupsActors.Learning.Rollouts;
using SoupsActors.Models;
using SoupsActors.Models.Experts;
using SoupsActors.Models.Inference;
using SoupsActors.Models.Training;
using SoupsActors.Serving;
using SoupsActors.Tensors;

namespace SoupsActors.Learning;

/// <summary>
/// One base model made ready to learn on: frozen weights on the tape, which policy, reference, critic and reward models
/// share by switching adapters, and an engine of the same weights that samples answers.
/// </summary>
public sealed class LearningModel : IAsyncDisposable
{
    private readonly LanguageModel model;

    private LearningModel(LanguageModel model, TrainableTransformer transformer, ConversationFormat format)
    {
        this.model = model;
        Transformer = transformer;
        Format = format;
        Engine = new GenerationEngine(model.StepModel, options: new EngineOptions
        {
            MaxSequences = model.StepModel.MaxSequences,
            MaxTokensPerStep = model.StepModel.MaxTokensPerStep,
        });
        Rollouts = new EngineRollouts(Engine, format, model.StopTokens);
    }

    /// <summary>The base with the adapter in use; frozen.</summary>
    public TrainableTransformer Transformer { get; }

    /// <summary>Samples and answers.</summary>
    public GenerationEngine Engine { get; }

    /// <summary>Samples from <see cref="Engine"/>.</summary>
    public EngineRollouts Rollouts { get; }

    /// <summary>Text to tokens and back.</summary>
    public ConversationFormat Format { get; }

    /// <summary>Content hash of the base.</summary>
    public string BaseHash => model.BaseHash;

    /// <summary>Reads an expert for this base.</summary>
    /// <exception cref="Models.Files.ModelFormatException">The folder is damaged.</exception>
    /// <exception cref="ExpertMismatchException">The adapter was trained on another base.</exception>
    public Expert LoadExpert(string folder) => model.LoadExpert(folder).Expert;

    /// <summary>Loads a Hugging Face folder.</summary>
    /// <param name="folder">The base model.</param>
    /// <param name="backend">The device; it stays the caller's and must outlive the model.</param>
    /// <param name="maxTokens">Most tokens of prompt and answer; the model's context where null.</param>
    /// <param name="cancellationToken">Stops the loading.</param>
    /// <exception cref="Models.Files.ModelFormatException">A file is missing, damaged or not supported.</exception>
    public static LearningModel Load(
        string folder, Backend backend, int? maxTokens = null, CancellationToken cancellationToken = default)
    {
        var sizes = new StepModelOptions { BlockCount = 2048, MaxSequences = 64, MaxTokensPerStep = 256 };
        var loaded = LanguageModel.Load(folder, backend, sizes, cancellationToken: cancellationToken);
        var transformer = TrainableTransformer.Frozen(backend, loaded.Weights);
        return new LearningModel(loaded, transformer, ConversationFormat.Of(loaded, maxTokens));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        Transformer.Dispose();
        model.Weights.Dispose();
    }
}

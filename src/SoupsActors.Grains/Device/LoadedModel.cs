using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using SoupsActors.Generation;
using SoupsActors.Models;
using SoupsActors.Models.Files;
using SoupsActors.Models.Inference;
using SoupsActors.Serving;
using SoupsActors.Tensors;

namespace SoupsActors.Grains.Device;

/// <summary>A model on a device, and the engine that runs it.</summary>
internal sealed class LoadedModel : IAsyncDisposable
{
    private const int BlockTokens = 16;

    private readonly Backend backend;
    private readonly long bytes;
    private readonly EngineOptions limits;

    private LoadedModel(
        Backend backend,
        LanguageModel model,
        ModelDescriptor descriptor,
        GenerationEngine engine,
        EngineOptions limits,
        int cacheTokens)
    {
        this.limits = limits;
        this.backend = backend;
        bytes = DeviceState.BytesOf(model.Config, cacheTokens);
        Model = model;
        Descriptor = descriptor;
        Engine = engine;
    }

    /// <summary>Weights, tokenizer, chat template.</summary>
    public LanguageModel Model { get; }

    /// <summary>What the model is, for others.</summary>
    public ModelDescriptor Descriptor { get; }

    /// <summary>Runs the model, and owns its part on the device.</summary>
    public GenerationEngine Engine { get; }

    /// <summary>How busy the engine is, or null once it has ended: with its empty queues all would choose it.</summary>
    public GeneratorLoad? CurrentLoad
    {
        get
        {
            if (Engine.Ended.IsCompleted)
                return null;
            var now = Engine.Statistics;
            return new GeneratorLoad(
                now.QueueLength,
                now.RunningRows - now.BackgroundRows,
                limits.MaxSequences,
                now.ResidentHashes.IsDefault ? [] : [.. now.ResidentHashes],
                limits.MaxResidentExperts,
                now.LeasedExperts,
                now.TokensPerSecond);
        }
    }

    /// <summary>What the device does and holds.</summary>
    public DeviceState State => new(backend.Name, Descriptor.Name, bytes, Engine.Statistics);

    /// <exception cref="ModelFormatException">A file is missing, damaged or not supported.</exception>
    public static LoadedModel Load(
        DeviceSettings settings,
        TimeProvider clock,
        ILoggerFactory loggers,
        IMeterFactory? meters,
        CancellationToken cancellationToken)
    {
        var sizing = settings.Engine;
        var sizes = new StepModelOptions
        {
            BlockTokens = BlockTokens,
            BlockCount = (settings.CacheTokens + BlockTokens - 1) / BlockTokens,
            MaxTokensPerStep = sizing.MaxTokensPerStep,
            MaxSequences = sizing.MaxSequences,
        };
        var device = settings.OpenBackend();
        try
        {
            var model = LanguageModel.Load(
                settings.Package.ModelFolder, device, sizes, settings.ChatTemplate, cancellationToken);
            var step = model.StepModel;
            var engine = new GenerationEngine(
                step,
                new TokenizerText(model.Tokenizer),
                sizing with { ModelName = settings.Package.Name },
                clock,
                loggers.CreateLogger<GenerationEngine>(),
                meters);
            var descriptor = new ModelDescriptor(
                settings.Package.Name, model.BaseHash, step.ContextLength, step.VocabularySize, clock.GetUtcNow());
            return new LoadedModel(device, model, descriptor, engine, sizing, settings.CacheTokens);
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // The engine disposes the step model on its own thread; the weights' files are left to close.
        await Engine.DisposeAsync();
        Model.Weights.Dispose();
        backend.Dispose();
    }
}

using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using SoupsActors.Experts;
using SoupsActors.Generation;
using SoupsActors.Grains.Experts;
using SoupsActors.Grains.Generation;
using SoupsActors.Models;
using SoupsActors.Models.Experts;
using SoupsActors.Models.Tokenization.Chat;
using SoupsActors.Serving;
using SoupsActors.Users;

namespace SoupsActors.Grains.Device;

/// <summary>
/// The engine behind the generator grain: counts tokens before anything queues, fetches the leased weights, and turns
/// tokens into pieces of an answer.
/// </summary>
public sealed class DeviceEngine : ITextEngine, IAsyncDisposable
{
    private const int CachedExperts = 64;

    private readonly DeviceSettings settings;
    private readonly TimeProvider clock;
    private readonly ILoggerFactory loggers;
    private readonly IMeterFactory? meters;
    private readonly ExpertCache experts;
    private volatile LoadedModel? loaded;
    private volatile string? failure;
    private readonly TaskCompletionSource<LoadedModel> loading = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Creates an engine without a model; <see cref="LoadAsync"/> gives it one.</summary>
    /// <param name="settings">What to load.</param>
    /// <param name="dataPath">The data directory, which holds the experts' weights.</param>
    /// <param name="clock">Clock.</param>
    /// <param name="loggers">Logs; they never see prompts or answers.</param>
    /// <param name="meters">Metrics.</param>
    /// <param name="files">Fetches weights that are not here; by default nobody does.</param>
    public DeviceEngine(
        DeviceSettings settings,
        string dataPath,
        TimeProvider clock,
        ILoggerFactory loggers,
        IMeterFactory? meters = null,
        Func<ExpertStore, IExpertFiles>? files = null)
    {
        this.settings = settings;
        this.clock = clock;
        this.loggers = loggers;
        this.meters = meters;
        Experts = new ExpertStore(
            dataPath, folder => Ready.Model.LoadExpert(folder).Expert, settings.ExpertDirectory, clock);
        Files = files?.Invoke(Experts) ?? new LocalExpertFiles(Experts);
        experts = new ExpertCache(Experts, Files, CachedExperts);
    }

    /// <summary>The weights of experts; checks them against this model.</summary>
    public ExpertStore Experts { get; }

    /// <summary>Brings weights here that are not.</summary>
    public IExpertFiles Files { get; }

    /// <summary>What the device does and holds; null until the model is loaded.</summary>
    public DeviceState? State => loaded?.State;

    private LoadedModel Ready => loaded ?? throw new SoupsException(
        SoupsError.NotReady,
        failure is null
            ? "The model is still loading. Try again in a moment; /health/ready says when."
            : $"The model could not be loaded: {failure}",
        "model_not_ready");

    /// <summary>Loads the model; requests before that are refused as not ready.</summary>
    /// <exception cref="Models.Files.ModelFormatException">A file is missing, damaged or not supported.</exception>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        try
        {
            loaded = await Task.Run(
                () => LoadedModel.Load(settings, clock, loggers, meters, cancellationToken), cancellationToken);
        }
        catch (Exception error)
        {
            failure = error.Message;
            throw;
        }

        loading.SetResult(loaded);
    }

    /// <summary>Waits for the engine's end, from before it is loaded on.</summary>
    /// <returns>What broke it, or null where it was stopped.</returns>
    public async Task<Exception?> WaitForEndAsync(CancellationToken cancellationToken)
    {
        var ready = await WaitAsync(cancellationToken);
        return await ready.Engine.Ended.WaitAsync(cancellationToken);
    }

    /// <summary>The model, as soon as it is loaded.</summary>
    internal Task<LoadedModel> WaitAsync(CancellationToken cancellationToken) => loading.Task.WaitAsync(cancellationToken);

    /// <inheritdoc/>
    public GeneratorLoad? Load => loaded?.CurrentLoad;

    /// <inheritdoc/>
    public async Task HoldAsync(ExpertLease lease, CancellationToken cancellationToken)
    {
        _ = Ready;
        await experts.GetAsync(lease).WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public Task<AdmittedExpert> AdmitAsync(string folder, CancellationToken cancellationToken) =>
        Experts.AdmitAsync(folder, cancellationToken);

    /// <inheritdoc/>
    public ModelDescriptor Describe() => Ready.Descriptor;

    /// <inheritdoc/>
    public async IAsyncEnumerable<AnswerPiece> GenerateAsync(
        GeneratorRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var ready = Ready;
        var model = ready.Model;
        var prompt = Encode(model, request);
        var maxTokens = SamplingDefaults.MaxTokens(
            request.Sampling,
            model.Generation,
            settings.DefaultMaxTokens,
            prompt.Length,
            ready.Descriptor.ContextLength);
        var weights = await Task.WhenAll(request.Experts.Select(share => experts.GetAsync(share.Lease)))
            .WaitAsync(cancellationToken);
        var scores = new TokenScoring(model.Tokenizer);
        var updates = Start(ready.Engine, new GenerationRequest
        {
            Prompt = prompt,
            Mix = MixOf(request),
            Experts = [.. weights.Distinct()],
            Sampling = SamplingDefaults.Sampling(request, model.Generation),
            MaxTokens = maxTokens,
            Stop = request.Messages is null ? request.Stop : [.. request.Stop, .. model.ChatTemplate.StopTexts],
            StopTokens = model.StopTokens,
            LogProbabilities = request.LogProbabilities,
            FairnessKey = request.FairnessKey,
            Continuation = request.Continuation,
        });
        await using var enumerator = updates.GetAsyncEnumerator(cancellationToken);
        while (await NextAsync(enumerator))
            yield return scores.Piece(enumerator.Current);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (loaded is { } ready)
            await ready.DisposeAsync();
    }

    private static int[] Encode(LanguageModel model, GeneratorRequest request)
    {
        var tokenizer = model.Tokenizer;
        if (request.Messages is null)
        {
            var text = tokenizer.Encode(request.Prompt ?? "", parseSpecial: false);
            return text.Length > 0
                ? text
                : throw SoupsException.Invalid("The prompt is empty.", "empty_prompt", "prompt");
        }

        try
        {
            return model.ChatTemplate.Encode(
                tokenizer, [.. request.Messages.Select(message => new ChatTurn(message.Role, message.Content))]);
        }
        catch (ArgumentException error)
        {
            // The template's own rules about which role may follow which.
            throw SoupsException.Invalid(error.Message, "invalid_messages", "messages");
        }
    }

    // Two names of one content are one expert to the engine.
    private static Mix MixOf(GeneratorRequest request)
    {
        var mode = request.Merge == SoupMerge.Factor ? MergeMode.Factor : MergeMode.Product;
        return Mix.Create(mode, request.Experts
            .GroupBy(share => share.Lease.Hash, StringComparer.Ordinal)
            .Select(same => new MixTerm(same.Key, (float)same.Sum(share => share.Weight))));
    }

    private static IAsyncEnumerable<GenerationUpdate> Start(GenerationEngine engine, GenerationRequest request)
    {
        try
        {
            return engine.GenerateAsync(request);
        }
        catch (Exception error) when (EngineErrors.Knows(error))
        {
            throw EngineErrors.Translate(error);
        }
    }

    private static async ValueTask<bool> NextAsync(IAsyncEnumerator<GenerationUpdate> updates)
    {
        try
        {
            return await updates.MoveNextAsync();
        }
        catch (Exception error) when (EngineErrors.Knows(error))
        {
            throw EngineErrors.Translate(error);
        }
    }
}

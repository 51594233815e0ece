using SoupsActors.Models.Experts;
using SoupsActors.Models.Files;
using SoupsActors.Models.Inference;
using SoupsActors.Models.Tokenization;
using SoupsActors.Models.Tokenization.Chat;
using SoupsActors.Serving;
using SoupsActors.Tensors;

namespace SoupsActors.Miniature.Recipe;

/// <summary>A miniature ready to answer: the engine that serves users, with experts named by preference.</summary>
public sealed class MiniatureModel : IAsyncDisposable
{
    private const int MaxTokens = 220;

    private readonly GenerationEngine engine;
    private readonly Tokenizer tokenizer;
    private readonly IReadOnlyDictionary<string, Expert> experts;

    private MiniatureModel(
        GenerationEngine engine, Tokenizer tokenizer, IReadOnlyDictionary<string, Expert> experts)
    {
        this.engine = engine;
        this.tokenizer = tokenizer;
        this.experts = experts;
    }

    /// <summary>0 always takes the likeliest token.</summary>
    public float Temperature { get; set; }

    /// <summary>How the experts are merged.</summary>
    public MergeMode Merge { get; set; } = MergeMode.Product;

    /// <summary>Loads base and experts.</summary>
    public static MiniatureModel Load(Backend backend, MiniatureFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        using var weights = ModelWeights.Load(folder.Base);
        var model = new LlamaStepModel(backend, weights, new StepModelOptions { BlockCount = 2048 });
        return new MiniatureModel(
            new GenerationEngine(model),
            Tokenizer.Load(folder.Base),
            Preferences.All.ToDictionary(
                p => p.Id, p => AdapterFolder.Load(folder.Expert(p.Id), weights.Config, weights.BaseHash).Expert));
    }

    /// <summary>Answers one question with a mix of preferences; no preference is the base.</summary>
    public async Task<string> AnswerAsync(
        string prompt, IReadOnlyDictionary<string, float> mix, CancellationToken cancellationToken = default)
    {
        var request = new GenerationRequest
        {
            Prompt = MiniatureFormat.Template.Encode(tokenizer, [new ChatTurn("user", prompt)], addGenerationPrompt: true),
            Mix = Mix.Create(Merge, mix.Select(m => new MixTerm(experts[m.Key].Hash, m.Value))),
            Experts = [.. mix.Keys.Select(id => experts[id])],
            Sampling = new SamplingOptions { Temperature = Temperature, Seed = 1 },
            MaxTokens = MaxTokens,
            StopTokens = [tokenizer.EosId!.Value],
        };
        var answer = new List<int>();
        await foreach (var update in engine.GenerateAsync(request, cancellationToken))
            answer.AddRange(update.Tokens);
        return tokenizer.Decode(answer).Trim();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => engine.DisposeAsync();
}

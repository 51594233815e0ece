using System.Text;
using SoupsActors.Models.Experts;
using SoupsActors.Models.Inference;
using SoupsActors.Serving.Delivery;

namespace SoupsActors.Serving.Tests.Fakes;

/// <summary>All that a reader has got, in a form that compares bit by bit.</summary>
internal sealed class Received
{
    private readonly StringBuilder text = new();
    private readonly StringBuilder scores = new();

    public List<int> Tokens { get; } = [];

    public int Updates { get; private set; }

    public string Text => text.ToString();

    public FinishReason? FinishReason { get; private set; }

    public TokenUsage? Usage { get; private set; }

    public ulong? Seed { get; private set; }

    public bool Add(GenerationUpdate? update)
    {
        if (update is null)
            return false;
        Updates++;
        Tokens.AddRange(update.Tokens);
        text.Append(update.Text);
        for (var i = 0; i < update.LogProbabilities?.Count; i++)
        {
            scores.Append(Bits(update.LogProbabilities[i]));
            foreach (var alternative in update.TopLogProbabilities![i])
                scores.Append('/').Append(Bits(alternative));
            scores.Append(' ');
        }

        FinishReason ??= update.FinishReason;
        Usage ??= update.Usage;
        Seed ??= update.Seed;
        return FinishReason is not null;
    }

    public override string ToString() =>
        $"[{string.Join(',', Tokens)}] '{text}' {scores} {FinishReason} {Usage} {Seed}";

    private static string Bits(TokenLogProbability p) =>
        $"{p.Token}:{BitConverter.SingleToInt32Bits(p.LogProbability):x8}";
}

internal static class Requests
{
    public static Expert Expert(string hash) => new(hash, hash, [], new ExpertProvenance("base", InitSeed: 1));

    public static GenerationRequest Of(
        int[] prompt, int maxTokens = 8, params (string Hash, float Weight)[] mix) => new()
        {
            Prompt = prompt,
            MaxTokens = maxTokens,
            Mix = Mix.Create(MergeMode.Product, mix.Select(t => new MixTerm(t.Hash, t.Weight))),
            Experts = [.. mix.Select(t => Expert(t.Hash))],
            Sampling = new SamplingOptions { Seed = 7 },
        };

    /// <summary>The request's answer in an engine that has seen nothing else.</summary>
    public static Received RunAlone(
        GenerationRequest request, IStepModel model, ITokenText? text = null, EngineOptions? options = null)
    {
        var engine = GenerationEngine.WithoutThread(model, text, options);
        var received = Drain(engine, engine.Submit(request));
        engine.StopNow();
        return received;
    }

    /// <summary>Steps until the answer is complete.</summary>
    public static Received Drain(GenerationEngine engine, Answer answer)
    {
        var received = new Received();
        while (!received.Add(answer.TryTake()))
            Assert.True(
                engine.Step() || received.Add(answer.TryTake()),
                "The engine has nothing to do but the answer is not complete.");
        return received;
    }
}

using SoupsActors.Models.Experts;
using SoupsActors.Serving.Delivery;
using SoupsActors.Serving.Sampling;
using SoupsActors.Serving.Text;

namespace SoupsActors.Serving.Scheduling;

/// <summary>One request on its way: what it asked for, its tokens, and what it holds while it runs.</summary>
internal sealed class SequenceState
{
    private readonly int[] tokens;

    /// <param name="request">A request that <see cref="RequestValidator"/> has let through.</param>
    /// <param name="experts">The experts of the mix's terms, in their order.</param>
    /// <param name="maxNewTokens">Most tokens to generate, the context's end considered.</param>
    /// <param name="seed">The seed in force.</param>
    /// <param name="answer">Where tokens go.</param>
    public SequenceState(
        GenerationRequest request, Expert[] experts, int maxNewTokens, ulong seed, Answer answer)
    {
        Answer = answer;
        Mix = request.Mix;
        Experts = experts;
        FairnessKey = request.FairnessKey ?? "";
        IsBackground = request.IsBackground;
        MaxNewTokens = maxNewTokens;
        Sampling = new SamplingPlan(request.Sampling, seed);
        LogProbabilities = request.LogProbabilities;
        StopTokens = [.. request.StopTokens];
        Stops = new StopMatcher(request.Stop);
        PromptLength = request.Prompt.Count;
        Length = PromptLength;
        // Room for the whole answer from the start: nothing grows while tokens are generated.
        tokens = new int[PromptLength + maxNewTokens];
        for (var i = 0; i < PromptLength; i++)
            tokens[i] = request.Prompt[i];
        foreach (var token in request.Continuation)
            Append(token);
        KnownLength = Length;
    }

    // ---- the request ----

    public Answer Answer { get; }

    public Mix Mix { get; }

    public Expert[] Experts { get; }

    public string FairnessKey { get; }

    public bool IsBackground { get; }

    public int PromptLength { get; }

    /// <summary>Tokens known from the start: the prompt, and what another engine answered to it.</summary>
    public int KnownLength { get; }

    public int MaxNewTokens { get; }

    public SamplingPlan Sampling { get; }

    public int? LogProbabilities { get; }

    public int[] StopTokens { get; }

    public StopMatcher Stops { get; }

    public ITokenTextStream? Text { get; init; }

    // ---- progress ----

    /// <summary>Prompt and answer so far.</summary>
    public ReadOnlySpan<int> Tokens => tokens.AsSpan(0, Length);

    public int Length { get; private set; }

    public int Generated => Length - PromptLength;

    /// <summary>Tokens whose keys and values are in the cache.</summary>
    public int Computed { get; set; }

    public bool InPrefill => Computed < KnownLength;

    /// <summary>The last token generated is never fed back, so it needs no place in the cache.</summary>
    public int CacheTokens => PromptLength + MaxNewTokens - 1;

    public bool IsOver { get; private set; }

    // ---- what a running row holds ----

    public int[] Blocks { get; set; } = [];

    public ResidentExpert[] Leases { get; set; } = [];

    public SharedMix? SharedMix { get; set; }

    public FairAccount? Account { get; set; }

    // ---- times, as timestamps of the engine's clock ----

    public long Submitted { get; init; }

    public long FirstToken { get; set; }

    /// <summary>When the row was parked, or null while its reader keeps up.</summary>
    public long? ParkedSince { get; set; }

    public void Append(int token) => tokens[Length++] = token;

    /// <summary>The row is done; the scheduler frees what it holds at the end of the step.</summary>
    public void End() => IsOver = true;

    public void Fail(Exception exception)
    {
        Answer.Fail(exception);
        End();
    }
}

using SoupsActors.Models.Experts;
using SoupsActors.Serving.Tests.Fakes;

namespace SoupsActors.Serving.Tests;

public sealed class RequestValidatorTests
{
    public static TheoryData<string, GenerationRequest> Bad()
    {
        var good = Requests.Of([1, 2]);
        var sampling = good.Sampling;
        return new TheoryData<string, GenerationRequest>
        {
            { "Prompt", good with { Prompt = [] } },
            { "Prompt", good with { Prompt = [24] } },
            { "Prompt", good with { Prompt = [-1] } },
            { "Prompt", good with { Prompt = [.. Enumerable.Repeat(1, 48)] } },
            { "MaxTokens", good with { MaxTokens = 0 } },
            { "MaxTokens", good with { Prompt = [.. Enumerable.Repeat(1, 20)], MaxTokens = 25 } },
            { "MaxTokens", good with { MaxTokens = int.MaxValue } },
            { "StopTokens", good with { StopTokens = [24] } },
            { "Stop", good with { Stop = [""] } },
            { "Stop", good with { Stop = [new string('x', 257)] } },
            { "Stop", good with { Stop = ["\ud83d"] } },
            { "Stop", good with { Stop = [.. Enumerable.Repeat("x", 17)] } },
            { "LogProbabilities", good with { LogProbabilities = 21 } },
            { "LogProbabilities", good with { LogProbabilities = -1 } },
            { "Mix", Requests.Of([1], 5, [.. Enumerable.Range(0, 17).Select(i => ($"e{i}", 1f))]) },
            { "Temperature", good with { Sampling = sampling with { Temperature = float.NaN } } },
            { "Temperature", good with { Sampling = sampling with { Temperature = -1 } } },
            { "TopK", good with { Sampling = sampling with { TopK = -1 } } },
            { "TopP", good with { Sampling = sampling with { TopP = 0 } } },
            { "TopP", good with { Sampling = sampling with { TopP = float.NaN } } },
            { "MinP", good with { Sampling = sampling with { MinP = 1.1f } } },
            { "RepetitionPenalty", good with { Sampling = sampling with { RepetitionPenalty = 0 } } },
            { "NoRepeatNgram", good with { Sampling = sampling with { NoRepeatNgram = -1 } } },
            { "LogitBias", good with { Sampling = sampling with { LogitBias = Bias(24, 1) } } },
            { "LogitBias", good with { Sampling = sampling with { LogitBias = Bias(1, 101) } } },
            { "LogitBias", good with { Sampling = sampling with { LogitBias = Bias(1, float.NaN) } } },
        };

        static Dictionary<int, float> Bias(int token, float value) => new() { [token] = value };
    }

    [Theory]
    [MemberData(nameof(Bad), DisableDiscoveryEnumeration = true)]
    public void What_can_never_be_served_is_refused_by_name(string parameter, GenerationRequest request)
    {
        var engine = GenerationEngine.WithoutThread(new FakeStepModel(blockCount: 10), new FakeText());
        var error = Assert.Throws<RequestRefusedException>(() => engine.GenerateAsync(request, default));
        Assert.Equal(parameter, error.Parameter);
        engine.StopNow();
    }

    [Fact]
    public void The_largest_request_that_fits_is_served()
    {
        var received = Requests.RunAlone(
            Requests.Of([.. Enumerable.Repeat(1, 20)], maxTokens: 21), new FakeStepModel(blockCount: 10));
        Assert.Equal(21, received.Tokens.Count);
    }

    [Fact]
    public void A_mix_needs_its_experts_and_a_factor_mix_needs_equal_ones()
    {
        var engine = GenerationEngine.WithoutThread(new FakeStepModel());
        var request = Requests.Of([1], 5, ("e0", 1), ("e1", 1));
        Assert.Throws<ExpertMismatchException>(() => engine.GenerateAsync(request with { Experts = [] }, default));
        var other = Requests.Expert("e1") with { Provenance = new ExpertProvenance("base", InitSeed: 2) };
        Assert.Throws<ExpertMismatchException>(() => engine.GenerateAsync(
            request with
            {
                Mix = Mix.Create(MergeMode.Factor, request.Mix.Terms.ToArray()),
                Experts = [Requests.Expert("e0"), other],
            },
            default));
        engine.StopNow();
    }

    [Fact]
    public void Stop_texts_need_a_tokenizer()
    {
        var engine = GenerationEngine.WithoutThread(new FakeStepModel());
        Assert.Throws<RequestRefusedException>(
            () => engine.GenerateAsync(Requests.Of([1]) with { Stop = ["x"] }, default));
        engine.StopNow();
    }
}

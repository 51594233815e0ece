using SoupsActors.Serving.Tests.Fakes;

namespace SoupsActors.Serving.Tests;

public sealed class EngineOptionsTests
{
    public static TheoryData<EngineOptions> Bad =>
    [
        new EngineOptions { MaxSequences = 0 },
        new EngineOptions { MaxSequences = 300 },
        new EngineOptions { MaxTokensPerStep = 31 },
        new EngineOptions { PrefillChunk = 0 },
        new EngineOptions { PrefillChunk = 257 },
        new EngineOptions { QueueLimit = 0 },
        new EngineOptions { MaxResidentExperts = 0 },
        new EngineOptions { BufferTokens = 0 },
        new EngineOptions { SlowReaderTimeout = TimeSpan.Zero },
        new EngineOptions { MaxLogProbabilities = -1 },
        new EngineOptions { MaxStopTexts = -1 },
        new EngineOptions { MaxStopLength = 0 },
    ];

    [Theory]
    [MemberData(nameof(Bad), DisableDiscoveryEnumeration = true)]
    public void Values_outside_their_range_are_named(EngineOptions options)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(
            () => new GenerationEngine(new FakeStepModel(), options: options));
        Assert.Contains($"EngineOptions.{error.ParamName}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Steps_larger_than_the_models_are_refused()
    {
        using var llama = new TinyLlama();
        using var model = llama.CreateModel(12);
        var error = Assert.Throws<ArgumentException>(
            () => new GenerationEngine(model, options: new EngineOptions { MaxSequences = 33 }));
        Assert.Contains("33", error.Message, StringComparison.Ordinal);
    }
}

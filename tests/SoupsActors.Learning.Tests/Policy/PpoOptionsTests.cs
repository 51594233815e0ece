using SoupsActors.Learning.Policy;

namespace SoupsActors.Learning.Tests.Policy;

public sealed class PpoOptionsTests
{
    private static readonly PpoOptions Good = new() { Steps = 1, MaxTokens = 1 };

    public static TheoryData<PpoOptions, string> Bad => new()
    {
        { Good with { Steps = 0 }, "Steps is 0, but must be at least 1" },
        { Good with { MaxTokens = 0 }, "MaxTokens" },
        { Good with { SamplesPerPrompt = 0 }, "SamplesPerPrompt" },
        { Good with { Epochs = 0 }, "Epochs" },
        { Good with { MiniBatch = 0 }, "MiniBatch" },
        { Good with { PolicyClip = 1 }, "PolicyClip is 1, but must be above 0 and below 1" },
        { Good with { PolicyClip = double.NaN }, "PolicyClip" },
        { Good with { ValueClip = 0 }, "ValueClip" },
        { Good with { Discount = 1.1 }, "Discount" },
        { Good with { Lambda = -0.1 }, "Lambda" },
        { Good with { KlCoefficient = double.NaN }, "KlCoefficient" },
        { Good with { KlCoefficient = 0, AdaptiveKl = new AdaptiveKl() }, "would stay 0" },
        { Good with { AdaptiveKl = new AdaptiveKl(Target: 0) }, "AdaptiveKl" },
        { Good with { MaxMeanRatio = 1 }, "MaxMeanRatio" },
        { Good with { MaxKlPerToken = -1 }, "MaxKlPerToken" },
        { Good with { CheckpointEvery = 0 }, "CheckpointEvery" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void A_setting_out_of_range_is_named_with_its_range(PpoOptions options, string message) =>
        Assert.Contains(message, Assert.Throws<ArgumentException>(options.Validate).Message, StringComparison.Ordinal);

    [Fact]
    public void Defaults_are_valid_and_every_change_shows_in_the_fingerprint()
    {
        Good.Validate();
        Assert.Equal(Good.Fingerprint(), (Good with { }).Fingerprint());
        Assert.NotEqual(Good.Fingerprint(), (Good with { KlCoefficient = 0.3 }).Fingerprint());
        Assert.NotEqual(Good.Fingerprint(), (Good with { MaxMeanRatio = double.PositiveInfinity }).Fingerprint());
        Assert.NotEqual(
            Good.Fingerprint(),
            (Good with { PolicySchedule = new(Tensors.ScheduleKind.Cosine, 1e-3, 5) }).Fingerprint());
    }
}

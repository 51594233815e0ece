using SoupsActors.Learning.Policy;
using SoupsActors.Models.Training;

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
        Assert.NotEqual(Good.Fingerprint(), (Good with { KlCoefficient = 0.06 }).Fingerprint());
        Assert.NotEqual(Good.Fingerprint(), (Good with { MaxMeanRatio = double.PositiveInfinity }).Fingerprint());
        Assert.NotEqual(
            Good.Fingerprint(),
            (Good with { PolicySchedule = new(Tensors.ScheduleKind.Cosine, 1e-3, 5) }).Fingerprint());
    }

    [Fact]
    public async Task A_critic_from_a_reward_model_has_its_factors_and_head()
    {
        await using var lab = new PpoLab();
        var options = new LoraOptions { Rank = 2, Alpha = 4, InitSeed = 9 };
        using var reward = new LoraAdapter(lab.Backend, lab.Model.Config, options);
        float[] head = [.. Enumerable.Range(0, 16).Select(i => i / 16f)];

        using var critic = Critic.From(lab.Backend, lab.Model.Config, options with { InitSeed = 0 }, reward.ToFactors(), head);

        Assert.Equal(head, critic.Head.ToArray());
        Assert.Equal(
            reward.ToFactors().SelectMany(f => f.A.Concat(f.B)), critic.Adapter.ToFactors().SelectMany(f => f.A.Concat(f.B)));
        Assert.Throws<ArgumentException>(() => Critic.From(
            lab.Backend, lab.Model.Config, options with { Alpha = 8 }, reward.ToFactors(), head));
        Assert.Throws<ArgumentException>(() => Critic.From(lab.Backend, lab.Model.Config, options, reward.ToFactors(), [1]));
    }
}

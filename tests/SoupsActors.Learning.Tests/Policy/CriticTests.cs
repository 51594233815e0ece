using SoupsActors.Learning.Policy;
using SoupsActors.Models.Training;
using SoupsActors.Tensors;

namespace SoupsActors.Learning.Tests.Policy;

public sealed class CriticTests
{
    [Fact]
    public async Task A_new_critic_values_every_state_at_zero_and_sees_response_tokens_only()
    {
        await using var lab = new PpoLab();
        using var tape = new Tape(lab.Backend, recording: false);
        var batch = ResponseBatch.Pack([([5, 1, 6], [7, 8]), ([4], [9, 10, 0])]);
        Assert.Equal([5, 1, 6, 7, 4, 9, 10], batch.Sequences.Tokens);
        Assert.Equal([2, 3, 4, 5, 6], batch.Rows);
        Assert.Equal([7, 8, 9, 10, 0], batch.Targets);
        Assert.Equal(new float[5], lab.Critic.Values(tape, lab.Model, batch).ToArray());
    }

    [Fact]
    public async Task A_critic_from_a_reward_model_has_its_factors_and_head()
    {
        await using var lab = new PpoLab();
        var options = new LoraOptions { Rank = 2, Alpha = 4, InitSeed = 9 };
        using var reward = new LoraAdapter(lab.Backend, lab.Model.Config, options);
        float[] head = [.. Enumerable.Range(0, 16).Select(i => i / 16f)];

        using var critic = Critic.From(
            lab.Backend, lab.Model.Config, options with { InitSeed = 0 }, reward.ToFactors(), head);

        Assert.Equal(head, critic.Head.ToArray());
        Assert.Equal(
            reward.ToFactors().SelectMany(f => f.A.Concat(f.B)),
            critic.Adapter.ToFactors().SelectMany(f => f.A.Concat(f.B)));
        Assert.Throws<ArgumentException>(() => Critic.From(
            lab.Backend, lab.Model.Config, options with { Alpha = 8 }, reward.ToFactors(), head));
        Assert.Throws<ArgumentException>(() => Critic.From(
            lab.Backend, lab.Model.Config, options, reward.ToFactors(), [1]));
    }
}

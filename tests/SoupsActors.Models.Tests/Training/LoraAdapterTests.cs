using SoupsActors.Models.Experts;
using SoupsActors.Models.Files;
using SoupsActors.Models.Training;
using SoupsActors.Tensors;
using SoupsActors.Testing;

namespace SoupsActors.Models.Tests.Training;

public sealed class LoraAdapterTests : IDisposable
{
    private static readonly TransformerConfig Config = new()
    {
        HiddenSize = 16,
        IntermediateSize = 24,
        LayerCount = 2,
        HeadCount = 2,
        KeyValueHeadCount = 1,
        HeadSize = 8,
        VocabularySize = 12,
        MaxPositions = 16,
    };

    private readonly ReferenceBackend backend = new();

    public void Dispose() => backend.Dispose();

    [Fact]
    public void An_adapter_goes_on_from_the_factors_of_another_one()
    {
        using var first = new LoraAdapter(backend, Config, new LoraOptions
        {
            Rank = 3,
            Alpha = 32,
            InitSeed = 5,
            Targets = [TargetModule.QProj, TargetModule.DownProj],
        });
        foreach (var b in first.Parameters)
            b.Load([.. Enumerable.Range(0, (int)b.Length).Select(i => i * 0.25f)]);

        using var second = LoraAdapter.From(backend, Config, first.ToFactors(), initSeed: 5);

        Assert.Equal(first.Options.Scale, second.Options.Scale);
        Assert.Equal(5, second.Options.InitSeed);
        Assert.Equal(
            first.ToFactors().SelectMany(f => f.A.Concat(f.B)), second.ToFactors().SelectMany(f => f.A.Concat(f.B)));
    }

    [Fact]
    public void Factors_that_training_cannot_hold_are_refused()
    {
        using var adapter = new LoraAdapter(backend, Config, new LoraOptions { Rank = 2, Targets = [TargetModule.QProj] });
        var factors = adapter.ToFactors();
        Assert.Throws<ArgumentException>(() => LoraAdapter.From(backend, Config, []));
        Assert.Throws<ArgumentException>(() => LoraAdapter.From(backend, Config, [factors[0]]));
        Assert.Throws<ArgumentException>(
            () => LoraAdapter.From(backend, Config, [factors[0], factors[1] with { Scale = 7 }]));
        Assert.Throws<ArgumentException>(
            () => LoraAdapter.From(backend, Config, [factors[0], factors[1] with { A = [1] }]));
        Assert.Throws<ArgumentException>(() => adapter.Load([factors[0] with { Module = TargetModule.KProj }]));
    }

    [Fact]
    public void Dropout_changes_what_the_delta_sees_and_leaves_the_base()
    {
        using var model = TrainableTransformer.Random(backend, Config, seed: 1);
        using var adapter = new LoraAdapter(backend, Config, new LoraOptions { Rank = 3, InitSeed = 5, Dropout = 0.5 });
        var plain = Logits(null);
        model.Adapter = adapter;
        Assert.Equal(plain, Logits(seed: 1)); // B is zero: whatever A sees, the base answers.

        foreach (var factor in adapter.Parameters.Where(p => p.Name.EndsWith("lora_B", StringComparison.Ordinal)))
            factor.Load([.. Enumerable.Repeat(0.1f, (int)factor.Length)]);
        var served = Logits(null);
        Assert.NotEqual(plain, served);
        Assert.NotEqual(served, Logits(seed: 1));
        Assert.NotEqual(Logits(seed: 1), Logits(seed: 2));
        Assert.Equal(Logits(seed: 1), Logits(seed: 1));

        float[] Logits(ulong? seed)
        {
            using var tape = new Tape(backend);
            tape.DropoutSeed = seed;
            return model.Logits(tape, PackedSequences.Pack([[1, 2, 3, 4]])).ToArray();
        }
    }

    [Theory]
    [InlineData(-0.5)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void Dropout_that_is_no_probability_is_refused(double dropout)
    {
        var error = Assert.Throws<ArgumentException>(
            () => new LoraAdapter(backend, Config, new LoraOptions { Dropout = dropout }));
        Assert.Contains("below 1", error.Message, StringComparison.Ordinal);
    }
}

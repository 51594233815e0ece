using SoupsActors.Learning.Benchmarks;
using SoupsActors.Models.Files;

namespace SoupsActors.Learning.Tests.Benchmarks;

/// <summary>Numbers counted by hand: 34 weights in the linear layers, 31 in an adapter of rank 1.</summary>
public sealed class TransformerOperationsTests
{
    private static readonly TransformerConfig Config = new()
    {
        HiddenSize = 2,
        IntermediateSize = 3,
        LayerCount = 1,
        HeadCount = 1,
        KeyValueHeadCount = 1,
        HeadSize = 2,
        VocabularySize = 5,
        MaxPositions = 8,
    };

    [Fact]
    public void A_forward_pass_is_linear_layers_logits_and_the_pairs_of_attention()
    {
        const int Linear = 2 * 3 * 34;
        const int Logits = 2 * 3 * 5 * 2;
        const int Attention = 4 * 2 * (1 + 3);
        Assert.Equal(Linear + Logits + Attention, new TransformerOperations(Config, rank: 0).Forward([1, 2], 3));
        Assert.Equal(Linear + 2 * 3 * 31 + Attention, new TransformerOperations(Config, rank: 1).Forward([1, 2], 0));
    }

    [Fact]
    public void A_backward_pass_to_all_parameters_is_twice_the_forward_pass()
    {
        var operations = new TransformerOperations(Config, rank: 0);
        Assert.Equal(2 * operations.Forward([1, 2], 3), operations.BackwardToAll([1, 2], 3));
    }

    [Fact]
    public void A_backward_pass_to_an_adapter_leaves_out_frozen_weights_and_the_embeddings()
    {
        const int InputGradients = 2 * 3 * (34 + 31 - 3 * (4 + 2));
        const int AdapterGradients = 2 * 3 * 31;
        const int Logits = 2 * 3 * 5 * 2;
        const int Attention = 2 * 4 * 2 * (1 + 3);
        Assert.Equal(
            InputGradients + AdapterGradients + Logits + Attention,
            new TransformerOperations(Config, rank: 1).BackwardToAdapter([1, 2], 3));
    }
}

using SoupsActors.Models.Experts;
using SoupsActors.Models.Files;
using SoupsActors.Models.Training;
using SoupsActors.Tensors;

namespace SoupsActors.Learning.Rewards;

/// <summary>
/// A reward model: a frozen base that it shares with policy, reference and critic, a LoRA adapter of its own, and a
/// linear head without bias on the last token's hidden state (Ouyang et al. 2022, section 3.5).
/// </summary>
/// <remarks>
/// The adapter is switched on for the length of a call and the former one put back. Calls on one base must not overlap.
/// </remarks>
public sealed class RewardModel : IRewardNetwork, IDisposable
{
    private readonly TrainableTransformer transformer;

    private RewardModel(TrainableTransformer transformer, string baseHash, LoraAdapter adapter, RewardCard card)
    {
        this.transformer = transformer;
        BaseHash = baseHash;
        Adapter = adapter;
        Card = card;
        Head = new Parameter(transformer.Backend, "score.weight", 1, transformer.Config.HiddenSize);
    }

    /// <inheritdoc/>
    public Backend Backend => transformer.Backend;

    /// <summary>Content hash of the base.</summary>
    public string BaseHash { get; }

    /// <summary>Its adapter; a critic that starts from the reward model takes these factors.</summary>
    public LoraAdapter Adapter { get; }

    /// <inheritdoc/>
    public Parameter Head { get; }

    /// <summary>The head's weights, as many as the hidden size; a critic may start from them.</summary>
    public float[] HeadWeights => Head.ToArray();

    /// <summary>Preference, normalisation and accuracy.</summary>
    public RewardCard Card { get; set; }

    /// <summary>Most tokens of a sequence: the context of the base.</summary>
    public int MaxTokens => transformer.Config.MaxPositions;

    /// <inheritdoc/>
    public IReadOnlyList<Parameter> TrainedParameters => [.. Adapter.Parameters, Head];

    /// <summary>
    /// An untrained model: the adapter changes nothing yet, the head is normal with standard deviation 1/√(d + 1)
    /// (Stiennon et al. 2020, appendix B).
    /// </summary>
    /// <param name="transformer">The shared base; frozen, stays the caller's.</param>
    /// <param name="baseHash">Content hash of the base.</param>
    /// <param name="options">Shape and seeds.</param>
    public static RewardModel Create(TrainableTransformer transformer, string baseHash, RewardModelOptions options)
    {
        ArgumentNullException.ThrowIfNull(transformer);
        ArgumentException.ThrowIfNullOrEmpty(baseHash);
        ArgumentNullException.ThrowIfNull(options);
        var adapter = new LoraAdapter(transformer.Backend, transformer.Config, options.Lora);
        var model = new RewardModel(transformer, baseHash, adapter, new RewardCard { Preference = options.Preference });
        var size = transformer.Config.HiddenSize;
        model.Head.Load(SeededHead.Normal(options.HeadSeed, size, 1 / Math.Sqrt(size + 1)));
        return model;
    }

    /// <summary>Reads a model that <see cref="Save"/> wrote.</summary>
    /// <exception cref="ModelFormatException">A file is missing, damaged or does not fit the base.</exception>
    /// <exception cref="ExpertMismatchException">The model was trained on another base.</exception>
    public static RewardModel Load(string folder, TrainableTransformer transformer, string baseHash)
    {
        ArgumentNullException.ThrowIfNull(transformer);
        var stored = RewardFolder.Load(folder, transformer.Config, baseHash);
        var adapter = LoraAdapter.From(
            transformer.Backend, transformer.Config, stored.Adapter.Factors, stored.Adapter.Provenance.InitSeed ?? 0);
        var model = new RewardModel(transformer, baseHash, adapter, stored.Card);
        model.Head.Load(stored.Head);
        return model;
    }

    /// <summary>Reads what is known about a model without loading it.</summary>
    /// <exception cref="ModelFormatException">The card is missing or damaged.</exception>
    public static RewardCard ReadCard(string folder) => RewardFolder.LoadCard(folder);

    /// <summary>Writes the model as a folder: the adapter in PEFT's format, the head, and a card.</summary>
    /// <param name="folder">Replaced as a whole where it exists.</param>
    /// <returns>The content hash, which names the model in provenance.</returns>
    public string Save(string folder) => RewardFolder.Save(folder, Stored());

    /// <summary>Hash of base, adapter, head and normalisation.</summary>
    public string ContentHash() => RewardFolder.Hash(Stored());

    /// <inheritdoc/>
    public Tensor Features(Tape tape, PackedSequences sequences)
    {
        var last = RewardNetworkScores.LastRows(sequences);
        var other = transformer.Adapter;
        transformer.Adapter = Adapter;
        try
        {
            return transformer.Hidden(tape, sequences).GatherRows(last);
        }
        finally
        {
            transformer.Adapter = other;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Adapter.Dispose();
        Head.Dispose();
    }

    private StoredReward Stored()
    {
        var provenance = new ExpertProvenance(
            BaseHash, Adapter.Options.InitSeed, Card.Preference, Method: "reward model");
        var name = Card.Preference is { } preference ? $"reward {preference}" : "reward";
        return new StoredReward(ExpertContent.Create(name, Adapter.ToFactors(), provenance), HeadWeights, Card);
    }
}

using SoupsActors.Learning.Data;
using SoupsActors.Learning.Training;
using SoupsActors.Models.Files;
using SoupsActors.Models.Tokenization.Chat;
using SoupsActors.Models.Training;
using SoupsActors.Tensors;

namespace SoupsActors.Learning.Supervised;

/// <summary>An answer that meets preferences.</summary>
/// <param name="Prompt">The question as the user wrote it, without the preferences' sentences.</param>
/// <param name="Answer">The answer to learn.</param>
/// <param name="Preferences">Ids of the preferences that the answer meets and the prompt shall state.</param>
public sealed record Demonstration(string Prompt, string Answer, IReadOnlyList<string> Preferences)
{
    /// <summary>The conversation before the prompt, oldest message first.</summary>
    public IReadOnlyList<ChatTurn> Earlier { get; init; } = [];
}

/// <summary>
/// The multitask baseline of Personalized Soups (Jang et al. 2023, section 4.2): one adapter is fine-tuned on answers
/// to prompts that state preferences, those of all preferences mixed, so that at inference the words alone choose.
/// Without preferences it is plain supervised fine-tuning.
/// </summary>
/// <remarks>
/// The paper's settings for 7B models: LoRA of rank 16 and α 32, a constant rate of 1e-5, 1000 steps of 16 × 1024
/// tokens.
/// </remarks>
public sealed class MultitaskFineTuning
{
    private readonly TrainingExample[] examples;
    private readonly EpochOrder order;
    private readonly int batch;

    /// <summary>Lays demonstrations out as prompts that state preferences, and answers to learn.</summary>
    /// <param name="demonstrations">Of all preferences, at least one.</param>
    /// <param name="words">The sentences.</param>
    /// <param name="format">Text to tokens; what is longer than its limit loses its beginning.</param>
    /// <param name="batch">Demonstrations of a step, at least 1.</param>
    /// <param name="seed">Fixes their order; every epoch is shuffled anew.</param>
    /// <exception cref="ArgumentException">There is no demonstration, or a preference has no sentence.</exception>
    public MultitaskFineTuning(
        IReadOnlyList<Demonstration> demonstrations,
        PreferencePrompts words,
        ConversationFormat format,
        int batch = 16,
        int seed = 0)
    {
        ArgumentNullException.ThrowIfNull(demonstrations);
        ArgumentNullException.ThrowIfNull(words);
        ArgumentNullException.ThrowIfNull(format);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batch);
        if (demonstrations.Count == 0)
            throw new ArgumentException("There are no demonstrations to learn from.", nameof(demonstrations));
        examples = [.. demonstrations.Select(Example)];
        order = new EpochOrder(examples.Length, seed);
        this.batch = batch;

        TrainingExample Example(Demonstration demonstration)
        {
            var prompt = format.Prompt(
                words.Append(demonstration.Prompt, demonstration.Preferences), demonstration.Earlier);
            var example = TrainingExample.Create(prompt, format.Answer(demonstration.Answer));
            var start = Math.Max(0, example.Tokens.Length - format.MaxTokens);
            return new TrainingExample(example.Tokens[start..], example.Learned[start..]);
        }
    }

    /// <summary>The examples of a step, numbered from 1.</summary>
    public IReadOnlyList<TrainingExample> Examples(int step) => [.. order.Step(step, batch).Select(i => examples[i])];

    /// <summary>A name for the data, so that a checkpoint of others is refused.</summary>
    public string Fingerprint()
    {
        using var hash = new ContentHash("soups-multitask-1");
        hash.Add((long)batch);
        hash.Add([.. Enumerable.Range(0, Math.Min(64, examples.Length)).Select(i => (long)order.At(i))]);
        foreach (var example in examples)
            hash.Add([.. example.Tokens.Select((token, i) => example.Learned[i] ? token + (1L << 32) : token)]);
        return hash.Finish();
    }

    /// <summary>Trains the adapter in use to the last step; see <see cref="SupervisedTraining"/>.</summary>
    /// <param name="model">The frozen base with the adapter that is trained.</param>
    /// <param name="options">Settings.</param>
    /// <param name="checkpoint">Where the state is kept, or null for a run that cannot be resumed.</param>
    /// <param name="progress">Told how far it has come.</param>
    /// <param name="time">Clock for the rates reported.</param>
    /// <param name="cancellation">Stops after the current step; the state is kept.</param>
    /// <exception cref="DivergedException">Loss or gradient is not finite; the last checkpoint is intact.</exception>
    public void Run(
        ITrainableModel model,
        SupervisedOptions options,
        TrainingCheckpoint? checkpoint = null,
        IProgress<SupervisedProgress>? progress = null,
        TimeProvider? time = null,
        CancellationToken cancellation = default) =>
        SupervisedTraining.Run(model, Examples, options, checkpoint, progress, time, cancellation);
}

using System.Text;
using SoupsActors.Experts;
using SoupsActors.Generation;
using SoupsActors.Trainings;

namespace SoupsActors.Dashboard.Data.Training;

/// <summary>One prompt answered before and after a training.</summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="Before">Answer of the version that was to be beaten, or of the base.</param>
/// <param name="After">Answer of the trained weights.</param>
public sealed record SamplePair(string Prompt, string Before, string After);

/// <summary>
/// Answers prompts with the very weights that a training began with and ended with, published or not. Nothing is kept.
/// </summary>
public sealed class SampleAnswers(IGrainFactory grains)
{
    private const ulong Seed = 1;

    /// <summary>Answers a prompt with both; the same seed, so that what differs is the weights' doing.</summary>
    /// <exception cref="SoupsException">The training has no weights yet, or they cannot be run.</exception>
    public async Task<SamplePair> AnswerAsync(
        TrainingStatus training, string prompt, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(training);
        if (training.Policy?.Weights is not { } trained)
        {
            throw SoupsException.Conflict(
                "The policy is not trained yet. Wait for its phase to end.", "training_has_no_weights");
        }

        var before = AnswerAsync(training, prompt, LeaseOf(training.Parent, training), cancellationToken);
        var after = AnswerAsync(
            training,
            prompt,
            new ExpertLease(
                Guid.NewGuid().ToString("N"), training.Expert, training.Version ?? 0, trained.Hash, trained.Path,
                trained.BaseHash, training.Preference, DateTimeOffset.MaxValue),
            cancellationToken);
        return new SamplePair(prompt, await before, await after);
    }

    private static ExpertLease? LeaseOf(ExpertVersion? version, TrainingStatus training) => version is null
        ? null
        : new ExpertLease(
            Guid.NewGuid().ToString("N"), training.Expert, version.Number, version.Hash, version.Path,
            version.BaseHash, training.Preference, DateTimeOffset.MaxValue);

    private async Task<string> AnswerAsync(
        TrainingStatus training, string prompt, ExpertLease? lease, CancellationToken cancellationToken)
    {
        var request = new GeneratorRequest
        {
            Messages = [new ChatMessage("user", prompt)],
            Experts = lease is null ? [] : [new ExpertShare(lease, 1)],
            Sampling = new() { MaxTokens = training.Request.MaxTokens },
            Seed = Seed,
        };
        var text = new StringBuilder();
        var generator = await ChooseAsync();
        await foreach (var piece in generator.Generate(request, cancellationToken).WithCancellation(cancellationToken))
            text.Append(piece.Text);

        return text.ToString();
    }

    // These weights are nowhere resident, so the least busy device is as good as any.
    private async Task<IGeneratorGrain> ChooseAsync()
    {
        var known = await grains.GetGrain<IGeneratorDirectoryGrain>(IGeneratorDirectoryGrain.Key).Exchange([]);
        var least = known.Generators.MinBy(g => g.Load.Waiting + g.Load.Running);
        return grains.GetGrain<IGeneratorGrain>(least?.Key ?? GeneratorKeys.Default);
    }
}

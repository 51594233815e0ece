using SoupsActors.Grains.Trainings.Work;
using SoupsActors.Learning.Data;
using SoupsActors.Learning.Rollouts;
using SoupsActors.Models.Tokenization.Chat;

namespace SoupsActors.Grains.Trainings.Stages;

/// <summary>
/// The comparisons of a training in two parts with no prompt in common: most are learnt from, the others are kept back
/// to compare versions on. What the guide keeps back is never learnt from or practised on.
/// </summary>
internal sealed class TrainingSet
{
    private readonly ITrainingGuide guide;

    private TrainingSet(IReadOnlyList<(Comparison Comparison, bool HeldOut)> all, ITrainingGuide guide)
    {
        this.guide = guide;
        Learnt = [.. all.Where(c => !c.HeldOut).Select(c => c.Comparison)];
        HeldOut = [.. all.Where(c => c.HeldOut).Select(c => c.Comparison)];
    }

    /// <summary>To learn from.</summary>
    public IReadOnlyList<Comparison> Learnt { get; }

    /// <summary>Kept back.</summary>
    public IReadOnlyList<Comparison> HeldOut { get; }

    /// <summary>Different prompts to practise on.</summary>
    public IReadOnlyList<AskedPrompt> Practice
    {
        get
        {
            var without = guide.HeldOutPrompts.ToHashSet(StringComparer.Ordinal);
            var learnt = Asked(Learnt).Where(p => !without.Contains(p.Text));
            without.UnionWith(HeldOut.Select(c => c.Prompt));
            return Distinct(learnt, guide.Prompts.Where(text => !without.Contains(text)));
        }
    }

    /// <summary>Different prompts to compare versions on.</summary>
    public IReadOnlyList<AskedPrompt> Evaluation => Distinct(Asked(HeldOut), guide.HeldOutPrompts);

    /// <summary>
    /// The part that each comparison is in: true where it is kept back; null where one part would be empty.
    /// </summary>
    public static bool[]? Split(IReadOnlyList<Comparison> comparisons, ITrainingGuide guide) =>
        HeldOutPrompts.Of(comparisons, guide.HeldOutPrompts) is { } heldOut
            ? [.. comparisons.Select(heldOut.Contains)]
            : null;

    /// <summary>Makes a set of comparisons and their parts.</summary>
    public static TrainingSet Of(IEnumerable<(Comparison Comparison, bool HeldOut)> all, ITrainingGuide guide) =>
        new([.. all], guide);

    /// <summary>The comparisons that a training has collected.</summary>
    /// <exception cref="InvalidDataException">They were changed on disk.</exception>
    public static TrainingSet Of(StageContext context) => Of(
        TrainingFile.Read(context.Folder.Data, context.Training.Data!.Hash), context.Services.Guide);

    /// <summary>Those prompts that leave room for an answer, as the model reads them, in an order of their own.</summary>
    public static IReadOnlyList<RolloutPrompt> Fitting(IEnumerable<AskedPrompt> prompts, StageContext context) =>
    [
        .. prompts.Select(p => new RolloutPrompt(p.Text, context.Format.Prompt(p.Text, p.Earlier)))
            .Where(p => p.Tokens.Length + context.Request.MaxTokens <= context.Format.MaxTokens)
            .OrderBy(p => TrainingFolder.Spread(p.Text)),
    ];

    private static IEnumerable<AskedPrompt> Asked(IEnumerable<Comparison> comparisons) =>
        comparisons.DistinctBy(HeldOutPrompts.KeyOf).Select(c => new AskedPrompt(c.Prompt, c.Earlier));

    /// <summary>A bare text is left out where a conversation asks the same.</summary>
    private static AskedPrompt[] Distinct(IEnumerable<AskedPrompt> asked, IEnumerable<string> texts)
    {
        AskedPrompt[] conversations = [.. asked];
        var known = conversations.Select(p => p.Text).ToHashSet(StringComparer.Ordinal);
        return [.. conversations, .. texts.Where(known.Add).Select(text => new AskedPrompt(text, []))];
    }
}

/// <summary>What is asked: a user's message and the conversation before it.</summary>
internal sealed record AskedPrompt(string Text, IReadOnlyList<ChatTurn> Earlier);

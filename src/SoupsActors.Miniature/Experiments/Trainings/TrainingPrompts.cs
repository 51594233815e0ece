using SoupsActors.Learning.Data;
using SoupsActors.Learning.Policy;
using SoupsActors.Learning.Rewards;
using SoupsActors.Learning.Rollouts;
using SoupsActors.Miniature.Corpus;

namespace SoupsActors.Miniature.Experiments.Trainings;

/// <summary>
/// What policies are trained in: questions about the training topics, bare or with preferences stated.
/// </summary>
internal static class TrainingPrompts
{
    /// <summary>The sentences of all preferences.</summary>
    public static PreferencePrompts Words { get; } = new(Preferences.All.ToDictionary(p => p.Id, p => p.Prompt));

    /// <summary>Bare questions, drawn anew for each step.</summary>
    public static PpoEnvironment Bare(
        ExperimentContext context, string stage, IRewardSource reward, PolicyTrainingOptions options)
    {
        var questions = Questions(context);
        return new PpoEnvironment
        {
            BaseHash = context.Model.BaseHash,
            Prompts = step =>
            {
                var random = context.RandomOf(stage + "/prompts", step);
                return [.. Enumerable.Range(0, options.Prompts).Select(_ => questions[random.Next(questions.Length)])];
            },
            Rollouts = context.Model.Rollouts,
            Reward = reward,
        };
    }

    /// <summary>Questions that state a combination, both drawn, and the mean of its reward models.</summary>
    public static PpoEnvironment Stating(
        ExperimentContext context,
        string stage,
        IReadOnlyList<IReadOnlyList<Preference>> combinations,
        IReadOnlyDictionary<string, IRewardSource> rewards,
        PolicyTrainingOptions options) =>
        new PromptedMorl
        {
            Questions = Questions(context),
            Combinations = [.. combinations.Select(c => (string[])[.. c.Select(p => p.Id)])],
            Words = Words,
            Format = context.Model.Format,
            Rewards = rewards,
            QuestionsPerStep = options.Prompts,
            Seed = context.SeedOf(stage + "/prompts"),
        }.Environment(context.Model.BaseHash, context.Model.Rollouts);

    /// <summary>Every question about every training topic.</summary>
    public static RolloutPrompt[] Questions(ExperimentContext context) =>
    [
        .. from topic in CorpusGenerator.Default.Topics.Training
           from form in QuestionForm.All
           where form.Fits(topic)
           let text = CorpusGenerator.Question(topic, form)
           select new RolloutPrompt(text, context.Model.Format.Prompt(text)) { Topic = topic.Id },
    ];
}

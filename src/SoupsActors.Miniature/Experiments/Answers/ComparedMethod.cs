using System.Collections.Immutable;
using SoupsActors.Learning;
using SoupsActors.Learning.Rollouts;

namespace SoupsActors.Miniature.Experiments.Answers;

/// <summary>A way to answer users who want a combination of preferences.</summary>
/// <param name="Name">Short name in tables.</param>
/// <param name="Description">What it does, in one sentence.</param>
/// <param name="Policy">The weights it answers a combination with.</param>
internal sealed record ComparedMethod(
    string Name, string Description, Func<ImmutableArray<Preference>, RolloutPolicy> Policy)
{
    /// <summary>Whether the prompt states the combination's sentences.</summary>
    public bool StatesPreferences { get; init; }

    /// <summary>Whether it answers all combinations alike, because neither weights nor prompt depend on them.</summary>
    public bool IsTheSameForAll { get; init; }
}

/// <summary>An answer as it is stored.</summary>
/// <param name="Text">Its words.</param>
/// <param name="Ended">Whether it ended by itself.</param>
internal sealed record StoredAnswer(string Text, bool Ended);

/// <summary>What methods answered: for each method, and each combination, one answer a question.</summary>
internal sealed class AnswerSheets(IReadOnlyList<string> methods, IReadOnlyDictionary<string, StoredAnswer[][]> sheets)
{
    public IReadOnlyList<string> Methods { get; } = methods;

    public StoredAnswer[] Of(string method, int combination) => sheets[method][combination];

    public string[] Texts(string method, int combination) => [.. Of(method, combination).Select(a => a.Text)];

    /// <summary>Lets every method answer every question for every combination; each method is a stage.</summary>
    public static async Task<AnswerSheets> CollectAsync(
        ExperimentContext context,
        IReadOnlyList<ComparedMethod> methods,
        IReadOnlyList<ImmutableArray<Preference>> combinations,
        IReadOnlyList<HeldOutQuestion> questions,
        int maxTokens,
        CancellationToken cancellationToken)
    {
        var sheets = new Dictionary<string, StoredAnswer[][]>();
        foreach (var method in methods)
        {
            var stage = "answers-" + string.Concat(method.Name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-'));
            sheets[method.Name] = await context.StageAsync(stage, () => AnswerAllAsync(method, stage));
        }

        return new AnswerSheets([.. methods.Select(m => m.Name)], sheets);

        async Task<StoredAnswer[][]> AnswerAllAsync(ComparedMethod method, string stage)
        {
            var answers = new StoredAnswer[combinations.Count][];
            for (var c = 0; c < combinations.Count; c++)
            {
                context.Report(stage, c, combinations.Count);
                answers[c] = c > 0 && method.IsTheSameForAll
                    ? answers[0]
                    : await AnswerAsync(
                        context.Model,
                        method,
                        combinations[c],
                        questions,
                        maxTokens,
                        context.SeedOf("answers " + string.Join(" ", combinations[c].Select(p => p.Id))),
                        cancellationToken);
            }

            return answers;
        }
    }

    /// <summary>The same seed for all methods, so that equal weights and prompts give equal answers.</summary>
    private static async Task<StoredAnswer[]> AnswerAsync(
        LearningModel model,
        ComparedMethod method,
        ImmutableArray<Preference> combination,
        IReadOnlyList<HeldOutQuestion> questions,
        int maxTokens,
        ulong seed,
        CancellationToken cancellationToken)
    {
        var prompts = questions.Select(q =>
        {
            var text = q.Stating(method.StatesPreferences ? combination : []);
            return new RolloutPrompt(text, model.Format.Prompt(text)) { Topic = q.Topic.Id };
        });
        var rollouts = await model.Rollouts.SampleAsync(
            [.. prompts],
            method.Policy(combination),
            new RolloutOptions { MaxTokens = maxTokens, Seed = seed },
            cancellationToken);
        return [.. rollouts.Select(r => new StoredAnswer(r.Text, r.Ended))];
    }
}

using Microsoft.Extensions.AI;
using SoupsActors.Grains.Trainings;
using SoupsActors.Learning.Judging;
using SoupsActors.Miniature.Corpus;
using SoupsActors.Miniature.Judges;

namespace SoupsActors.Silo.Hosting;

/// <summary>Judges by the language model that the host has registered for it, if any.</summary>
internal class ChatGuide(IChatClient? client) : TrainingGuide
{
    public override IJudge? Chat { get; } = client is null ? null : new ChatClientJudge(client);
}

/// <summary>The packaged model's own rules and questions: its judges know the topics it can talk about.</summary>
internal sealed class MiniatureGuide(IChatClient? client) : ChatGuide(client)
{
    private readonly CorpusGenerator corpus = CorpusGenerator.Default;

    public override IReadOnlyList<string> Prompts => field ??=
    [
        .. from topic in corpus.Topics.Training
           from form in QuestionForm.All
           where form.Fits(topic)
           select form.Ask(topic),
    ];

    public override IReadOnlyList<string> HeldOutPrompts => field ??=
        [.. corpus.EvaluationQuestions().Select(q => q.Form.Ask(q.Topic))];

    public override IJudge? Rules(string preference) => Knows(preference) ? RuleJudge.Default : null;

    public override Func<string, string, double>? Gold(string preference) => Knows(preference)
        ? (_, answer) => JudgePanel.Default.Satisfies(preference, answer) ? 1 : 0
        : null;

    private static bool Knows(string preference) => Miniature.Preferences.All.Any(p => p.Id == preference);
}

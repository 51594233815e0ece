using SoupsActors.Grains.Trainings.Work;
using SoupsActors.Learning.Judging;
using SoupsActors.Learning.Rollouts;
using SoupsActors.Models.Experts;
using SoupsActors.Models.Training;
using SoupsActors.Tensors;

namespace SoupsActors.Grains.Trainings.Stages;

/// <summary>
/// Lets two versions answer the same questions and has their answers judged, some questions at a time. What is found
/// goes into a log at once, and what is there already is not done again.
/// </summary>
/// <param name="context">The evaluation.</param>
/// <param name="questions">The questions; a prompt that is there twice is answered twice.</param>
/// <param name="log">What was found before.</param>
internal sealed class VersionComparison(
    StageContext context, IReadOnlyList<RolloutPrompt> questions, EvaluationLog log)
{
    private const int AtOnce = 64;
    private const ulong EvaluationSeed = 0x65766121;

    public async Task RunAsync(
        TrainableTransformer transformer,
        Expert candidate,
        Expert? parent,
        IJudge judge,
        CancellationToken cancellationToken)
    {
        using var adapter = LoraAdapter.From(transformer.Backend, transformer.Config, candidate.Factors);
        using var tape = new Tape(transformer.Backend, recording: false);
        context.Report(log.Judgements.Count, questions.Count);
        foreach (var part in Enumerable.Range(0, questions.Count).Chunk(AtOnce))
        {
            if (!part.All(log.Answers.ContainsKey))
                await AnswerAsync(part, candidate, parent, LogRatio, cancellationToken);
            foreach (var question in part.Where(q => !log.Judgements.ContainsKey(q)))
            {
                await context.YieldAsync(cancellationToken);
                log.Add(question, await JudgeAsync(question, judge, cancellationToken));
                context.Report(log.Judgements.Count, questions.Count);
            }
        }

        double LogRatio(Rollout answer)
        {
            int[] all = [.. answer.Prompt.Tokens, .. answer.Response];
            var sequences = PackedSequences.Pack([all[..^1]]);
            var targets = all[1..];
            targets.AsSpan(0, answer.Prompt.Tokens.Length - 1).Fill(-1);
            return Losses(null) - Losses(adapter);

            double Losses(LoraAdapter? with)
            {
                transformer.Adapter = with;
                var losses = transformer.Logits(tape, sequences).CrossEntropy(targets).ToArray();
                tape.Reset();
                return losses.Sum(loss => (double)loss);
            }
        }
    }

    // Draws depend on the part and the place in it, so a part that was cut off is answered as a whole, with equal draws.
    private async Task AnswerAsync(
        int[] part,
        Expert candidate,
        Expert? parent,
        Func<Rollout, double> logRatio,
        CancellationToken cancellationToken)
    {
        var request = context.Request;
        var settings = new RolloutOptions
        {
            MaxTokens = request.MaxTokens,
            Seed = RolloutSeeds.Of(RolloutSeeds.Of(EvaluationSeed, unchecked((int)request.Seed)), part[0]),
            Sampling = new() { Temperature = (float)(context.Model.Model.Generation.Temperature ?? 1) },
        };
        var rollouts = context.OpenRollouts();
        RolloutPrompt[] asked = [.. part.Select(q => questions[q])];
        var mine = await rollouts.SampleAsync(asked, RolloutPolicy.Of(candidate), settings, cancellationToken);
        var theirs = await rollouts.SampleAsync(
            asked, parent is null ? RolloutPolicy.Base : RolloutPolicy.Of(parent), settings, cancellationToken);
        for (var i = 0; i < part.Length; i++)
        {
            if (log.Answers.ContainsKey(part[i]))
                continue;
            await context.YieldAsync(cancellationToken);
            log.Add(part[i], new ComparedAnswers(mine[i].Response, theirs[i].Response, logRatio(mine[i])));
        }
    }

    private Task<Judgement> JudgeAsync(int question, IJudge judge, CancellationToken cancellationToken)
    {
        var (mine, theirs, _) = log.Answers[question];
        return judge.CompareAsync(
            new Criterion(context.Training.Preference, context.Training.Criterion),
            questions[question].Text,
            context.Format.Text(mine),
            context.Format.Text(theirs),
            cancellationToken);
    }
}

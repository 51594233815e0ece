using System.Text.Json;
using SoupsActors.Learning.Data;
using SoupsActors.Learning.Rewards;
using SoupsActors.Models.Files;
using Spectre.Console;

namespace SoupsActors.Cli.Learning;

/// <summary>What became of the labels.</summary>
/// <param name="Members">Reward models of the ensemble.</param>
/// <param name="Pairs">Comparisons.</param>
/// <param name="Contradicted">Those whose label the ensemble's mean contradicts.</param>
/// <param name="Flipped">Those of them that were swapped.</param>
/// <param name="Smoothed">Those of them that were smoothed.</param>
/// <param name="Margins">Whether the ensemble's differences became margins.</param>
/// <param name="MeanStrength">Mean strength of all labels as they were given.</param>
internal sealed record DenoisingCounts(
    int Members, int Pairs, int Contradicted, int Flipped, int Smoothed, bool Margins, double MeanStrength);

/// <summary>
/// Labels cleaned by an ensemble (Secrets of RLHF II, arXiv 2401.06080): reward models that differ in seeds and order
/// learn the same comparisons, and how far they set the two answers apart says how much a label is worth.
/// </summary>
internal sealed record LearnDenoising(IReadOnlyList<TokenPair> Pairs, DenoisingCounts Counts)
{
    private const string Strengths = "strengths.jsonl";

    /// <summary>Trains the ensemble, or goes on with it, and cleans the labels by it.</summary>
    public static async Task<LearnDenoising> RunAsync(
        LearnRun run,
        LearnSettings settings,
        RewardModelOptions shape,
        RewardTrainingOptions options,
        DenoiseSettings denoise,
        IReadOnlyList<Comparison> comparisons,
        IReadOnlyList<TokenPair> pairs,
        CancellationToken stop)
    {
        var members = new List<RewardModel>();
        try
        {
            for (var m = 0; m < denoise.Members; m++)
            {
                var own = options.ForMember(m);
                var member = RewardModel.Create(run.Model.Transformer, run.Model.BaseHash, shape.ForMember(m));
                members.Add(member);
                await run.TrainAsync(
                    $"member {m + 1}",
                    own.Steps,
                    $"{settings.Lora}/{RewardTraining.Fingerprint(own, pairs)}",
                    (checkpoint, progress) => RewardTraining.RunAsync(
                        member,
                        PairOrder.Mixed(pairs, own.BatchPairs, own.Seed),
                        own,
                        checkpoint,
                        progress,
                        cancellation: stop),
                    part: $"member-{m + 1}");
            }

            var strengths = PreferenceStrength.Measure(members, pairs, stop);
            var flipped = LabelDenoising.Doubtful(strengths, denoise.Cleaning.FlipShare).ToHashSet();
            var contradicted = strengths.Count(s => s.Mean < 0);
            Save(Path.Combine(run.Work, Strengths), comparisons, strengths, flipped);
            return new LearnDenoising(
                LabelDenoising.Apply(pairs, strengths, denoise.Cleaning),
                new DenoisingCounts(
                    members.Count,
                    pairs.Count,
                    contradicted,
                    flipped.Count,
                    denoise.Cleaning.SmoothNegative > 0 ? contradicted - flipped.Count : 0,
                    denoise.Cleaning.AdaptiveMargin,
                    strengths.Average(s => s.Mean)));
        }
        finally
        {
            members.ForEach(m => m.Dispose());
        }
    }

    /// <summary>The details of a reward model's card with what was done to its labels.</summary>
    public Dictionary<string, string> AddTo(IReadOnlyDictionary<string, string> details) =>
        new(details) { ["denoising"] = JsonSerializer.Serialize(Counts) };

    public void Write(IAnsiConsole console, string work) => console.WriteLine(
        $"The ensemble of {Counts.Members} contradicts {Counts.Contradicted} of {Counts.Pairs} labels: "
        + $"{Counts.Flipped} swapped, {Counts.Smoothed} smoothed. {Path.Combine(work, Strengths)} says how strongly it "
        + "agrees with each.");

    private static void Save(
        string path,
        IReadOnlyList<Comparison> comparisons,
        PreferenceStrength[] strengths,
        HashSet<int> flipped) => AtomicFile.Write(path, stream =>
        {
            for (var i = 0; i < strengths.Length; i++)
            {
                JsonSerializer.Serialize(stream, new
                {
                    prompt = comparisons[i].Prompt,
                    chosen = comparisons[i].Chosen,
                    rejected = comparisons[i].Rejected,
                    strength = strengths[i].Mean,
                    deviation = strengths[i].StandardDeviation,
                    flipped = flipped.Contains(i),
                });
                stream.WriteByte((byte)'\n');
            }
        });
}

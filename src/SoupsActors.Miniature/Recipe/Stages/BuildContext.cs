using SoupsActors.Learning;
using SoupsActors.Learning.Training;
using SoupsActors.Miniature.Corpus;
using SoupsActors.Miniature.Judges;
using SoupsActors.Tensors;

namespace SoupsActors.Miniature.Recipe.Stages;

/// <summary>What the stages of a build share.</summary>
internal sealed class BuildContext(
    Backend backend, MiniatureRecipe recipe, MiniatureFolder folder, IProgress<BuildProgress>? progress)
{
    private readonly BuildPlan plan = new(recipe);

    public Backend Backend { get; } = backend;

    public MiniatureRecipe Recipe { get; } = recipe;

    public MiniatureFolder Folder { get; } = folder;

    public CorpusGenerator Corpus { get; } = CorpusGenerator.Default;

    public JudgePanel Judges { get; } = JudgePanel.Default;

    public BuildCosts Costs { get; } = BuildCosts.Open(folder);

    /// <summary>A report of a stage that has just begun.</summary>
    public StageReport Begin(string stage, int steps)
    {
        var report = new StageReport(plan, progress, stage, steps);
        report.Begin();
        return report;
    }

    public string WorkFile(string name) => Path.Combine(Folder.Work, name);

    public string Fingerprint(string stage) => $"{Recipe.Fingerprint()}/{stage}";

    public Checkpoint Checkpoint(string stage) => new(WorkFile(stage + ".safetensors"), Fingerprint(stage));

    public LearningModel OpenBase(CancellationToken cancellation) =>
        LearningModel.Load(Folder.Base, Backend, cancellationToken: cancellation);

    /// <summary>A seed for one purpose; string hashes differ from process to process, this sum does not.</summary>
    public int Seed(string purpose) =>
        purpose.Aggregate(Recipe.Seed * 7919 + 17, (sum, c) => unchecked(sum * 31 + c)) & int.MaxValue;
}

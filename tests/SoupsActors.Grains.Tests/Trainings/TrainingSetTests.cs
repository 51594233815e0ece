using System.Security.Cryptography;
using System.Text.Json;
using SoupsActors.Grains.Trainings.Stages;
using SoupsActors.Grains.Trainings.Work;
using SoupsActors.Learning.Data;
using SoupsActors.Models.Tokenization.Chat;
using SoupsActors.Testing;

namespace SoupsActors.Grains.Tests.Trainings;

/// <summary>What is kept back is neither learnt from nor practised on.</summary>
public sealed class TrainingSetTests
{
    private readonly ScriptedGuide guide = new();

    [Fact]
    public void comparisons_about_prompts_that_the_guide_keeps_back_are_kept_back()
    {
        guide.KeptBack.AddRange(["kept", "kept too"]);
        var inConversation = StageLab.About("kept") with { Earlier = [new ChatTurn("system", "Be kind.")] };
        var set = Split([.. Prompts(20), StageLab.About("kept"), inConversation])!;
        Assert.DoesNotContain(set.Learnt, c => c.Prompt == "kept");
        Assert.Equal(2, set.HeldOut.Count(c => c.Prompt == "kept"));
        Assert.Null(Split([StageLab.About("kept"), StageLab.About("kept too")]));
        Assert.NotNull(Split([StageLab.About("kept"), StageLab.About("other")]));
    }

    [Fact]
    public void no_prompt_that_versions_are_compared_on_is_practised()
    {
        var comparisons = Prompts(100);
        var heldOut = Split(comparisons)!.HeldOut[0].Prompt;
        guide.Practised.AddRange(["practised", "kept", heldOut]);
        guide.KeptBack.AddRange(["kept", "kept"]);
        var set = Split(comparisons)!;
        var practice = set.Practice.Select(p => p.Text).ToArray();
        Assert.Contains("practised", practice);
        Assert.Empty(practice.Intersect(set.Evaluation.Select(p => p.Text)));
        Assert.Contains(heldOut, set.Evaluation.Select(p => p.Text));
    }

    [Fact]
    public void every_prompt_is_there_once()
    {
        guide.Practised.AddRange(["prompt 0", "prompt 1", "new", "new"]);
        guide.KeptBack.AddRange(["kept", "kept"]);
        var set = Split([.. Prompts(60), .. Prompts(60), StageLab.About("kept"), StageLab.About("kept")])!;
        Assert.Equal(set.Practice.Count, set.Practice.DistinctBy(p => p.Text).Count());
        Assert.Equal(set.Evaluation.Count, set.Evaluation.DistinctBy(p => p.Text).Count());
        Assert.Equal(62, set.Practice.Count + set.Evaluation.Count);
    }

    [Theory]
    [InlineData(2, 1, 1)]
    [InlineData(20, 5, 5)]
    [InlineData(32, 8, 8)]
    [InlineData(40, 8, 12)]
    [InlineData(1000, 70, 130)]
    public void enough_prompts_are_kept_back_to_tell_versions_apart(int prompts, int atLeast, int atMost)
    {
        var set = Split(Prompts(prompts))!;
        Assert.InRange(set.Evaluation.Count, atLeast, atMost);
        Assert.Equal(prompts, set.Evaluation.Count + set.Learnt.Count);
    }

    [Fact]
    public void where_the_guide_keeps_enough_back_one_prompt_in_ten_is_left_to_it()
    {
        guide.KeptBack.AddRange(Enumerable.Range(0, 32).Select(i => $"kept {i}"));
        Assert.InRange(Split(Prompts(40))!.HeldOut.Count, 1, 8);
    }

    [Fact]
    public void what_was_kept_back_is_not_learnt_from_when_there_is_more_of_it()
    {
        var before = Split(Prompts(100))!.HeldOut.Select(c => c.Prompt);
        Assert.Empty(Split(Prompts(300))!.Learnt.Select(c => c.Prompt).Intersect(before));
    }

    [Fact]
    public async Task what_is_read_is_what_was_written_whatever_the_guide_says_by_then()
    {
        using var folder = new TemporaryFolder();
        var comparisons = Prompts(30);
        var parts = TrainingSet.Split(comparisons, guide)!;
        var hash = await TrainingFile.WriteAsync(
            folder["data"], comparisons.Zip(parts), TestContext.Current.CancellationToken);
        guide.KeptBack.Add("prompt 3");
        var read = TrainingFile.Read(folder["data"], hash);
        Assert.Equal(comparisons.Select(c => c.Prompt), read.Select(r => r.Comparison.Prompt));
        Assert.Equal(parts, read.Select(r => r.HeldOut));
    }

    [Fact]
    public void a_file_of_an_older_program_is_split_as_that_program_split_it()
    {
        using var folder = new TemporaryFolder();
        var comparisons = Prompts(40);
        var bytes = comparisons.SelectMany(c => (byte[])[.. JsonSerializer.SerializeToUtf8Bytes(c), (byte)'\n']).ToArray();
        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
        Directory.CreateDirectory(folder["data"]);
        File.WriteAllBytes(Path.Combine(folder["data"], hash + ".jsonl"), bytes);
        Assert.Equal(
            comparisons.Where(c => TrainingFolder.Spread($"[\"{c.Prompt}\"]") % 10 == 0).Select(c => c.Prompt),
            TrainingFile.Read(folder["data"], hash).Where(r => r.HeldOut).Select(r => r.Comparison.Prompt));
    }

    private static Comparison[] Prompts(int count) =>
        [.. Enumerable.Range(0, count).Select(i => StageLab.About($"prompt {i}"))];

    private TrainingSet? Split(Comparison[] comparisons) => TrainingSet.Split(comparisons, guide) is { } heldOut
        ? TrainingSet.Of(comparisons.Zip(heldOut), guide)
        : null;
}

using System.Text.Json;
using SoupsActors.Miniature.Recipe.Stages;
using SoupsActors.Models.Files;
using SoupsActors.Tensors;

namespace SoupsActors.Miniature.Recipe;

/// <summary>
/// Builds the miniature from nothing but the corpus, as the papers do it with large models: tokenizer and base; answers
/// that judges compare; a reward model for each preference; an expert for each, by PPO against its reward model; and at
/// last what the judges say. A build that was stopped goes on where it was; one of another recipe in the same folder is
/// refused.
/// </summary>
public sealed class MiniatureBuilder(Backend backend, MiniatureRecipe recipe, MiniatureFolder folder)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n" };

    /// <summary>Makes what is missing.</summary>
    /// <param name="progress">Told about every stage.</param>
    /// <param name="cancellation">Stops after the current training step; nothing done is lost.</param>
    /// <exception cref="InvalidOperationException">The folder holds results of another recipe.</exception>
    /// <exception cref="DivergedException">A training left its bounds; its last good state is kept.</exception>
    public async Task BuildAsync(IProgress<BuildProgress>? progress = null, CancellationToken cancellation = default)
    {
        CheckRecipe();
        Directory.CreateDirectory(folder.Work);
        var build = new BuildContext(backend, recipe, folder, progress);
        BaseStage.Run(build, cancellation);
        await using (var model = build.OpenBase(cancellation))
        {
            var (training, heldOut) = await AnswerStage.RunAsync(build, model, cancellation);
            foreach (var preference in Preferences.All)
                await RewardStage.RunAsync(build, model, preference, training, heldOut, cancellation);
            foreach (var preference in Preferences.All)
                await ExpertStage.RunAsync(build, model, preference, cancellation);
        }

        await EvaluationStage.RunAsync(build, cancellation);
        Directory.Delete(folder.Work, recursive: true);
    }

    private void CheckRecipe()
    {
        var path = Path.Combine(folder.Root, "recipe.json");
        if (!File.Exists(path))
        {
            AtomicFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(recipe, Indented));
            return;
        }

        var found = JsonSerializer.Deserialize<MiniatureRecipe>(File.ReadAllText(path));
        if (found?.Fingerprint() != recipe.Fingerprint())
        {
            throw new InvalidOperationException(
                $"{folder.Root} holds a miniature of another recipe. Delete the folder to build anew, or choose another one.");
        }
    }
}

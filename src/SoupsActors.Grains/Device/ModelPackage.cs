namespace SoupsActors.Grains.Device;

/// <summary>
/// A model on disk with the experts made for it: either a Hugging Face folder with experts in <c>experts/&lt;id&gt;</c>
/// inside, or a folder that holds <c>base</c> and <c>experts</c> side by side, as the miniature's does.
/// </summary>
/// <param name="Name">What people call it: the folder's name.</param>
/// <param name="ModelFolder">The Hugging Face folder.</param>
/// <param name="ExpertsFolder">Holds one folder for each expert; need not exist.</param>
public sealed record ModelPackage(string Name, string ModelFolder, string ExpertsFolder)
{
    /// <summary>The package in a folder, or null where there is none.</summary>
    public static ModelPackage? Find(string folder)
    {
        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        var name = Path.GetFileName(path).ToLowerInvariant();
        foreach (var model in (string[])[path, Path.Combine(path, "base")])
        {
            if (File.Exists(Path.Combine(model, "config.json")))
                return new ModelPackage(name, model, Path.Combine(path, "experts"));
        }

        return null;
    }
}

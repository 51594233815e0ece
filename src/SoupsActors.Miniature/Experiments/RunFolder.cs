using System.Text.Json;
using SoupsActors.Models.Files;

namespace SoupsActors.Miniature.Experiments;

/// <summary>The output folder of one run, held against a second run until it is disposed of.</summary>
internal sealed class RunFolder : IDisposable
{
    public const string CardName = "experiment.json";

    private readonly FileStream held;

    private RunFolder(FileStream held) => this.held = held;

    /// <exception cref="InvalidOperationException">The folder is in use, or holds something else.</exception>
    public static RunFolder Open(string folder, RunCard card)
    {
        var file = Path.Combine(folder, CardName);
        if (File.Exists(file))
            CheckCard(folder, file, card);
        else if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw new InvalidOperationException(
                $"{folder} is not empty and holds no experiment. Choose a new folder for --out.");
        else
            AtomicFile.Write(file, card.ToJson());
        var work = Path.Combine(folder, "work");
        Directory.CreateDirectory(work);
        try
        {
            return new RunFolder(new FileStream(
                Path.Combine(work, "lock"),
                FileMode.OpenOrCreate,
                FileAccess.Write,
                FileShare.None,
                1,
                FileOptions.DeleteOnClose));
        }
        catch (IOException error)
        {
            throw new InvalidOperationException(
                $"Another run is working in {folder}. Wait for it, or choose another --out.", error);
        }
    }

    public void Dispose() => held.Dispose();

    private static void CheckCard(string folder, string file, RunCard card)
    {
        string? difference;
        try
        {
            difference = card.DifferenceTo(File.ReadAllBytes(file));
        }
        catch (JsonException)
        {
            difference = $"{CardName}, which cannot be read";
        }

        if (difference is not null)
        {
            throw new InvalidOperationException(
                $"{folder} holds a run with other settings: {difference}. Choose another --out, or delete the "
                + "folder to start anew.");
        }
    }
}

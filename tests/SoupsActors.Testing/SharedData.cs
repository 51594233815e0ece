namespace SoupsActors.Testing;

/// <summary>
/// Files that live beside a checkout and that a user's clone does not have; tests that need them skip visibly.
/// </summary>
public static class SharedData
{
    /// <summary>The path of a file or folder of the shared data, or a skipped test with the reason.</summary>
    public static string Require(string relativePath)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "shared", relativePath);
            if (Path.Exists(candidate))
                return candidate;
        }

        Assert.Skip($"shared/{relativePath} is not beside this checkout.");
        throw new InvalidOperationException();
    }
}

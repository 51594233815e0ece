namespace SoupsActors.Models.Files;

/// <summary>
/// A model or adapter file that is damaged, hostile or not supported. The message names the file, the tensor or key at
/// fault, and what to do about it.
/// </summary>
public sealed class ModelFormatException : Exception
{
    /// <summary>Creates the error for one file.</summary>
    /// <param name="path">File or folder at fault.</param>
    /// <param name="problem">What is wrong, and what to do.</param>
    /// <param name="inner">The parser's own error, if any.</param>
    public ModelFormatException(string path, string problem, Exception? inner = null)
        : base($"{path}: {problem}", inner) => Path = path;

    /// <summary>File or folder at fault.</summary>
    public string Path { get; }
}
